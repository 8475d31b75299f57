// Package lab makes hosts on this machine: each is a network namespace with a LAN
// interface, a Docker daemon and a data directory of its own, so that a cloud can
// be set up in it with all default ports, while others run beside it. A World joins
// several by networks: homes behind a router that translates addresses, and hosts
// on an internet of its own. It is what the end-to-end tests and `make lab` stand on.
//
// It needs root, iproute2, iptables, util-linux and Docker's daemon, and depends on
// package run alone. Start reading at NewHost, then Host.Command and Host.Close, then
// NewWorld; Sweep removes what a killed run left.
package lab

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/provisioning/run"
)

// prefix begins the names of the lab's namespaces and directories, and a random
// tag of so many bytes ends them.
const (
	prefix   = "dclab-"
	tagBytes = 3
)

// root holds a directory per host. Not /tmp: Docker's overlays want a real file
// system, and a Unix socket's path must be short (108 bytes, unix(7)).
const root = "/var/lib/dclab"

// A host's address on its LAN, and that of the LAN's router.
const (
	LANAddress = "192.168.77.2"
	lanRouter  = "192.168.77.1"
	lanRange   = "192.168.77.0/24"
)

// Options say how a host differs from the usual.
type Options struct {
	// DataMB makes the data directory a file system of its own of so many MiB,
	// which Resize can shrink. 0: a directory.
	DataMB int
	// Cache holds the engines, shared by all hosts; "" is DCLOUD_CACHE, else
	// /var/cache/dcloud.
	Cache string
}

// Host is one machine of the lab.
type Host struct {
	ID     string // dclab-NAME-XXXXXX; also the name of its network namespace
	Name   string // in a World: what the machine calls itself
	Data   string // its cloud's data directory: what --data-dir is to be
	Docker string // DOCKER_HOST
	Cache  string

	dir    string
	daemon *exec.Cmd
	ended  chan error // of the daemon
	going  sync.Mutex // held by Close: who interrupts a run may close its hosts too

	// Of a host in a World.
	at      *Segment
	address netip.Addr
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)

// NewHost makes a host and starts its Docker daemon. Whoever makes it closes it;
// if they are killed before that, a later Sweep does.
func NewHost(ctx context.Context, name string, o Options) (h *Host, err error) {
	h, err = newHost(name, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if err := h.plug(ctx); err != nil {
		return nil, fmt.Errorf("make the network of %s: %w", h.ID, err)
	}
	if err := h.startDocker(ctx); err != nil {
		return nil, fmt.Errorf("start Docker on %s: %w", h.ID, err)
	}
	return h, nil
}

// newHost makes a host's directory, and nothing that runs.
func newHost(name string, o Options) (h *Host, err error) {
	dir, err := newPlace(name)
	if err != nil {
		return nil, err
	}
	h = &Host{ID: filepath.Base(dir), Name: name, Cache: o.Cache, dir: dir}
	h.Data, h.Docker = filepath.Join(h.dir, "data"), "unix://"+filepath.Join(h.dir, "docker.sock")
	if h.Cache == "" {
		h.Cache = defaultCache()
	}
	if o.DataMB == 0 {
		return h, nil
	}
	if err := os.Mkdir(h.Data, 0o700); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	if err := syscall.Mount("dclab", h.Data, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", o.DataMB)); err != nil {
		return nil, errors.Join(fmt.Errorf("mount the data directory of %s: %w", h.ID, err), h.Close())
	}
	return h, nil
}

// newPlace makes the directory of something of the lab's, after which its network
// namespace will be named. From then on a sweep can find it.
func newPlace(name string) (dir string, err error) {
	if !nameForm.MatchString(name) {
		return "", fmt.Errorf("nothing in the lab can be called %q: up to 12 small letters and digits", name)
	}
	if os.Geteuid() != 0 {
		return "", errors.New("the lab needs root: it is made of network namespaces; run it again with sudo")
	}
	for _, program := range []string{"ip", "nsenter", "unshare", "iptables", "dockerd", "docker"} {
		if _, err := exec.LookPath(program); err != nil {
			return "", fmt.Errorf("the lab needs %s: %w; install what the tests need with .ci/packages", program, err)
		}
	}
	id := make([]byte, tagBytes)
	if _, err := rand.Read(id); err != nil {
		return "", err
	}
	dir = filepath.Join(root, prefix+name+"-"+hex.EncodeToString(id))
	return dir, claim(dir)
}

func defaultCache() string {
	if dir := os.Getenv("DCLOUD_CACHE"); dir != "" {
		return dir
	}
	return "/var/cache/dcloud"
}

// plug makes the namespace of a host by itself with a LAN: a pair of interfaces, of which the second
// stands for the cable, so that the first has a carrier and a default route.
func (h *Host) plug(ctx context.Context) error {
	return doAll(ctx, [][]string{
		{"ip", "netns", "add", h.ID},
		{"ip", "-n", h.ID, "link", "set", "lo", "up"},
		{"ip", "-n", h.ID, "link", "add", "lan0", "type", "veth", "peer", "name", "cable0"},
		{"ip", "-n", h.ID, "address", "add", LANAddress + "/24", "dev", "lan0"},
		{"ip", "-n", h.ID, "link", "set", "lan0", "up"},
		{"ip", "-n", h.ID, "link", "set", "cable0", "up"},
		{"ip", "-n", h.ID, "route", "add", "default", "via", lanRouter, "dev", "lan0"},
		// The router reaches nothing, and says so at once: a registry is then
		// found to be away in a moment rather than after many time-outs.
		append(h.enter(), "iptables", "-w", "-A", "OUTPUT", "-o", "lan0", "!", "-d", lanRange,
			"-j", "REJECT", "--reject-with", "icmp-net-unreachable"),
	})
}

// doAll executes commands one after the other, up to the first that fails.
func doAll(ctx context.Context, commands [][]string) error {
	for _, args := range commands {
		if err := run.Do(ctx, run.Command{Args: args, Env: run.Environment()}); err != nil {
			return err
		}
	}
	return nil
}

// netns is the file that stands for the host's network namespace.
func (h *Host) netns() string { return netnsFile(h.ID) }

func netnsFile(id string) string { return filepath.Join("/var/run/netns", id) }

// enter begins the argv of a command in the host. Not `ip netns exec`, which gives
// a mount namespace too, from which Docker's networks cannot be seen.
func (h *Host) enter() []string {
	args := []string{"nsenter", "--net=" + h.netns()}
	if h.at != nil {
		args = append(args, "--uts="+h.uts())
	}
	return append(args, "--")
}

// Command returns a command that will run on the host. It is a group of its own,
// killed as a whole when ctx ends.
func (h *Host) Command(ctx context.Context, argv ...string) *exec.Cmd {
	args := append(h.enter(), argv...)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = h.Env()
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 30 * time.Second // for what holds its output open
	return cmd
}

// Resize changes how many MiB a host's own data file system has (Options.DataMB).
func (h *Host) Resize(mb int) error {
	if err := syscall.Mount("dclab", h.Data, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%dm", mb)); err != nil {
		return fmt.Errorf("resize the data directory of %s: %w", h.ID, err)
	}
	return nil
}

// Close removes the host with all that ran and lay on it. Closed again, by anybody, it is
// gone already.
func (h *Host) Close() error {
	h.going.Lock()
	defer h.going.Unlock()
	err := destroy(h.dir)
	if h.daemon != nil {
		<-h.ended // reap it
	}
	return err
}
