// Package lab makes hosts on this machine: each is a network namespace with a LAN
// interface, a Docker daemon and a data directory of its own, so that a cloud can
// be set up in it with all default ports, while others run beside it. It is what
// the end-to-end tests and `make lab` stand on.
//
// It needs root, iproute2, util-linux and Docker's daemon, and depends on package
// run alone. Start reading at NewHost, then Host.Command and Host.Close; Sweep
// removes what a killed run left.
package lab

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/provisioning/run"
)

// prefix begins the names of the lab's namespaces and directories.
const prefix = "dclab-"

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
	Data   string // its cloud's data directory: what --data-dir is to be
	Docker string // DOCKER_HOST
	Cache  string

	dir    string
	daemon *exec.Cmd
	ended  chan error // of the daemon
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]{0,11}$`)

// NewHost makes a host and starts its Docker daemon. Whoever makes it closes it;
// if they are killed before that, a later Sweep does.
func NewHost(ctx context.Context, name string, o Options) (h *Host, err error) {
	if !nameForm.MatchString(name) {
		return nil, fmt.Errorf("a lab host cannot be called %q: up to 12 small letters and digits", name)
	}
	if os.Geteuid() != 0 {
		return nil, errors.New("a lab host needs root: it is a network namespace; run it again with sudo")
	}
	for _, program := range []string{"ip", "nsenter", "iptables", "dockerd", "docker"} {
		if _, err := exec.LookPath(program); err != nil {
			return nil, fmt.Errorf("a lab host needs %s: %w; install what the tests need with .ci/packages", program, err)
		}
	}
	id := make([]byte, 3)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	h = &Host{ID: prefix + name + "-" + hex.EncodeToString(id), Cache: o.Cache, ended: make(chan error, 1)}
	h.dir = filepath.Join(root, h.ID)
	h.Data, h.Docker = filepath.Join(h.dir, "data"), "unix://"+filepath.Join(h.dir, "docker.sock")
	if h.Cache == "" {
		h.Cache = defaultCache()
	}
	if err := claim(h.dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if o.DataMB > 0 {
		if err := os.Mkdir(h.Data, 0o700); err != nil {
			return nil, err
		}
		if err := syscall.Mount("dclab", h.Data, "tmpfs", 0, fmt.Sprintf("size=%dm,mode=0700", o.DataMB)); err != nil {
			return nil, fmt.Errorf("mount the data directory of %s: %w", h.ID, err)
		}
	}
	if err := h.plug(ctx); err != nil {
		return nil, fmt.Errorf("make the network of %s: %w", h.ID, err)
	}
	if err := h.startDocker(ctx); err != nil {
		return nil, fmt.Errorf("start Docker on %s: %w", h.ID, err)
	}
	return h, nil
}

func defaultCache() string {
	if dir := os.Getenv("DCLOUD_CACHE"); dir != "" {
		return dir
	}
	return "/var/cache/dcloud"
}

// plug makes the namespace with a LAN: a pair of interfaces, of which the second
// stands for the cable, so that the first has a carrier and a default route.
func (h *Host) plug(ctx context.Context) error {
	for _, args := range [][]string{
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
	} {
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
func (h *Host) enter() []string { return []string{"nsenter", "--net=" + h.netns(), "--"} }

// Env is the environment of a person on the host: no more than a login has, and
// where this host's Docker, data and engines are.
func (h *Host) Env() []string {
	return append(run.Environment(), "DOCKER_HOST="+h.Docker, "DCLOUD_CACHE="+h.Cache, "DCLOUD_DATA_DIR="+h.Data)
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
	cmd.WaitDelay = 3 * time.Second // for what holds its output open
	return cmd
}

// Resize changes how many MiB a host's own data file system has (Options.DataMB).
func (h *Host) Resize(mb int) error {
	if err := syscall.Mount("dclab", h.Data, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%dm", mb)); err != nil {
		return fmt.Errorf("resize the data directory of %s: %w", h.ID, err)
	}
	return nil
}

// Close removes the host with all that ran and lay on it.
func (h *Host) Close() error {
	err := destroy(h.dir)
	if h.daemon != nil {
		<-h.ended // reap it
	}
	return err
}
