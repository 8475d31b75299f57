package lab

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"

	"github.com/vishvananda/netlink"
)

// HomeOptions say how a home is connected. The zero value is a usual home.
type HomeOptions struct {
	LAN string // its range; "": 192.168.77.0/24, the router being .1
	WAN string // its public address; "": 203.0.113.10
	// Symmetric makes the router choose another port for each connection outward, as
	// carriers' translators do: what a neighbour outside learnt of an endpoint then
	// helps nobody else.
	Symmetric bool
}

// Home is a LAN behind a router, which lets connections out under its one public
// IPv4 address and none in.
type Home struct {
	ID   string // also the name of the router's namespace
	Name string

	dir   string
	world *World
	lan   *Segment
	wan   netip.Addr
}

// LAN is the network behind the home's router.
func (h *Home) LAN() *Segment { return h.lan }

// Address is the home's public address.
func (h *Home) Address() netip.Addr { return h.wan }

// Home makes a home.
func (w *World) Home(ctx context.Context, name string, o HomeOptions) (*Home, error) {
	lan, err := netip.ParsePrefix(orElse(o.LAN, lanRange))
	if err != nil || !lan.Addr().Is4() {
		return nil, fmt.Errorf("the home %s cannot have the range %q (%v)", name, o.LAN, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	wan, err := w.pick(w.internet, orElse(o.WAN, "203.0.113.10"))
	if err != nil {
		return nil, fmt.Errorf("the home %s: %w", name, err)
	}
	dir, err := newPlace(name)
	if err != nil {
		return nil, err
	}
	h := &Home{ID: filepath.Base(dir), Name: name, dir: dir, world: w, wan: wan}
	h.lan = &Segment{Range: lan.Masked(), Router: lan.Masked().Addr().Next(), world: w, bridge: "b" + tag(h.ID), home: h}
	if err := h.connect(ctx, o.Symmetric); err != nil {
		return nil, errors.Join(fmt.Errorf("make the home %s: %w", h.ID, err), destroy(dir))
	}
	w.homes = append(w.homes, h)
	return h, nil
}

func (h *Home) connect(ctx context.Context, symmetric bool) error {
	err := doAll(ctx, [][]string{
		{"ip", "netns", "add", h.ID},
		{"ip", "-n", h.ID, "link", "set", "lo", "up"},
		{"ip", "-n", h.world.ID, "link", "add", h.lan.bridge, "type", "bridge", "forward_delay", "0"},
		{"ip", "-n", h.world.ID, "link", "set", h.lan.bridge, "up"},
	})
	if err != nil {
		return err
	}
	if err := wireCable(ctx, h.lan, h.ID, "lan0", "l"+tag(h.ID)); err != nil {
		return err
	}
	if err := wireCable(ctx, h.world.internet, h.ID, "wan0", h.port()); err != nil {
		return err
	}
	masquerade := []string{"iptables", "-w", "-t", "nat", "-A", "POSTROUTING", "-o", "wan0", "-j", "MASQUERADE"}
	if symmetric {
		masquerade = append(masquerade, "--random-fully")
	}
	err = doAll(ctx, [][]string{
		{"ip", "-n", h.ID, "address", "add", netip.PrefixFrom(h.lan.Router, h.lan.Range.Bits()).String(), "dev", "lan0"},
		inNetns(h.ID, "sysctl", "-qw", "net.ipv4.ip_forward=1"),
		inNetns(h.ID, masquerade...),
		inNetns(h.ID, "iptables", "-w", "-P", "FORWARD", "DROP"),
		inNetns(h.ID, "iptables", "-w", "-A", "FORWARD", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED,DNAT", "-j", "ACCEPT"),
		inNetns(h.ID, "iptables", "-w", "-A", "FORWARD", "-i", "lan0", "-o", "wan0", "-j", "ACCEPT"),
		inNetns(h.ID, "iptables", "-w", "-A", "INPUT", "-i", "wan0", "-m", "conntrack", "--ctstate", "ESTABLISHED,RELATED", "-j", "ACCEPT"),
		inNetns(h.ID, "iptables", "-w", "-A", "INPUT", "-i", "wan0", "-j", "DROP"),
	})
	if err != nil {
		return err
	}
	return h.setAddress(ctx)
}

// port is the router's cable in the internet.
func (h *Home) port() string { return "w" + tag(h.ID) }

func (h *Home) setAddress(ctx context.Context) error {
	return doAll(ctx, [][]string{
		{"ip", "-n", h.ID, "address", "flush", "dev", "wan0", "scope", "global"},
		{"ip", "-n", h.ID, "address", "add", h.wan.String() + "/24", "dev", "wan0"},
		{"ip", "-n", h.ID, "route", "replace", "default", "via", internetRouter, "dev", "wan0"},
	})
}

// Renumber gives the home another public address, as providers do at night: the
// router forgets all connections. Forwards go on at the new address.
func (h *Home) Renumber(ctx context.Context, address string) error {
	h.world.mu.Lock()
	defer h.world.mu.Unlock()
	wan, err := h.world.pick(h.world.internet, address)
	if err != nil {
		return fmt.Errorf("renumber the home %s: %w", h.Name, err)
	}
	h.wan = wan
	if err := h.setAddress(ctx); err != nil {
		return fmt.Errorf("renumber the home %s: %w", h.Name, err)
	}
	err = inside(h.ID, func() error { return netlink.ConntrackTableFlush(netlink.ConntrackTable) })
	if err != nil {
		return fmt.Errorf("let the router of %s forget its connections: %w", h.Name, err)
	}
	return nil
}

// Forward opens a port of the home's public address to a port of a host in its
// LAN. network is tcp or udp. The LAN itself does not get in that way.
func (h *Home) Forward(ctx context.Context, network string, port int, to *Host, toPort int) error {
	if to.at != h.lan {
		return fmt.Errorf("%s is not in the LAN of %s", to.Name, h.Name)
	}
	return doAll(ctx, [][]string{
		inNetns(h.ID, "iptables", "-w", "-t", "nat", "-A", "PREROUTING", "-i", "wan0", "-p", network, "--dport", strconv.Itoa(port),
			"-j", "DNAT", "--to-destination", netip.AddrPortFrom(to.address, uint16(toPort)).String()),
	})
}

// SetMTU sets how large packets to and from the provider may be, in bytes: 1500 at
// first. For larger ones the router answers that they need to be cut.
func (h *Home) SetMTU(ctx context.Context, bytes int) error {
	return setMTU(ctx, h.ID, "wan0", h.world.ID, h.port(), bytes)
}

// DropICMP makes the router swallow ICMP, or stop doing so: who sends too large
// packets is then not told.
func (h *Home) DropICMP(ctx context.Context, drop bool) error {
	verb := map[bool]string{true: "-I", false: "-D"}[drop]
	return doAll(ctx, [][]string{
		inNetns(h.ID, "iptables", "-w", verb, "OUTPUT", "-p", "icmp", "-j", "DROP"),
		inNetns(h.ID, "iptables", "-w", verb, "FORWARD", "-p", "icmp", "-j", "DROP"),
	})
}

// Unplug takes the home off the internet. Its LAN goes on.
func (h *Home) Unplug(ctx context.Context) error { return setLink(ctx, h.world.ID, h.port(), "down") }

// Plug undoes Unplug.
func (h *Home) Plug(ctx context.Context) error { return setLink(ctx, h.world.ID, h.port(), "up") }

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
