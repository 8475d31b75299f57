package overlay

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

// trimAfter is how long nothing has gone through before memory is given back.
const trimAfter = 10 * time.Second

// trim gives memory back to the system each time that traffic has come to rest: the
// runtime would do it in its own time, which is minutes, and keeps what pools hold
// until two collections have passed.
func trim(ctx context.Context, gates ...*gate) {
	tick := time.NewTicker(trimAfter)
	defer tick.Stop()
	seen, trimmed := uint64(0), uint64(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		total := uint64(0)
		for _, g := range gates {
			total += g.total.Load()
		}
		// A keepalive or the like is not worth a collection.
		if total-seen < quiet && total-trimmed >= quiet {
			runtime.GC()
			debug.FreeOSMemory()
			trimmed = total
		}
		seen = total
	}
}

// quiet is how many packets in trimAfter count as rest: gossip and health checks of
// a pool that has nothing to do.
const quiet = 2000
