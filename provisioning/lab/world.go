package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"
)

// The internet of a world: a range that documentation may use (RFC 5737, RFC 3849),
// and the router at which all that is not in the world ends.
const (
	InternetRange  = "203.0.113.0/24"
	InternetRange6 = "2001:db8:1::/64"
	internetRouter = "203.0.113.1"
)

// World is several hosts and the networks between them. Its cables meet in a
// namespace of its own, the wire, in which nothing runs: so the rules that this
// machine's Docker and firewall have for bridges do not reach them.
type World struct {
	ID string // dclab-NAME-XXXXXX; also the name of the wire's namespace

	dir      string
	internet *Segment
	mu       sync.Mutex
	homes    []*Home
	hosts    []*Host
}

// Segment is a network that hosts are plugged into: a LAN or the internet.
type Segment struct {
	Range  netip.Prefix
	Router netip.Addr // the default route's

	world  *World
	bridge string // in the wire
	home   *Home  // whose LAN it is; nil for the internet
}

// NewWorld makes a world with an internet and nobody on it. Whoever makes it closes
// it; if they are killed before that, a later Sweep removes all of it.
func NewWorld(ctx context.Context, name string) (w *World, err error) {
	dir, err := newPlace(name)
	if err != nil {
		return nil, err
	}
	w = &World{ID: filepath.Base(dir), dir: dir}
	w.internet = &Segment{
		Range: netip.MustParsePrefix(InternetRange), Router: netip.MustParseAddr(internetRouter),
		world: w, bridge: "internet",
	}
	err = doAll(ctx, [][]string{
		{"ip", "netns", "add", w.ID},
		{"ip", "-n", w.ID, "link", "set", "lo", "up"},
		{"ip", "-n", w.ID, "link", "add", "internet", "type", "bridge", "forward_delay", "0"},
		{"ip", "-n", w.ID, "address", "add", internetRouter + "/24", "dev", "internet"},
		{"ip", "-n", w.ID, "address", "add", inInternet6(w.internet.Router) + "/64", "dev", "internet", "nodad"},
		{"ip", "-n", w.ID, "link", "set", "internet", "up"},
		// A router that knows no way says so at once, rather than letting a search for
		// a registry run into time-outs.
		inNetns(w.ID, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"),
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make the world %s: %w", w.ID, err), w.Close())
	}
	return w, nil
}

// Internet is the segment outside of all homes.
func (w *World) Internet() *Segment { return w.internet }

// Close removes the world with all that is in it.
func (w *World) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var g errgroup.Group
	errs := make([]error, len(w.hosts)+len(w.homes)+1)
	for n, h := range w.hosts {
		g.Go(func() error { errs[n] = h.Close(); return nil })
	}
	for n, h := range w.homes {
		g.Go(func() error { errs[len(w.hosts)+n] = destroy(h.dir); return nil })
	}
	_ = g.Wait()
	errs[len(errs)-1] = destroy(w.dir)
	return errors.Join(errs...)
}

// wireCable lays a cable from the wire's bridge to a namespace: there it is the
// interface called name, in the wire the one called port.
func wireCable(ctx context.Context, s *Segment, id, name, port string) error {
	return doAll(ctx, [][]string{
		{"ip", "-n", id, "link", "add", name, "type", "veth", "peer", "name", port, "netns", s.world.ID},
		{"ip", "-n", s.world.ID, "link", "set", port, "master", s.bridge, "up"},
		{"ip", "-n", id, "link", "set", name, "up"},
	})
}

// inInternet6 is the IPv6 address that goes with one of the internet's IPv4
// addresses: 203.0.113.20 has 2001:db8:1::20.
func inInternet6(a netip.Addr) string { return fmt.Sprintf("2001:db8:1::%d", a.As4()[3]) }

// inNetns is the argv of a command in a network namespace.
func inNetns(id string, argv ...string) []string {
	return append([]string{"nsenter", "--net=" + netnsFile(id), "--"}, argv...)
}

// tag is the random end of an ID. Interfaces' names, of 15 characters at most, are
// made of it.
func tag(id string) string { return id[len(id)-2*tagBytes:] }

// pick reads an address that must be in a segment and free.
func (w *World) pick(s *Segment, text string) (netip.Addr, error) {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return a, err
	}
	if !s.Range.Contains(a) || a == s.Router || a == s.Range.Masked().Addr() {
		return a, fmt.Errorf("%s is no address for a machine in %s", a, s.Range)
	}
	for _, h := range w.hosts {
		if h.at == s && h.address == a {
			return a, fmt.Errorf("%s is the address of %s", a, h.Name)
		}
	}
	for _, h := range w.homes {
		if s == w.internet && h.wan == a {
			return a, fmt.Errorf("%s is the address of the home %s", a, h.Name)
		}
	}
	return a, nil
}
