package control

import (
	"context"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// remembered is how many events a late or returning listener can still get: an
// install has about twenty, so this is the last hundred changes.
const remembered = 2048

// broker hands events to whoever listens and remembers the last ones. A slow
// listener holds nobody up: it reads from the memory at its own pace, and one
// that falls behind by more than `remembered` events misses the oldest.
type broker struct {
	now func() time.Time

	mu   sync.Mutex
	next uint64
	ring []agent.Event
	wake chan struct{} // closed and replaced at each event
}

func newBroker(now func() time.Time) *broker {
	// IDs start at the time in microseconds, so they grow across restarts of the
	// agent and a client that reconnects with the last one misses nothing.
	return &broker{now: now, next: uint64(now().UnixMicro()), wake: make(chan struct{})}
}

// publish stamps an event and gives it to the listeners.
func (b *broker) publish(e agent.Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	e.ID, e.Time = b.next, b.now()
	if len(b.ring) == remembered {
		b.ring = append(b.ring[:0:0], b.ring[remembered/4:]...)
	}
	b.ring = append(b.ring, e)
	close(b.wake)
	b.wake = make(chan struct{})
}

// after returns the remembered events of an app ("" for all) that came after the
// given one, the newest ID there is, and a channel that closes when there is more.
func (b *broker) after(app string, id uint64) ([]agent.Event, uint64, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []agent.Event
	for _, e := range b.ring {
		if e.ID > id && (app == "" || e.App == app) {
			out = append(out, e)
		}
	}
	return out, b.next, b.wake
}

// Events sends what happened after the event with the given ID and then what
// happens, until ctx ends.
func (s *Service) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	out := make(chan agent.Event)
	go func() {
		defer close(out)
		for {
			events, last, more := s.events.after(app, after)
			for _, e := range events {
				select {
				case out <- e:
				case <-ctx.Done():
					return
				}
			}
			after = max(after, last)
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

// progress reports the stages of one operation.
type progress struct {
	s    *Service
	op   string
	app  string
	last string
}

// percentAt is how far an install is when a stage begins. Pulling an image takes
// by far the longest where it is not on the machine yet.
var percentAt = map[string]int{
	agent.StageResolve: 0, agent.StageCheck: 2, agent.StageSecrets: 4, agent.StageVolumes: 6,
	agent.StagePlan: 8, agent.StagePull: 10, agent.StageStart: 75, agent.StageHealthy: 85,
	agent.StageRouted: 95, agent.StageStop: 20, agent.StageRemove: 60,
}

func (p *progress) start(stage, message string) {
	if p.last == stage {
		return
	}
	p.last = stage
	p.send(agent.Event{Stage: stage, State: agent.EventStarted, Message: message, Percent: percentAt[stage]})
}

func (p *progress) update(stage, message string, percent int) {
	p.send(agent.Event{Stage: stage, State: agent.EventProgress, Message: message, Percent: percent})
}

func (p *progress) done(stage, message string) {
	p.last = stage
	p.send(agent.Event{Stage: stage, State: agent.EventDone, Message: message, Percent: percentAt[stage]})
}

func (p *progress) finish(stage, message, url string) {
	p.send(agent.Event{Stage: stage, State: agent.EventDone, Message: message, Percent: 100, Final: true, URL: url})
}

func (p *progress) fail(stage string, err *agent.Error, logs []string) {
	p.send(agent.Event{Stage: stage, State: agent.EventFailed, Message: err.Message, Percent: percentAt[stage], Final: true, Error: err, Logs: logs})
}

func (p *progress) send(e agent.Event) {
	e.Op, e.App = p.op, p.app
	p.s.events.publish(e)
}
