// Package overlay is the pool's private network: WireGuard between all members,
// over one UDP port. Where the kernel has WireGuard the interface is one of that
// kind and Kernel configures it; elsewhere Run, a process of its own, attaches
// wireguard-go to the persistent TUN and Dial reaches it over a Unix socket in
// WireGuard's configuration protocol (https://www.wireguard.com/xplatform/). Both
// give a Device, which holds exactly the peers that it is told. The interface and
// its address are the machine's and outlive the process: who has bound to the
// address does not notice.
//
// It depends on golang.zx2c4.com/wireguard, wgctrl and netlink; it knows neither
// rosters nor members (package paths turns those into peers). Start reading at
// Device (this file), then Run (run.go) and plan (plan.go).
package overlay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"time"
)

// Config is what the overlay of one machine needs to run. It travels as a JSON
// file, which holds no secret.
type Config struct {
	Interface  string       `json:"interface"`
	Address    netip.Prefix `json:"address"`       // of the interface, with the pool's length: 10.213.0.2/16
	MTU        int          `json:"mtu,omitempty"` // bytes; 0 for DefaultMTU
	ListenPort int          `json:"listen_port"`   // UDP, IPv4 and IPv6
	KeyFile    string       `json:"key_file"`      // private key, base64
	Socket     string       `json:"socket"`        // Unix socket that takes the peers
}

// ReadConfig reads a Config from its file.
func ReadConfig(file string) (Config, error) {
	var c Config
	text, err := os.ReadFile(file)
	if err != nil {
		return c, fmt.Errorf("read the overlay's configuration: %w", err)
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("read the overlay's configuration %s: %w", file, err)
	}
	return c, errors.Join(c.check(), c.checkSocket())
}

// checkSocket checks what only the process needs.
func (c Config) checkSocket() error {
	// The kernel's limit is 107 bytes; the name gets longer while it is made.
	if n := len(c.Socket); n == 0 || n+len(freshSuffix) > 107 {
		return fmt.Errorf("overlay: the path of the socket, %q, is not 1 to %d bytes long", c.Socket, 107-len(freshSuffix))
	}
	return nil
}

func (c Config) check() error {
	switch {
	case c.Interface == "" || len(c.Interface) > maxInterfaceName:
		return fmt.Errorf("overlay: %q cannot name an interface (1 to %d bytes)", c.Interface, maxInterfaceName)
	case !c.Address.IsValid():
		return fmt.Errorf("overlay: the interface %s has no address", c.Interface)
	case c.MTU != 0 && (c.MTU < minMTU || c.MTU > 65000):
		return fmt.Errorf("overlay: the MTU %d is not between %d and 65000", c.MTU, minMTU)
	case c.ListenPort < 0 || c.ListenPort > 65535:
		return fmt.Errorf("overlay: %d is no UDP port", c.ListenPort)
	case c.KeyFile == "":
		return errors.New("overlay: no file with the private key is named")
	}
	return nil
}

// maxInterfaceName is the kernel's IFNAMSIZ without the end mark.
const maxInterfaceName = 15

// Peer is a machine as the overlay is to reach it.
type Peer struct {
	Key string // public, base64
	// Endpoint is host:port, where host may be a name, or "" to leave what has been
	// learnt from the peer's packets.
	Endpoint string
	// Allowed are the addresses that are behind this peer: what goes to them goes
	// to it, and only from them it may speak. No two peers share one.
	Allowed []netip.Prefix
	// Keepalive is how often an empty packet keeps the way through a NAT open; 0
	// never, else whole seconds up to 65535.
	Keepalive time.Duration
}

// PeerStatus is a peer as the device has it.
type PeerStatus struct {
	Key           string
	Endpoint      netip.AddrPort // zero where none is known
	LastHandshake time.Time      // zero where there was none
	Sent          int64          // bytes, as they travel outside
	Received      int64
	Allowed       []netip.Prefix
	Keepalive     time.Duration
}

// Device is a running overlay.
type Device interface {
	// SetPeers makes these, exactly, the device's peers. Those that stay keep their
	// sessions. A peer that cannot be set (a name that does not resolve, a broken
	// key) does not keep the others from being set: the error tells of it. With a
	// name that does not resolve the peer is there, with the endpoint it had.
	SetPeers(ctx context.Context, peers []Peer) error
	// Peers lists them in the order of their keys.
	Peers(ctx context.Context) ([]PeerStatus, error)
}
