package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
)

// HostOptions say where a host of a World is, and how it differs from the usual.
type HostOptions struct {
	At      *Segment // a Home's LAN, or the Internet
	Address string   // in At's range
	Bare    bool     // without Docker: a visitor
	Options
}

// Host makes a host and starts its Docker daemon, unless it is to have none. The machine is called by its
// name, in a UTS namespace of its own. Several may be made at a time. What is left
// of one that could not be made goes with the World.
func (w *World) Host(ctx context.Context, name string, o HostOptions) (*Host, error) {
	h, err := w.bare(ctx, name, o)
	if err != nil || o.Bare {
		return h, err
	}
	if err := h.startDocker(ctx); err != nil {
		return nil, fmt.Errorf("start Docker on %s: %w", h.ID, err)
	}
	return h, nil
}

// bare makes a host without Docker.
func (w *World) bare(ctx context.Context, name string, o HostOptions) (*Host, error) {
	if o.At == nil || o.At.world != w {
		return nil, fmt.Errorf("the host %s is to be plugged into no segment of this world", name)
	}
	h, err := w.claimHost(name, o)
	if err != nil {
		return nil, err
	}
	if err := w.describe(h); err != nil {
		return nil, err
	}
	if err := os.WriteFile(h.uts(), nil, 0o600); err != nil {
		return nil, err
	}
	if err := doAll(ctx, [][]string{{"unshare", "--uts=" + h.uts(), "hostname", name}}); err != nil {
		return nil, fmt.Errorf("name the host %s: %w", h.ID, err)
	}
	if err := h.plugWire(ctx); err != nil {
		return nil, fmt.Errorf("make the network of %s: %w", h.ID, err)
	}
	return h, nil
}

func (w *World) claimHost(name string, o HostOptions) (*Host, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, other := range w.hosts {
		if other.Name == name {
			return nil, fmt.Errorf("two hosts of a world cannot be called %s", name)
		}
	}
	address, err := w.pick(o.At, o.Address)
	if err != nil {
		return nil, fmt.Errorf("the host %s: %w", name, err)
	}
	h, err := newHost(name, o.Options)
	if err != nil {
		return nil, err
	}
	h.at, h.address = o.At, address
	w.hosts = append(w.hosts, h)
	return h, nil
}

// plugWire makes the host's network namespace and lays its cable.
func (h *Host) plugWire(ctx context.Context) error {
	err := doAll(ctx, [][]string{
		{"ip", "netns", "add", h.ID},
		{"ip", "-n", h.ID, "link", "set", "lo", "up"},
	})
	if err != nil {
		return err
	}
	if err := wireCable(ctx, h.at, h.ID, "lan0", h.port()); err != nil {
		return err
	}
	return h.setAddress(ctx)
}

func (h *Host) setAddress(ctx context.Context) error {
	commands := [][]string{
		{"ip", "-n", h.ID, "-4", "address", "flush", "dev", "lan0"},
		{"ip", "-n", h.ID, "address", "add", netip.PrefixFrom(h.address, h.at.Range.Bits()).String(), "dev", "lan0"},
		{"ip", "-n", h.ID, "route", "replace", "default", "via", h.at.Router.String(), "dev", "lan0"},
	}
	if h.at.home == nil {
		commands = append(commands,
			[]string{"ip", "-n", h.ID, "-6", "address", "flush", "dev", "lan0", "scope", "global"},
			[]string{"ip", "-n", h.ID, "address", "add", inInternet6(h.address) + "/64", "dev", "lan0", "nodad"})
	}
	return doAll(ctx, commands)
}

// port is the host's cable in the wire.
func (h *Host) port() string { return "h" + tag(h.ID) }

// uts is the file that stands for the host's UTS namespace, which has its name.
func (h *Host) uts() string { return filepath.Join(h.dir, "uts") }

// Address is the host's own on the segment that it is plugged into.
func (h *Host) Address() netip.Addr { return h.address }

// Public is the address under which those on the internet see the host.
func (h *Host) Public() netip.Addr {
	if h.at.home != nil {
		return h.at.home.wan
	}
	return h.address
}

// described is what is kept of a host for other processes.
type described struct {
	World string `json:"world"` // its ID
	Name  string `json:"name"`
	Cache string `json:"cache"`
}

func (w *World) describe(h *Host) error {
	text, err := json.Marshal(described{w.ID, h.Name, h.Cache})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(h.dir, "host.json"), text, 0o600)
}

// ErrNoHost is in the error of Find when there is no such host.
var ErrNoHost = errors.New("no such host in the lab")

// Find returns a host of a world that another process made, for running commands
// in it. world is the name that the world was made with, "" for any; where several
// fit, it is one of the newest world.
func Find(world, name string) (*Host, error) {
	files, err := filepath.Glob(filepath.Join(root, prefix+name+"-*", "host.json"))
	if err != nil {
		return nil, err
	}
	var found *Host
	var newest int64
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // just removed
		}
		var d described
		if err := json.Unmarshal(text, &d); err != nil || d.Name != name {
			continue
		}
		made, err := os.Stat(filepath.Join(root, d.World))
		if err != nil || world != "" && d.World != prefix+world+"-"+tag(d.World) || made.ModTime().UnixNano() < newest {
			continue
		}
		newest = made.ModTime().UnixNano()
		dir := filepath.Dir(file)
		found = &Host{
			ID: filepath.Base(dir), Name: d.Name, Cache: d.Cache, dir: dir, at: &Segment{world: &World{ID: d.World, dir: filepath.Join(root, d.World)}},
			Data: filepath.Join(dir, "data"), Docker: "unix://" + filepath.Join(dir, "docker.sock"),
		}
	}
	if found == nil {
		return nil, fmt.Errorf("%q: %w", name, ErrNoHost)
	}
	return found, nil
}
