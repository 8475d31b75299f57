package lab

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
)

// Unplug takes the host's cable out.
func (h *Host) Unplug(ctx context.Context) error {
	return setLink(ctx, h.at.world.ID, h.port(), "down")
}

// Plug undoes Unplug.
func (h *Host) Plug(ctx context.Context) error { return setLink(ctx, h.at.world.ID, h.port(), "up") }

// SetMTU sets how large packets on the host's cable may be, in bytes: 1500 at first.
func (h *Host) SetMTU(ctx context.Context, bytes int) error {
	return setMTU(ctx, h.ID, "lan0", h.at.world.ID, h.port(), bytes)
}

// Renumber gives the host another address on its segment, as a DHCP server does:
// connections from the old one are dead.
func (h *Host) Renumber(ctx context.Context, address string) error {
	w := h.at.world
	w.mu.Lock()
	defer w.mu.Unlock()
	a, err := w.pick(h.at, address)
	if err != nil {
		return fmt.Errorf("renumber the host %s: %w", h.Name, err)
	}
	h.address = a
	if err := h.setAddress(ctx); err != nil {
		return fmt.Errorf("renumber the host %s: %w", h.Name, err)
	}
	return nil
}

// DropICMP makes the host's cable swallow IPv4's ICMP in both directions, or stop doing so.
func (h *Host) DropICMP(ctx context.Context, drop bool) error {
	return h.filter(ctx, drop,
		[]string{"--physdev-in", h.port(), "-p", "icmp"},
		[]string{"--physdev-out", h.port(), "-p", "icmp"})
}

// Partition keeps two hosts from reaching each other directly; others reach both.
// It goes by the addresses that they have: heal before changing one.
func (w *World) Partition(ctx context.Context, a, b *Host) error { return partition(ctx, a, b, true) }

// Heal undoes Partition.
func (w *World) Heal(ctx context.Context, a, b *Host) error { return partition(ctx, a, b, false) }

func partition(ctx context.Context, a, b *Host, on bool) error {
	for _, pair := range [][2]*Host{{a, b}, {b, a}} {
		h, other := pair[0], pair[1]
		address := other.address
		if h.at != other.at {
			address = other.Public()
		}
		addresses := []string{address.String()}
		if h.at.home == nil && other.at.home == nil {
			addresses = append(addresses, inInternet6(other.address))
		}
		for _, address := range addresses {
			err := h.filter(ctx, on,
				[]string{"--physdev-in", h.port(), "-d", address},
				[]string{"--physdev-out", h.port(), "-s", address})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// filter adds rules that drop packets on a host's cable, or takes them back. They
// are in the wire, where the host's own rules cannot interfere.
func (h *Host) filter(ctx context.Context, add bool, rules ...[]string) error {
	verb := map[bool]string{true: "-A", false: "-D"}[add]
	for _, rule := range rules {
		program := "iptables"
		if a, err := netip.ParseAddr(rule[len(rule)-1]); err == nil && a.Is6() {
			program = "ip6tables"
		}
		args := append([]string{program, "-w", verb, "FORWARD", "-m", "physdev", "--physdev-is-bridged"}, rule...)
		if err := doAll(ctx, [][]string{inNetns(h.at.world.ID, append(args, "-j", "DROP")...)}); err != nil {
			return err
		}
	}
	return nil
}

func setLink(ctx context.Context, id, link, state string) error {
	return doAll(ctx, [][]string{{"ip", "-n", id, "link", "set", link, state}})
}

// setMTU sets both ends of a cable: each drops what is larger than its own.
func setMTU(ctx context.Context, id, link, wire, port string, bytes int) error {
	mtu := strconv.Itoa(bytes)
	return doAll(ctx, [][]string{
		{"ip", "-n", id, "link", "set", link, "mtu", mtu},
		{"ip", "-n", wire, "link", "set", port, "mtu", mtu},
	})
}
