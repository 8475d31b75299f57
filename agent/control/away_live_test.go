package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	nomad "github.com/hashicorp/nomad/api"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// Two machines that are two Nomad clients, pi1 and pi2, and a server that misses
// one after 12 to 14 seconds: what stands still for less because this machine is busy
// is not missed. Tasks are plain processes: what is tried is what Nomad
// makes of the jobs that we build. All of it is in namespaces of its own, which end
// with the test.
func TestAppsOutliveTheirMachinesInTheRealNomad(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if os.Getenv(insideNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=20m")
		// What Nomad mounts in there goes with the namespaces, and only then can it be deleted.
		cmd.Env = append(os.Environ(), insideNamespace+"="+t.TempDir())
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("in namespaces (as root): %v\n%s", err, out)
		}
		return
	}
	check(t, unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	check(t, unix.Mount("proc", "/proc", "proc", 0, ""))
	// Without control groups Nomad leaves none behind.
	check(t, unix.Unmount("/sys/fs/cgroup", unix.MNT_DETACH))
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	check(t, netlink.LinkSetUp(lo))
	p := newPair(t)
	for _, c := range []struct {
		promise string
		test    func(*testing.T, *pair)
	}{
		{"copies are spread over the machines, and never all gone while they change", copiesRoll},
		{"with a machine away its copy runs on the other, and its data waits", machineGoes},
		{"with the machine back an app with data goes on where it was", machineComesBack},
		{"after the machine was started anew, too", machineReboots},
		{"an app that ends by itself is told to have crashed, and one that its machine ended is not", crashesAreSeen},
	} {
		if !t.Run(c.promise, func(t *testing.T) { c.test(t, p) }) {
			return // each builds on the one before
		}
	}
}

func copiesRoll(t *testing.T, p *pair) {
	one := p.register(t, p.job(t, "", jobs.Intent{Name: "free"}))
	p.await(t, "one runs", func() error {
		if len(p.on("free", one)) != 1 {
			return errors.New("none")
		}
		return nil
	})
	ctx, stop := context.WithCancel(t.Context())
	gap := make(chan error, 1)
	go func() {
		gap <- p.s.view.await(ctx, func() (bool, error) {
			if len(p.on("free", 0)) == 0 {
				return false, errors.New("no copy runs")
			}
			return false, nil
		})
	}()
	two := p.register(t, p.job(t, "", jobs.Intent{Name: "free", Replicas: 2}))
	p.awaitOn(t, "free", two, map[string]int{"pi1": 1, "pi2": 1})
	again := p.register(t, p.job(t, "", jobs.Intent{Name: "free", Replicas: 2, Restarts: 1}))
	p.awaitOn(t, "free", again, map[string]int{"pi1": 1, "pi2": 1})
	p.await(t, "the ones before are gone", func() error {
		if n := len(running(p.s.view.allocs["free"], 0)); n != 2 {
			return fmt.Errorf("%d are to run", n)
		}
		return nil
	})
	stop()
	if err := <-gap; !errors.Is(err, context.Canceled) {
		t.Errorf("while they changed: %v", err)
	}
}

func machineGoes(t *testing.T, p *pair) {
	const data = `volume "data" { path = "/data" }`
	specs, err := jobs.Volumes(parsed(t, "keeper", data), "keeper")
	check(t, err)
	_, err = p.s.ensureVolumes(t.Context(), "keeper", specs, p.ids["pi1"])
	check(t, err)
	p.register(t, p.job(t, data, jobs.Intent{Name: "keeper", Home: p.ids["pi1"]}))
	p.awaitOn(t, "keeper", 0, map[string]int{"pi1": 1})
	p.s.view.read(func() { p.kept = running(p.s.view.allocs["keeper"], 0)[0] })

	p.kill("pi1")
	killed := time.Now()
	p.awaitOn(t, "free", 0, map[string]int{"pi2": 2})
	t.Logf("the copy runs elsewhere after %s (misses a machine after 12 to 14 s here)", time.Since(killed).Round(100*time.Millisecond))
	p.await(t, "the app with data waits", func() error {
		a := p.s.row(&Intent{Name: "keeper", Desired: desiredRunning, copies: 1})
		if a.State != agent.StateDegraded || a.Reason != "its data is on pi1, which is down" || a.Running != 0 {
			return fmt.Errorf("%+v", a)
		}
		return nil
	})
	p.onlyOne(t)
}

// onlyOne holds that the app with data was neither lost nor doubled.
func (p *pair) onlyOne(t *testing.T) {
	t.Helper()
	list, _, err := p.s.Nomad.Jobs().Allocations("keeper", true, nil)
	check(t, err)
	if len(list) != 1 || list[0].ID != p.kept.ID || list[0].DesiredStatus != nomad.AllocDesiredStatusRun {
		for _, a := range list {
			t.Errorf("%s on %s: %s, to %s", a.ID, a.NodeName, a.ClientStatus, a.DesiredStatus)
		}
	}
}

func machineComesBack(t *testing.T, p *pair) {
	p.startClient(t, "pi1", 5000)
	p.awaitOn(t, "keeper", 0, map[string]int{"pi1": 1})
	p.onlyOne(t)
	p.s.view.read(func() {
		now, before := p.s.view.allocs["keeper"][0].TaskStates["web"], p.kept.TaskStates["web"]
		if now.Restarts != 0 || !now.StartedAt.Equal(before.StartedAt) {
			t.Errorf("it was started again: at %s, before %s", now.StartedAt, before.StartedAt)
		}
	})
	p.await(t, "there are two copies of the other, no more", func() error {
		var up []string
		for _, a := range p.s.view.allocs["free"] {
			if a.ClientStatus == nomad.AllocClientStatusRunning {
				up = append(up, fmt.Sprintf("%s on %s, to %s: %+v", a.ID, a.NodeName, a.DesiredStatus, a.TaskStates["web"].State))
			}
		}
		if len(up) != 2 {
			return fmt.Errorf("there are %q", up)
		}
		return nil
	})
}

// endApp kills the processes of an allocation.
func endApp(t *testing.T, alloc string) {
	t.Helper()
	ended := 0
	for _, pid := range pids() {
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if bytes.Contains(environ, []byte("NOMAD_ALLOC_ID="+alloc)) {
			check(t, syscall.Kill(pid, syscall.SIGKILL))
			ended++
		}
	}
	if ended == 0 {
		t.Fatal("the app's process was not found")
	}
}

func machineReboots(t *testing.T, p *pair) {
	p.kill("pi1")
	p.await(t, "it is missed", func() error {
		if p.s.view.allocs["keeper"][0].ClientStatus != nomad.AllocClientStatusUnknown {
			return errors.New("it is not")
		}
		return nil
	})
	endApp(t, p.kept.ID) // as a reboot does
	p.startClient(t, "pi1", 5000)
	p.awaitOn(t, "keeper", 0, map[string]int{"pi1": 1})
	p.await(t, "it was started again", func() error {
		if now := p.s.view.allocs["keeper"][0].TaskStates["web"]; now.State != "running" || !now.StartedAt.After(p.kept.TaskStates["web"].StartedAt) {
			return fmt.Errorf("it is %s since %s", now.State, now.StartedAt)
		}
		return nil
	})
	p.onlyOne(t)
}

func crashesAreSeen(t *testing.T, p *pair) {
	p.s.work = newWorker(p.s)
	p.s.view.set("intents", func() {
		p.s.view.intents = map[string]*Intent{"keeper": {Name: "keeper", Desired: desiredRunning, copies: 1}, "free": {Name: "free", Desired: desiredRunning, copies: 2}}
	})
	now := time.Now() // and not later: nothing is told for how long it took
	v := newVigil(now.Add(-time.Hour))
	never := func(string) bool { return false }
	look := func() (told []string) {
		for _, w := range v.look(p.s.appSigns(), now, never, never) {
			told = append(told, fmt.Sprintf("%s: %s (%v)", w.name, w.reason, w.away))
		}
		return told
	}
	var victim string
	p.await(t, "all are well", func() error {
		if told := look(); len(told) > 0 {
			t.Errorf("told is %q", told)
		}
		for _, g := range p.s.appSigns() {
			if !g.well {
				return fmt.Errorf("%s: %s", g.name, g.reason)
			}
		}
		victim = running(p.s.view.allocs["free"], 0)[0].ID
		return nil
	})
	endApp(t, victim)
	p.await(t, "that it ended is told", func() error {
		told := look()
		if len(told) == 1 && strings.HasPrefix(told[0], "free: web was killed") {
			return nil
		}
		return fmt.Errorf("told is %q", told)
	})

	p.kill("pi1")
	p.await(t, "it is missed", func() error {
		if told := look(); len(told) > 0 {
			t.Errorf("told is %q", told)
		}
		if p.s.view.allocs["keeper"][0].ClientStatus != nomad.AllocClientStatusUnknown {
			return errors.New("it is not")
		}
		return nil
	})
	var before time.Time
	p.s.view.read(func() { before = p.s.view.allocs["keeper"][0].TaskStates["web"].StartedAt })
	endApp(t, p.kept.ID)
	p.startClient(t, "pi1", 5000)
	p.await(t, "it was started again", func() error {
		for _, told := range look() {
			if strings.Contains(told, "killed") {
				t.Errorf("told is %q", told)
			}
		}
		if now := p.s.view.allocs["keeper"][0]; now.ClientStatus != nomad.AllocClientStatusRunning || !now.TaskStates["web"].StartedAt.After(before) {
			return fmt.Errorf("it is %s", now.ClientStatus)
		}
		return nil
	})
}
