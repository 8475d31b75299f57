package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
)

// How often Watch tells of changes.
const (
	watchLeast = 200 * time.Millisecond // between two
	watchMost  = 15 * time.Second       // what hangs on the time alone is told by nobody
)

// Watch sends whenever something of the view may have changed, and once at the
// beginning, until ctx ends. Changes that come while nobody takes one are one.
func (s *Service) Watch(ctx context.Context) (<-chan struct{}, error) {
	out := make(chan struct{}, 1)
	go func() {
		defer close(out)
		for {
			// What changes from here on is told by the next one.
			changed := s.view.read(func() {})
			select {
			case out <- struct{}{}:
			default:
			}
			if !pause(ctx, watchLeast) {
				return
			}
			late := time.NewTimer(watchMost)
			select {
			case <-changed:
			case <-late.C:
			case <-ctx.Done():
			}
			late.Stop()
			if ctx.Err() != nil {
				return
			}
		}
	}()
	return out, nil
}

// pause waits, and tells whether ctx still goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// watchGossip wakes who waits for news when the gossip sees a machine otherwise than
// before: no engine tells of that.
func (s *Service) watchGossip(ctx context.Context) error {
	if s.Members.Seen == nil {
		return nil
	}
	last := ""
	for {
		if now := gossipOf(s.Members.Seen()); now != last {
			last = now
			s.view.set("gossip", func() {})
		}
		if !pause(ctx, time.Second) {
			return nil
		}
	}
}

// gossipOf is what of the gossip the list of machines shows, as text.
func gossipOf(seen []pool.Seen) string {
	var lines []string
	for _, m := range seen {
		line := fmt.Sprint(m.Facts.ID, " ", m.State, " ", m.Facts.Version)
		for _, name := range slices.Sorted(maps.Keys(m.Facts.Engines)) {
			line += " " + name + " " + m.Facts.Engines[name]
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
