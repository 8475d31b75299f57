package live

import (
	"maps"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	// keepEnded is how long an operation is known after its end.
	keepEnded = 10 * time.Minute
	// keepSilent is how long one is that says nothing and does not end: nobody works on
	// it any more, whatever it was that took its last event along.
	keepSilent = time.Hour
	// keepDoubtful is how long an agent that is back has to tell that an operation goes on.
	keepDoubtful = 5 * time.Second
	// maxOps, maxStages and maxPast bound what is remembered, whatever the source says.
	maxOps, maxStages, maxPast = 200, 32, 1000
)

// ops are the operations that events told of, the newest of each app and machine.
type ops struct {
	by map[string]Op
	// past are operations that newer ones have taken the place of; their events still
	// come, when an agent that is back tells all that it remembers.
	past  map[string]bool
	order []string // of past, the oldest first
	// doubtful are those under way when the events broke off, and since when: the agent
	// may have begun anew, and then nothing tells of their end.
	doubtful map[string]time.Time
}

func newOps() ops {
	return ops{by: map[string]Op{}, past: map[string]bool{}, doubtful: map[string]time.Time{}}
}

// keyOf is what an event is about: an app's name, or "node:NAME"; "" for nothing.
func keyOf(ev agent.Event) string {
	switch {
	case ev.App != "":
		return ev.App
	case ev.Node != "":
		return "node:" + ev.Node
	}
	return ""
}

// take takes an event in, and tells whether that changed anything.
func (o *ops) take(ev agent.Event) bool {
	key := keyOf(ev)
	if key == "" || ev.Op == "" || o.past[ev.Op] {
		return false
	}
	op, known := o.by[key]
	if known && op.ID == ev.Op {
		delete(o.doubtful, ev.Op)
		if op.Last.Final || ev.ID <= op.Last.ID && !ev.Time.After(op.Last.Time) {
			return false // told again
		}
	} else {
		if known && ev.Time.Before(op.Began) {
			o.outlive(ev.Op)
			return false
		}
		if known {
			o.outlive(op.ID)
		}
		op = Op{ID: ev.Op, Began: ev.Time}
	}
	op.Last = ev
	op.Stages = withStage(op.Stages, ev)
	o.by[key] = op
	o.bound(key)
	return true
}

// withStage is the list with an event's stage in it. The one that it is made of belongs
// to states that pages hold.
func withStage(list []Stage, ev agent.Event) []Stage {
	if ev.Stage == "" {
		return list
	}
	k := slices.IndexFunc(list, func(s Stage) bool { return s.Name == ev.Stage })
	if k < 0 {
		if len(list) >= maxStages {
			return list
		}
		return append(slices.Clone(list), Stage{Name: ev.Stage, State: ev.State, Message: ev.Message, Began: ev.Time})
	}
	list = slices.Clone(list)
	list[k].State = ev.State
	if ev.Message != "" {
		list[k].Message = ev.Message
	}
	return list
}

// outlive remembers that an operation's time is over.
func (o *ops) outlive(id string) {
	if o.past[id] {
		return
	}
	o.past[id] = true
	o.order = append(o.order, id)
	delete(o.doubtful, id)
	if len(o.order) > maxPast {
		delete(o.past, o.order[0])
		o.order = slices.Delete(o.order, 0, 1)
	}
}

// drop forgets what is under a key.
func (o *ops) drop(key string) {
	o.outlive(o.by[key].ID)
	delete(o.by, key)
}

// bound makes room beside the one that came last: ended ones go first, then the oldest.
func (o *ops) bound(last string) {
	if len(o.by) <= maxOps {
		return
	}
	worst := ""
	for key, op := range o.by {
		if key == last {
			continue
		}
		w := o.by[worst]
		if worst == "" || op.Last.Final && !w.Last.Final ||
			op.Last.Final == w.Last.Final && op.Last.Time.Before(w.Last.Time) {
			worst = key
		}
	}
	o.drop(worst)
}

// prune forgets what is out of date, and tells whether that was anything. Where known
// is false the state does not say what there is.
func (o *ops) prune(now time.Time, s *State, known bool) bool {
	before := len(o.by)
	for key, op := range o.by {
		age := now.Sub(op.Last.Time)
		there, busy := s.holds(key, op)
		if busy && o.lost(op.ID, now) {
			o.doubtful[op.ID] = now // it is worked on; look again
		}
		switch {
		case op.Last.Final && age >= keepEnded,
			!op.Last.Final && age >= keepSilent,
			// A failed install's app is gone too; why it failed is what one wants to see.
			known && op.Last.Final && op.Last.State != agent.EventFailed && !there,
			known && o.lost(op.ID, now):
			o.drop(key)
		}
	}
	return len(o.by) != before
}

// lost tells whether nothing was heard of a doubtful operation in time.
func (o *ops) lost(id string, now time.Time) bool {
	since, ok := o.doubtful[id]
	return ok && now.Sub(since) >= keepDoubtful
}

// holds tells whether what an operation is about is there, and whether it is busy.
func (s *State) holds(key string, op Op) (there, busy bool) {
	for _, a := range s.Apps {
		if a.Name == key {
			return true, a.State == agent.StateInstalling
		}
	}
	for _, n := range s.Nodes {
		if "node:"+n.Name == key {
			return true, n.Op == op.ID
		}
	}
	return false, false
}

// next is when something goes out of date, as time from now.
func (o *ops) next(now time.Time) time.Duration {
	least := time.Hour
	for _, op := range o.by {
		keep := keepSilent
		if op.Last.Final {
			keep = keepEnded
		}
		least = min(least, keep-now.Sub(op.Last.Time))
	}
	for _, since := range o.doubtful {
		least = min(least, keepDoubtful-now.Sub(since))
	}
	return max(least, time.Second)
}

// snapshot is a map that nobody changes any more.
func (o *ops) snapshot() map[string]Op { return maps.Clone(o.by) }

// take takes an event in and shows it to the pages at once, or, if the last one was
// just now, a moment later together with what else came.
func (h *Hub) take(ev agent.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ev.Time.IsZero() {
		ev.Time = h.now()
	}
	if !h.ops.take(ev) || h.unfed {
		return
	}
	h.unfed = true
	wait := apart - h.now().Sub(h.fed)
	switch {
	case wait <= 0:
		h.show()
	case h.feed == nil:
		h.feed = time.AfterFunc(wait, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.show()
		})
	default:
		h.feed.Reset(wait)
	}
}

// show makes a state with the operations as they are. mu is held.
func (h *Hub) show() {
	if !h.unfed {
		return
	}
	h.unfed, h.fed = false, h.now()
	h.publish(func(s *State) { s.Ops = h.ops.snapshot() })
}

// doubt marks what was under way before the source's events began anew.
func (h *Hub) doubt() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, op := range h.ops.by {
		if !op.Last.Final {
			h.ops.doubtful[op.ID] = h.now()
		}
	}
}

// stale is when an operation goes out of date next.
func (h *Hub) stale() time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ops.next(h.now())
}
