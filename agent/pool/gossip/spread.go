package gossip

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/dentropy/dcloud/agent/pool"
)

// How a roster travels. A roster of more than three members does not fit into a
// packet, so what is gossiped is only "I have the roster 17" (news): who has an older
// one asks for it (want) and is sent it over a stream (whole), and then has news for
// others itself. So the load is spread, and it takes as many steps as gossip does. What
// was lost on the way comes with the full exchange that memberlist makes when a member
// is called, and every syncInterval (state).
//
// A message is its kind, one byte, and:
const (
	kindNews    = 1 // serial, 8 bytes big endian, and the name of who has it
	kindWant    = 2 // the name of who wants the roster
	kindWhole   = 3 // the signed roster
	kindGoodbye = 4 // the name of who goes
)

const (
	// maxName bounds a name in a message. Members' names are DNS labels.
	maxName = 63
	// askAgain is how long an answer to a want may take before another is asked.
	askAgain = 500 * time.Millisecond
	// heardHolds is how long news are run after if nobody has what they tell of.
	heardHolds = 10 * time.Second
	// maxAnswers bounds how many are sent a roster at once.
	maxAnswers = 8
	// maxState bounds what comes with a full exchange: a roster, and who has left.
	maxState = MaxRoster + MaxRoster/4
)

// heard is the newest roster that others speak of.
type heard struct {
	serial uint64
	at     time.Time
	asked  time.Time
}

// What is exchanged in full is the length of the signed roster, 4 bytes big endian,
// the roster, and who has left and when, as a JSON object.
func writeState(roster []byte, left map[string]time.Time) ([]byte, error) {
	tail, err := json.Marshal(left)
	if err != nil {
		return nil, err
	}
	state := make([]byte, 0, 4+len(roster)+len(tail))
	state = binary.BigEndian.AppendUint32(state, uint32(len(roster)))
	return append(append(state, roster...), tail...), nil
}

func readState(state []byte) (roster []byte, left map[string]time.Time, err error) {
	if len(state) > maxState {
		return nil, nil, fmt.Errorf("%d bytes, more than %d", len(state), maxState)
	}
	if len(state) < 4 || uint64(binary.BigEndian.Uint32(state)) > uint64(len(state)-4) {
		return nil, nil, fmt.Errorf("%d bytes are too few", len(state))
	}
	n := 4 + binary.BigEndian.Uint32(state)
	err = json.Unmarshal(state[n:], &left)
	return state[4:n:n], left, err
}

// A broadcast is queued until it was repeated often enough. A newer one of the same
// name takes its place.
type broadcast struct {
	name    string
	message []byte
}

// Name implements memberlist.NamedBroadcast.
func (b *broadcast) Name() string { return b.name }

// Invalidates implements memberlist.Broadcast.
func (b *broadcast) Invalidates(other memberlist.Broadcast) bool {
	o, ok := other.(*broadcast)
	return ok && o.name == b.name
}

// Message implements memberlist.Broadcast.
func (b *broadcast) Message() []byte { return b.message }

// Finished implements memberlist.Broadcast.
func (b *broadcast) Finished() {}

// delegate carries our messages, facts and state.
type delegate Gossip

// NodeMeta implements memberlist.Delegate.
func (d *delegate) NodeMeta(int) []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.meta
}

// GetBroadcasts implements memberlist.Delegate.
func (d *delegate) GetBroadcasts(overhead, limit int) [][]byte {
	return d.spread.GetBroadcasts(overhead, limit)
}

// NotifyMsg implements memberlist.Delegate.
func (d *delegate) NotifyMsg(message []byte) { (*Gossip)(d).handle(message) }

// LocalState implements memberlist.Delegate.
func (d *delegate) LocalState(bool) []byte {
	g := (*Gossip)(d)
	left := g.left()
	g.mu.Lock()
	roster := g.book.signed
	g.mu.Unlock()
	data, err := writeState(roster, left)
	if err != nil {
		g.log.Error("write the state for another member", "error", err)
		return nil
	}
	return data
}

// MergeRemoteState implements memberlist.Delegate.
func (d *delegate) MergeRemoteState(data []byte, _ bool) {
	g := (*Gossip)(d)
	roster, left, err := readState(data)
	if err != nil {
		g.log.Warn("refused a member's state", "error", err)
		return
	}
	if len(roster) > 0 {
		if _, err := g.take(roster); err != nil {
			g.log.Warn("refused a roster", "error", err)
		}
	}
	g.learnLeft(left)
}

// open reads a signed roster.
func (g *Gossip) open(signed []byte) (pool.Roster, error) {
	if len(signed) > MaxRoster {
		return pool.Roster{}, fmt.Errorf("the roster has %d bytes, more than %d", len(signed), MaxRoster)
	}
	return pool.OpenRoster(signed, g.config.Authority)
}

// take makes a roster ours if it is newer, and says whether it was.
func (g *Gossip) take(signed []byte) (bool, error) {
	g.mu.Lock()
	same := bytes.Equal(signed, g.book.signed)
	g.mu.Unlock()
	if same {
		return false, nil
	}
	r, err := g.open(signed)
	if err != nil {
		return false, err
	}
	b := newBook(bytes.Clone(signed), r)
	g.mu.Lock()
	newer := g.book.newer(r)
	if newer {
		g.book = b
		g.welcome(b)
		g.change()
	}
	g.mu.Unlock()
	if !newer {
		return false, nil
	}
	g.log.Info("a newer roster", "serial", r.Serial, "members", len(r.Members))
	g.announce(r.Serial)
	g.hurry()
	select {
	case g.news <- struct{}{}:
	default:
	}
	return true, nil
}

// tell calls OnRoster, one roster after the other, for those after told.
func (g *Gossip) tell(told *book) {
	for {
		g.mu.Lock()
		b := g.book
		g.mu.Unlock()
		if b != told && g.config.OnRoster != nil {
			g.config.OnRoster(bytes.Clone(b.signed), b.roster)
		}
		told = b
		select {
		case <-g.stopped.Done():
			return
		case <-g.news:
		}
	}
}

func (g *Gossip) announce(serial uint64) {
	message := binary.BigEndian.AppendUint64([]byte{kindNews}, serial)
	g.spread.QueueBroadcast(&broadcast{"roster", append(message, g.config.Name...)})
}

func (g *Gossip) sayGoodbye() {
	g.spread.QueueBroadcast(&broadcast{"goodbye " + g.config.Name, append([]byte{kindGoodbye}, g.config.Name...)})
}

// handle takes a message of another member. What makes no sense is dropped: who can
// send it has the key, and a later version may have more kinds.
func (g *Gossip) handle(message []byte) {
	if len(message) < 2 {
		return
	}
	kind, body := message[0], message[1:]
	switch {
	case kind == kindNews && len(body) > 8 && len(body) <= 8+maxName:
		g.hear(binary.BigEndian.Uint64(body), string(body[8:]))
	case kind == kindWant && len(body) <= maxName:
		g.answer(string(body))
	case kind == kindWhole:
		if _, err := g.take(body); err != nil {
			g.log.Warn("refused a roster", "error", err)
		}
	case kind == kindGoodbye && len(body) <= maxName:
		if name := string(body); g.parted(name) {
			g.spread.QueueBroadcast(&broadcast{"goodbye " + name, bytes.Clone(message)})
		}
	}
}

// hear runs after a newer roster.
func (g *Gossip) hear(serial uint64, from string) {
	now := time.Now()
	g.mu.Lock()
	if serial <= g.book.roster.Serial {
		g.mu.Unlock()
		return
	}
	if serial > g.heard.serial || now.Sub(g.heard.at) > heardHolds {
		g.heard.serial, g.heard.at = serial, now
	}
	ask := now.Sub(g.heard.asked) > askAgain
	if ask {
		g.heard.asked = now
	}
	g.mu.Unlock()
	if n := g.member(from); ask && n != nil {
		if err := g.list.SendBestEffort(n, append([]byte{kindWant}, g.config.Name...)); err != nil {
			g.log.Debug("ask for the roster", "node", from, "error", err)
		}
	}
}

// behind tells whether others have spoken of a newer roster lately that is not here.
func (g *Gossip) behind() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.heard.serial > g.book.roster.Serial && time.Since(g.heard.at) < heardHolds
}

// answer sends the roster to a member. One that comes when too many are served
// already asks another.
func (g *Gossip) answer(name string) {
	n := g.member(name)
	if n == nil {
		return
	}
	g.mu.Lock()
	signed := g.book.signed
	g.mu.Unlock()
	if signed == nil {
		return
	}
	select {
	case g.answers <- struct{}{}:
	default:
		return
	}
	go func() {
		defer func() { <-g.answers }()
		if err := g.list.SendReliable(n, append([]byte{kindWhole}, signed...)); err != nil {
			g.log.Debug("send the roster", "node", name, "error", err)
		}
	}()
}

// member finds a living one by its name.
func (g *Gossip) member(name string) *memberlist.Node {
	if name == g.config.Name {
		return nil
	}
	list := g.ready.Load()
	if list == nil {
		return nil
	}
	for _, n := range list.Members() {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// size is how many members there are, for how often news are repeated.
func (g *Gossip) size() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return max(1, len(g.book.byName))
}
