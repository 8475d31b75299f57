//go:build wireguard

// The kernel's own WireGuard, for machines that have it:
//
//	go test -tags wireguard -run TheKernelCarries ./agent/pool/overlay

package overlay_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/overlay/netlab"
	"github.com/dentropy/dcloud/provisioning/node"
)

// startKernel gives the machine an overlay of the kernel's.
func (m *machine) startKernel() {
	m.t.Helper()
	check(m.t, m.Do(func() error {
		_, err := node.EnsureInterface(m.config.Interface, m.config.Address)
		if err != nil {
			return err
		}
		kind, err := node.InterfaceKind(m.config.Interface)
		if err == nil && kind != node.KindWireGuard {
			m.t.Errorf("the interface is of the kind %q", kind)
		}
		if err == nil {
			m.device, err = overlay.Kernel(context.Background(), m.config)
		}
		m.device = there{m.Host, m.device}
		return err
	}))
}

// there is a device that is asked from where it is.
type there struct {
	host *netlab.Host
	overlay.Device
}

func (d there) SetPeers(ctx context.Context, peers []overlay.Peer) error {
	return d.host.Do(func() error { return d.Device.SetPeers(ctx, peers) })
}

func (d there) Peers(ctx context.Context) (list []overlay.PeerStatus, err error) {
	err = d.host.Do(func() error { list, err = d.Device.Peers(ctx); return err })
	return list, err
}

func TestTheKernelCarriesTheTunnelAndKeepsSessions(t *testing.T) {
	if !overlay.HasKernel() {
		t.Fatal("the kernel has no WireGuard")
	}
	m, n, third := newMachine(t, 1), newMachine(t, 2), newMachine(t, 3)
	check(t, netlab.Link(m.Host, netip.MustParsePrefix("192.0.2.1/24"), n.Host, netip.MustParsePrefix("192.0.2.2/24"), 0))
	m.startKernel()
	n.start() // the process's TUN: both understand each other
	moving := netip.MustParsePrefix("10.213.0.9/32")
	relay, other := n.peer("192.0.2.2"), third.peer("")
	relay.Allowed = append(relay.Allowed, moving)
	m.setPeers(relay, other)
	n.setPeers(m.peer(""))
	transfer(t, m, n, 1<<20)
	before := m.status(n)
	if before.LastHandshake.IsZero() || before.Sent < 1<<20 || before.Endpoint != netip.MustParseAddrPort("192.0.2.2:51820") {
		t.Errorf("m knows of n: %+v", before)
	}

	own := n.peer("")
	own.Keepalive = 25 * time.Second
	other.Allowed = append(other.Allowed, moving)
	m.setPeers(own, other)
	if got := m.status(third).Allowed; len(got) != 2 {
		t.Errorf("behind the third are %v", got)
	}
	m.setPeers(own, third.peer(""))
	m.setPeers(own)
	m.startKernel() // as after the agent's restart
	transfer(t, n, m, 1<<20)
	after := m.status(n)
	if !after.LastHandshake.Equal(before.LastHandshake) || after.Keepalive != 25*time.Second || after.Endpoint != before.Endpoint ||
		len(after.Allowed) != 1 {
		t.Errorf("then m knows of n: %+v\nbefore: %+v", after, before)
	}
	if list, err := m.device.Peers(context.Background()); err != nil || len(list) != 1 {
		t.Errorf("peers: %v, %v", list, err)
	}
}
