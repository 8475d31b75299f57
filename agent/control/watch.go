package control

import (
	"context"
	"time"
)

// How often Watch tells of changes.
const (
	watchLeast = 200 * time.Millisecond // between two
	watchMost  = 15 * time.Second       // what hangs on the time or the gossip alone is not told by any engine
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
