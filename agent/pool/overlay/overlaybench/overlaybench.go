// Package overlaybench measures the overlay against wireguard-go as it comes and
// against no tunnel at all: throughput from node to node, the latency that it adds,
// and its memory. The nodes are network namespaces of its own (package netlab), so
// it needs root and /dev/net/tun, and leaves nothing behind.
//
// Each node's WireGuard is a process. Measure starts the running program again for
// it, which must therefore call Main first thing, as a test does in TestMain.
package overlaybench

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/overlay/netlab"
)

// Options say what to measure with. The zero value is good.
type Options struct {
	// Overlay is the command that runs the overlay with a configuration file, as
	// dcloud's own does; nil for this program, by way of Main.
	Overlay func(file string) (argv []string)
	// Rounds is how often each is measured; 0 for 3. What counts is the median.
	Rounds int
	// For is how long each transfer lasts; 0 for 2 s.
	For time.Duration
	// Pings is how many messages go to and fro for the latency; 0 for 3,000.
	Pings int
}

// Figures are of one way from node to node.
type Figures struct {
	Throughput float64       // TCP payload, bytes per second
	UDP, TCP   time.Duration // median time for a message of 64 bytes there and back
	// Anonymous memory of the receiving node's process, bytes: started, after the
	// transfers, and the most that it had.
	Idle, Loaded, Peak int64
}

// Result is what Measure found.
type Result struct {
	None    Figures // the veth pair alone
	Plain   Figures // wireguard-go with its defaults
	Overlay Figures
}

// Relative is the overlay's throughput in parts of wireguard-go's.
func (r Result) Relative() float64 { return r.Overlay.Throughput / r.Plain.Throughput }

// AddedUDP is what the overlay adds to the median latency, there and back.
func (r Result) AddedUDP() time.Duration { return r.Overlay.UDP - r.None.UDP }

// AddedTCP is the same for messages over an open TCP connection.
func (r Result) AddedTCP() time.Duration { return r.Overlay.TCP - r.None.TCP }

// String is a table for people.
func (r Result) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-14s %12s %10s %10s %8s %8s %8s\n", "", "MB/s", "UDP p50", "TCP p50", "idle MB", "after", "peak")
	for _, f := range []struct {
		name string
		Figures
	}{{"no tunnel", r.None}, {"wireguard-go", r.Plain}, {"overlay", r.Overlay}} {
		fmt.Fprintf(&b, "%-14s %12.0f %10s %10s %8.1f %8.1f %8.1f\n", f.name, f.Throughput/1e6, f.UDP.Round(time.Microsecond),
			f.TCP.Round(time.Microsecond), float64(f.Idle)/1e6, float64(f.Loaded)/1e6, float64(f.Peak)/1e6)
	}
	fmt.Fprintf(&b, "throughput %.2f of wireguard-go's; added latency p50: UDP %s, TCP %s\n", r.Relative(),
		r.AddedUDP().Round(time.Microsecond), r.AddedTCP().Round(time.Microsecond))
	return b.String()
}

// Measure measures all three on this machine, in turn and repeatedly, so that what
// else happens on it meets them alike.
func Measure(ctx context.Context, o Options) (Result, error) {
	if o.Rounds == 0 {
		o.Rounds = 3
	}
	if o.For == 0 {
		o.For = 2 * time.Second
	}
	if o.Pings == 0 {
		o.Pings = 3000
	}
	var none, plain, ours []Figures
	for range o.Rounds {
		for _, m := range []struct {
			into *[]Figures
			argv func(file string) ([]string, []string)
		}{{&none, nil}, {&plain, again(rolePlain)}, {&ours, o.overlay()}} {
			f, err := measure(ctx, o, m.argv)
			if err != nil {
				return Result{}, err
			}
			*m.into = append(*m.into, f)
		}
	}
	return Result{None: median(none), Plain: median(plain), Overlay: median(ours)}, nil
}

// overlay is the command of the overlay, and what to add to its environment.
func (o Options) overlay() func(file string) (argv, env []string) {
	if o.Overlay == nil {
		return again(roleOverlay)
	}
	return func(file string) ([]string, []string) { return o.Overlay(file), nil }
}

// measure measures one kind of tunnel between two new nodes; none if argv is nil.
func measure(ctx context.Context, o Options, argv func(file string) (argv, env []string)) (f Figures, err error) {
	dir, err := os.MkdirTemp("", "overlaybench")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	var nodes [2]*netlab.Host
	for i := range nodes {
		if nodes[i], err = netlab.New(fmt.Sprintf("n%d", i+1)); err != nil {
			return f, err
		}
		defer nodes[i].Close()
	}
	outside := [2]netip.Prefix{netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("192.0.2.2/24")}
	if err := netlab.Link(nodes[0], outside[0], nodes[1], outside[1], 0); err != nil {
		return f, err
	}
	target, pid := outside[1].Addr(), 0
	if argv != nil {
		tunnel, err := dig(ctx, dir, nodes, outside, argv)
		defer tunnel.close()
		if err != nil {
			return f, err
		}
		target, pid = tunnel.address, tunnel.pid
		if f.Idle, _, err = memory(pid); err != nil {
			return f, err
		}
	}
	if f.Throughput, err = throughput(ctx, nodes[0], nodes[1], target, o.For); err != nil {
		return f, fmt.Errorf("measure the throughput: %w", err)
	}
	if f.UDP, err = pingUDP(ctx, nodes[0], nodes[1], target, o.Pings); err != nil {
		return f, fmt.Errorf("measure the latency of UDP: %w", err)
	}
	if f.TCP, err = pingTCP(ctx, nodes[0], nodes[1], target, o.Pings); err != nil {
		return f, fmt.Errorf("measure the latency of TCP: %w", err)
	}
	if pid != 0 {
		f.Loaded, f.Peak, err = memory(pid)
	}
	return f, err
}

// A tunnel is WireGuard on both nodes.
type tunnel struct {
	processes []*exec.Cmd
	address   netip.Addr // of the second node
	pid       int        // of its process
}

func (t *tunnel) close() {
	for _, p := range t.processes {
		p.Process.Kill()
		p.Wait()
	}
}

// dig starts both processes and makes them peers.
func dig(ctx context.Context, dir string, nodes [2]*netlab.Host, outside [2]netip.Prefix, argv func(string) ([]string, []string)) (*tunnel, error) {
	t := &tunnel{}
	var keys [2]string
	var sockets [2]string
	for i, node := range nodes {
		private, err := overlay.NewKey(rand.Reader)
		if err != nil {
			return t, err
		}
		if keys[i], err = overlay.PublicKey(private); err != nil {
			return t, err
		}
		at := func(name string) string { return filepath.Join(dir, fmt.Sprintf("%s%d", name, i)) }
		sockets[i] = at("s")
		t.address = netip.AddrFrom4([4]byte{10, 213, 0, byte(i + 1)})
		text, err := json.Marshal(overlay.Config{Interface: "dcloud0", Address: netip.PrefixFrom(t.address, 16),
			ListenPort: 51820, KeyFile: at("key"), Socket: sockets[i]})
		if err == nil {
			err = errors.Join(os.WriteFile(at("key"), []byte(private), 0o600), os.WriteFile(at("config"), text, 0o600))
		}
		if err != nil {
			return t, err
		}
		words, env := argv(at("config"))
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Env, cmd.Stderr = append(os.Environ(), env...), os.Stderr
		if err := node.Start(cmd); err != nil {
			return t, err
		}
		t.processes, t.pid = append(t.processes, cmd), cmd.Process.Pid
	}
	for i := range nodes {
		other := overlay.Peer{Key: keys[1-i], Endpoint: net.JoinHostPort(outside[1-i].Addr().String(), "51820"),
			Allowed: []netip.Prefix{netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 213, 0, byte(2 - i)}), 32)}}
		if err := setPeer(ctx, sockets[i], other); err != nil {
			return t, err
		}
	}
	return t, nil
}

// setPeer sets the peer once the process answers.
func setPeer(ctx context.Context, socket string, peer overlay.Peer) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		err := overlay.Dial(socket).SetPeers(ctx, []overlay.Peer{peer})
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return err
		}
	}
}
