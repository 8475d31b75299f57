package overlay

import (
	"sync/atomic"
	"time"
)

const (
	// window is how many packets may be between a reader and a writer. wireguard-go
	// bounds its queues by thousands of batches with a buffer of 64 KiB for each
	// packet: gigabytes, if one end is faster than the other. 512 full packets
	// are 0.7 MB, more than what is on its way inside one machine at 10 Gbit/s in
	// half a millisecond.
	window = 512
	// patience is how long a full gate waits while nothing gets through before it
	// takes what was on its way for dropped: packets of no peer, or whose
	// decryption failed, leave without a word.
	patience = 20 * time.Millisecond
)

// A gate holds a reader back while too much of what it has read is still on its
// way. So memory stays bounded, and queues short: the kernel's, which know how to
// drop, take what is too much.
type gate struct {
	inside   atomic.Int64
	total    atomic.Uint64 // of all that entered
	waiting  atomic.Bool
	room     chan struct{}
	patience time.Duration
}

func newGate() *gate { return &gate{room: make(chan struct{}, 1), patience: patience} }

// wait returns once there is room. One goroutine waits at a time.
func (g *gate) wait() {
	if g.inside.Load() < window {
		return
	}
	g.waiting.Store(true)
	defer g.waiting.Store(false)
	timer := time.NewTimer(g.patience)
	defer timer.Stop()
	for g.inside.Load() >= window {
		select {
		case <-g.room:
			timer.Reset(g.patience)
		case <-timer.C:
			g.inside.Store(0)
		}
	}
}

// enter counts packets in.
func (g *gate) enter(n int) {
	g.inside.Add(int64(n))
	g.total.Add(uint64(n))
}

// leave counts packets out. More may leave than entered: handshakes and keepalives
// start inside.
func (g *gate) leave(n int) {
	if now := g.inside.Add(-int64(n)); now < 0 {
		g.inside.CompareAndSwap(now, 0)
	}
	if g.waiting.Load() {
		select {
		case g.room <- struct{}{}:
		default:
		}
	}
}
