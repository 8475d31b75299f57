package appnet_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/provisioning/node"
)

// A visit is a try to reach an address, and who is to answer.
type visit struct {
	from    place
	network string
	address string
	want    string // "" for nobody
}

func (v visit) String() string { return fmt.Sprintf("%s -> %s %s", v.from.name, v.network, v.address) }

// visits tries all at once and returns who answered each, given how long each may take.
func visits(list []visit, within func(visit) time.Duration) []string {
	got := make([]string, len(list))
	var g errgroup.Group
	g.SetLimit(100)
	for i, v := range list {
		g.Go(func() error {
			got[i] = v.from.ask(v.network, v.address, within(v))
			return nil
		})
	}
	g.Wait()
	return got
}

// open is for visits that are to succeed, shut for those that are to come to nothing.
func open(visit) time.Duration { return enough }
func shut(visit) time.Duration { return patience }

// forbidden is what must not be, with who would answer if it were.
func (w *town) forbidden(t *testing.T) (list []visit) {
	add := func(want string, from place, addresses ...string) {
		for _, a := range addresses {
			for _, network := range []string{"tcp4", "udp4"} {
				list = append(list, visit{from: from, network: network, address: a, want: want})
			}
		}
	}
	at := func(ip string, ports []string) (addresses []string) {
		for _, p := range ports {
			addresses = append(addresses, ip+":"+p)
		}
		return addresses
	}
	apps := []place{w.app, w.app2, w.group, w.group2}
	// The owner's containers and the LAN are outsiders to the pool as apps are.
	for _, from := range append([]place{w.mine, w.person}, apps...) {
		add("node", from, at(home, enginePorts())...)
		add("node", from, home+":51820", home+":80")
		add("far", from, at(third, enginePorts())...)
		add("far", from, third+":20005", third+":443", third+":2222")
		for _, to := range apps {
			if to == from {
				continue
			}
			add(to.name, from, home+":"+w.mappedTo[to.name])
			add(to.name, from, w.address(t, to)+":"+mapped, w.address(t, to)+":"+inner)
		}
	}
	for _, from := range apps {
		add("mine", from, w.address(t, w.mine)+":"+inner)
	}
	// Members have no business but at the ports of the pool.
	add("node", w.member, at(home, []string{"8500", "4646", "8082", "80", "443"})...)
	list = append(list, visit{from: w.member, network: "udp4", address: home + ":51820", want: "node"})
	add("node", w.member, lan+":80", lan+":7080")
	add("person", w.member, lanPerson+":7000")
	for _, to := range append([]place{w.mine}, apps...) {
		add(to.name, w.member, w.address(t, to)+":"+mapped)
	}
	add("app", w.member, lan+":"+onLAN)
	return list
}

// allowed is what must go on.
func (w *town) allowed(t *testing.T) (list []visit) {
	add := func(want string, from place, network string, addresses ...string) {
		for _, a := range addresses {
			list = append(list, visit{from: from, network: network, address: a, want: want})
		}
	}
	both := func(want string, from place, addresses ...string) {
		add(want, from, "tcp4", addresses...)
		add(want, from, "udp4", addresses...)
	}
	apps := []place{w.app, w.app2, w.group, w.group2}
	for _, a := range apps {
		// The door, on this machine and on another member's, reaches each app.
		both(a.name, w.at, home+":"+w.mappedTo[a.name])
		both(a.name, w.member, home+":"+w.mappedTo[a.name])
		// An app reaches itself, the door, the LAN and what others offer there.
		both(a.name, a, "127.0.0.1:"+mapped)
		both("node", a, lan+":80", lan+":443", lan+":2222")
		both("person", a, lanPerson+":7000")
		both("mine", a, lan+":"+ownerLAN)
		if a != w.app {
			both("app", a, lan+":"+onLAN)
		}
	}
	// Engines among themselves and from member to member, and the port at which a
	// member that is a front door hands machines on that join.
	for _, port := range []string{"8300", "8301", "4647", "4648", "7946", "7947", "7080", "51820"} {
		add("node", w.member, "tcp4", home+":"+port)
	}
	for _, port := range enginePorts() {
		both("node", w.at, home+":"+port, "127.0.0.1:"+port)
		both("far", w.at, third+":"+port)
	}
	for _, port := range []string{"8301", "4648", "7946"} {
		add("node", w.member, "udp4", home+":"+port)
	}
	both("member", w.at, other+":7946")
	both("far", w.member, third+":7946", third+":20005") // relayed
	both("member", w.far, other+":7946")
	// The owner's.
	both("node", w.person, lan+":80", lan+":443", lan+":51820", lan+":2222")
	both("app", w.person, lan+":"+onLAN)
	both("mine", w.person, lan+":"+ownerLAN)
	both("mine", w.yours, w.address(t, w.mine)+":"+inner)
	both("node", w.member, home+":2222")
	both("person", w.yours, lanPerson+":7000")
	return list
}

func (w *town) ensure(t *testing.T) {
	t.Helper()
	if err := w.at.inside(func() error { return node.EnsureFirewall(t.Context(), w.node) }); err != nil {
		t.Fatal(err)
	}
}

func (w *town) has(t *testing.T) (has bool) {
	t.Helper()
	if err := w.at.inside(func() error { has = node.HasFirewall(t.Context(), w.node); return nil }); err != nil {
		t.Fatal(err)
	}
	return has
}

// holds checks that the firewall does what it is for.
func (w *town) holds(t *testing.T, when string) {
	t.Helper()
	w.staysClosed(t, when)
	list := w.allowed(t)
	for i, got := range visits(list, open) {
		if got != list[i].want {
			t.Errorf("%s: %s: answered by %q, want %q", when, list[i], got, list[i].want)
		}
	}
}

func (w *town) staysClosed(t *testing.T, when string) {
	t.Helper()
	list := w.forbidden(t)
	for i, got := range visits(list, shut) {
		if got != "" {
			t.Errorf("%s: %s: answered by %s", when, list[i], got)
		}
	}
}

func TestNobodyWalksAroundTheDoor(t *testing.T) {
	w := newTown(t)
	// Without a firewall it is possible, or the test would prove nothing. Only Docker's
	// networks are kept apart from one another, and apps in theirs, by Docker itself.
	byDocker := map[string]bool{"mine": true, "app": true, "app2": true}
	apart := func(v visit) bool { return byDocker[v.from.name] && byDocker[v.want] }
	list := w.forbidden(t)
	for i, got := range visits(list, func(v visit) time.Duration {
		if apart(v) {
			return patience
		}
		return enough
	}) {
		if v := list[i]; got != v.want && !apart(v) {
			t.Errorf("without a firewall: %s: answered by %q, want %q: this way proves nothing", v, got, v.want)
		}
	}
	before := w.rules(t)
	if w.has(t) {
		t.Error("there is said to be a firewall")
	}
	w.ensure(t)
	if !w.has(t) {
		t.Error("the firewall is not found")
	}
	w.holds(t, "with a firewall")

	put := w.rules(t)
	w.ensure(t)
	if again := w.rules(t); again != put {
		t.Errorf("put a second time, the rules changed:\n%s", again)
	}
	if err := w.at.inside(func() error { return node.RemoveFirewall(t.Context()) }); err != nil {
		t.Fatal(err)
	}
	if after := w.rules(t); after != before {
		t.Errorf("the firewall left something behind:\n%s\nbefore:\n%s", after, before)
	}
}

func TestTheFirewallHoldsWhileDockerRestartsAndMakesNetworks(t *testing.T) {
	w := newTown(t)
	w.ensure(t)
	argv := append(w.docker, "network", "create", "owners")
	w.at.do(t, argv...)
	w.staysClosed(t, "after Docker made a network")
	w.ensure(t)

	w.restartDocker(t)
	if w.has(t) {
		t.Error("Docker put its rules first, and nobody noticed")
	}
	w.staysClosed(t, "after Docker's restart")
	w.ensure(t)
	if !w.has(t) {
		t.Error("the firewall is not in force again")
	}
	w.holds(t, "after Docker's restart, put again")
}

// restartDocker restarts the daemon, whose containers live on.
func (w *town) restartDocker(t *testing.T) {
	t.Helper()
	dir := strings.TrimSuffix(strings.TrimPrefix(w.Docker, "unix://"), "/docker.sock")
	text, err := os.ReadFile(filepath.Join(dir, "docker.pid"))
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Sscan(string(text), &pid); err != nil {
		t.Fatal(err)
	}
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "daemon.json"), []byte(`{"userland-proxy": false, "live-restore": true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, syscall.SIGHUP, nil, 0); err != nil { // read the settings again
		t.Fatal(err)
	}
	w.await(t, "its new settings", func() bool {
		out, err := w.at.command(t.Context(), append(w.docker, "info", "--format", "{{.LiveRestoreEnabled}}")...).Output()
		return err == nil && strings.TrimSpace(string(out)) == "true"
	})
	if err := unix.PidfdSendSignal(fd, syscall.SIGTERM, nil, 0); err != nil {
		t.Fatal(err)
	}
	w.await(t, "its end", func() bool {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 500)
		return err == nil && n == 1
	})
	args := strings.Split(strings.TrimRight(string(line), "\x00"), "\x00")
	log, err := os.Create(filepath.Join(dir, "docker2.log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	cmd := w.at.command(t.Context(), args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	var running string
	w.await(t, "an answer", func() bool {
		out, err := w.at.command(t.Context(), append(w.docker, "ps", "--quiet")...).Output()
		running = string(out)
		return err == nil
	})
	if n := strings.Count(running, "\n"); n != 6 {
		t.Fatalf("%d of 6 containers live on", n)
	}
}

// await waits for Docker, which tells of none of this by itself.
func (w *town) await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Minute); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited five minutes for %s of Docker", what)
		}
	}
}

// rules are all of the node's tables, without counters, comments and tables that
// hold nothing.
func (w *town) rules(t *testing.T) string {
	t.Helper()
	return tables(w.at.do(t, "iptables-save")) + tables(w.at.do(t, "ip6tables-save"))
}

func tables(save string) string {
	var all, table strings.Builder
	empty := true
	for line := range strings.Lines(save) {
		line, _, _ = strings.Cut(line, " [")
		switch {
		case strings.HasPrefix(line, "#"):
			continue
		case strings.HasPrefix(line, "*"):
			table.Reset()
			empty = true
		case strings.HasPrefix(line, ":"):
			empty = empty && strings.HasSuffix(line, " ACCEPT")
		case strings.HasPrefix(line, "-A"):
			empty = false
		}
		table.WriteString(strings.TrimRight(line, "\n") + "\n")
		if strings.HasPrefix(line, "COMMIT") && !empty {
			all.WriteString(table.String())
		}
	}
	return all.String()
}
