package gossip

import (
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/dentropy/dcloud/agent/pool"
)

// goodbyeHolds is how long a goodbye may come before or after the member is found
// silent, and still be the reason for it.
const goodbyeHolds = 10 * time.Second

// A record is how one member of the roster was last seen.
type record struct {
	id      string // the member's: a name may be given to another machine
	state   string
	since   time.Time
	facts   pool.Facts
	meta    []byte    // facts as they came
	goodbye time.Time // when it said that it goes
	untold  bool      // memberlist has not spoken of it since it is in the roster
}

// Seen tells how each member of the roster is seen, in the roster's order; this one
// is always alive, and gone are those that never were there. The facts of one that is
// gone are its last.
func (g *Gossip) Seen() []pool.Seen {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := make([]pool.Seen, 0, len(g.book.roster.Members))
	for _, m := range g.book.roster.Members {
		r := g.seen[m.Name]
		s := pool.Seen{Name: m.Name, Address: m.Address, State: r.state, Since: r.since, Facts: r.facts}
		if m.Name == g.config.Name {
			s.Facts = g.facts
			s.Facts.Serial = g.book.roster.Serial
			s.State = pool.Alive
			if g.leaving {
				s.State = pool.Left
			}
		}
		list = append(list, s)
	}
	return list
}

// Watch gives a channel that is closed at the next change of what Seen tells. Ask
// for it before Seen, and nothing is missed.
func (g *Gossip) Watch() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.changed
}

// change tells those who watch. The caller holds mu.
func (g *Gossip) change() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// welcome makes the records those of a new roster. The caller holds mu, or is the
// only one yet.
func (g *Gossip) welcome(b *book) {
	records := make(map[string]record, len(b.byName))
	for name, m := range b.byName {
		r, known := g.seen[name]
		if !known || r.id != m.ID {
			r = record{id: m.ID, state: pool.Gone, since: time.Now(), untold: true}
		}
		records[name] = r
	}
	g.seen = records
}

// events keeps the records, from what memberlist tells.
type events Gossip

// NotifyJoin implements memberlist.EventDelegate.
func (g *events) NotifyJoin(n *memberlist.Node) { (*Gossip)(g).met(n.Name, n.Meta) }

// NotifyUpdate implements memberlist.EventDelegate.
func (g *events) NotifyUpdate(n *memberlist.Node) { (*Gossip)(g).met(n.Name, n.Meta) }

// NotifyLeave implements memberlist.EventDelegate: it is silent, or has left.
func (g *events) NotifyLeave(n *memberlist.Node) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, ok := g.seen[n.Name]
	if !ok || n.Name == g.config.Name {
		return
	}
	r.state, r.since, r.untold = pool.Gone, time.Now(), false
	if time.Since(r.goodbye) < goodbyeHolds {
		r.state = pool.Left
	}
	g.seen[n.Name] = r
	g.log.Info("a member is "+r.state, "node", n.Name)
	(*Gossip)(g).change()
}

// met notes that a member is there, with these facts.
func (g *Gossip) met(name string, meta []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	m, ok := g.book.byName[name]
	if !ok || name == g.config.Name {
		return
	}
	r := g.seen[name]
	if string(r.meta) != string(meta) {
		facts, err := checkFacts(m, meta)
		if err != nil {
			return // guard has refused it; or the roster changed in between
		}
		r.facts, r.meta = facts, append([]byte(nil), meta...)
	}
	if r.state != pool.Alive {
		r.state, r.since, r.goodbye = pool.Alive, time.Now(), time.Time{}
		g.log.Info("a member is there", "node", name)
	}
	r.untold = false
	g.seen[name] = r
	g.change()
}

// reconcile notes members that memberlist knew before the roster had them, of which it
// will not speak again by itself.
func (g *Gossip) reconcile() {
	g.mu.Lock()
	untold := false
	for _, r := range g.seen {
		untold = untold || r.untold
	}
	g.mu.Unlock()
	if !untold {
		return
	}
	for _, n := range g.list.Members() {
		g.mu.Lock()
		fits := g.seen[n.Name].untold && g.book.check(n, g.config.Port) == nil
		g.mu.Unlock()
		if fits {
			g.met(n.Name, n.Meta)
		}
	}
}

// parted notes a goodbye. It says whether that is news.
func (g *Gossip) parted(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, ok := g.seen[name]
	if !ok || name == g.config.Name || time.Since(r.goodbye) < goodbyeHolds {
		return false
	}
	r.goodbye = time.Now()
	if r.state == pool.Gone && !r.untold && time.Since(r.since) < goodbyeHolds {
		r.state = pool.Left
		g.change()
	}
	g.seen[name] = r
	return true
}

// left lists who has left, and when.
func (g *Gossip) left() map[string]time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	list := map[string]time.Time{}
	for name, r := range g.seen {
		if r.state == pool.Left {
			list[name] = r.since
		}
	}
	return list
}

// learnLeft believes others about members that this one has never met.
func (g *Gossip) learnLeft(list map[string]time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, since := range list {
		if r, ok := g.seen[name]; ok && r.untold && r.state == pool.Gone && name != g.config.Name {
			if now := time.Now(); since.After(now) {
				since = now
			}
			r.state, r.since = pool.Left, since
			g.seen[name] = r
			g.change()
		}
	}
}
