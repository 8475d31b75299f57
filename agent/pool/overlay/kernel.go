package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/vishvananda/netlink"
	"golang.zx2c4.com/wireguard/wgctrl"
	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"
)

// HasKernel tells whether the kernel has WireGuard. Asking makes it load the
// module, where that is not in yet.
func HasKernel() bool {
	_, err := netlink.GenlFamilyGet("wireguard")
	return err == nil
}

// Kernel gives the link of the kind wireguard that c names its key, port, address
// and MTU, and returns it as a device. It needs CAP_NET_ADMIN. Nothing has to stay
// running: the kernel does the work until the link is removed.
func Kernel(ctx context.Context, c Config) (Device, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	key, err := readKey(c.KeyFile)
	if err != nil {
		return nil, err
	}
	link, err := netlink.LinkByName(c.Interface)
	if err != nil {
		return nil, fmt.Errorf("find the interface %s: %w", c.Interface, err)
	}
	if link.Type() != "wireguard" {
		return nil, fmt.Errorf("the interface %s is of the kind %s, not wireguard", c.Interface, link.Type())
	}
	k := &kernel{name: c.Interface, find: net.DefaultResolver.LookupNetIP}
	err = k.with(func(w *wgctrl.Client) error {
		private := wgtypes.Key(key)
		have, err := w.Device(c.Interface)
		if err != nil {
			return err
		}
		if have.PrivateKey == private && have.ListenPort == c.ListenPort {
			return nil // setting the key anew would end all sessions
		}
		return w.ConfigureDevice(c.Interface, wgtypes.Config{PrivateKey: &private, ListenPort: &c.ListenPort})
	})
	if err != nil {
		return nil, fmt.Errorf("configure the interface %s: %w", c.Interface, err)
	}
	return k, prepareLink(link, c)
}

// kernel is a device of the kernel's.
type kernel struct {
	name string
	find lookup
	mu   sync.Mutex
}

// with opens a netlink socket for one use.
func (k *kernel) with(f func(*wgctrl.Client) error) error {
	w, err := wgctrl.New()
	if err != nil {
		return err
	}
	return errors.Join(f(w), w.Close())
}

func (k *kernel) Peers(context.Context) ([]PeerStatus, error) {
	a, err := k.get()
	return a.peers, err
}

func (k *kernel) get() (a answer, err error) {
	err = k.with(func(w *wgctrl.Client) error {
		d, err := w.Device(k.name)
		if err != nil {
			return err
		}
		a.self = d.PublicKey
		for _, p := range d.Peers {
			a.peers = append(a.peers, statusOf(p))
		}
		return nil
	})
	if err != nil {
		return a, fmt.Errorf("read the peers of %s: %w", k.name, err)
	}
	slices.SortFunc(a.peers, func(x, y PeerStatus) int { return strings.Compare(x.Key, y.Key) })
	return a, nil
}

func (k *kernel) SetPeers(ctx context.Context, peers []Peer) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	a, err := k.get()
	if err != nil {
		return err
	}
	list, wrong := checkPeers(peers, a.self)
	unresolved := resolve(ctx, k.find, peers, list, a.peers)
	if changes := plan(a.peers, list); len(changes) > 0 {
		err := k.with(func(w *wgctrl.Client) error {
			return w.ConfigureDevice(k.name, wgtypes.Config{Peers: peerConfigs(changes)})
		})
		if err != nil {
			return fmt.Errorf("set the peers of %s: %w", k.name, err)
		}
	}
	return errors.Join(wrong, unresolved)
}

func statusOf(p wgtypes.Peer) PeerStatus {
	s := PeerStatus{Key: p.PublicKey.String(), LastHandshake: p.LastHandshakeTime, Sent: p.TransmitBytes,
		Received: p.ReceiveBytes, Keepalive: p.PersistentKeepaliveInterval}
	if p.Endpoint != nil {
		e := p.Endpoint.AddrPort()
		s.Endpoint = netip.AddrPortFrom(e.Addr().Unmap(), e.Port())
	}
	for _, n := range p.AllowedIPs {
		if a, ok := netip.AddrFromSlice(n.IP); ok {
			ones, _ := n.Mask.Size()
			s.Allowed = append(s.Allowed, netip.PrefixFrom(a.Unmap(), ones))
		}
	}
	return s
}

// peerConfigs is the changes in wgctrl's words. Kernels before 6.16 cannot take
// single addresses from a peer: there what goes to nobody takes the others of its
// peer with it, for the moment until they are claimed again in the same message.
func peerConfigs(changes []change) []wgtypes.PeerConfig {
	var list []wgtypes.PeerConfig
	for _, c := range changes {
		p := wgtypes.PeerConfig{PublicKey: c.key, Remove: c.remove, UpdateOnly: !c.create,
			PersistentKeepaliveInterval: c.keepalive}
		if c.endpoint.IsValid() {
			p.Endpoint = net.UDPAddrFromAddrPort(c.endpoint)
		}
		allowed := c.add
		if len(c.drop) > 0 {
			p.ReplaceAllowedIPs = true
			allowed = c.keep
		}
		for _, a := range allowed {
			p.AllowedIPs = append(p.AllowedIPs, net.IPNet{
				IP: a.Addr().AsSlice(), Mask: net.CIDRMask(a.Bits(), a.Addr().BitLen())})
		}
		list = append(list, p)
	}
	return list
}
