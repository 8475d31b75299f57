package member

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// keyRound is the name under which travels of which rotation keys are, the first being
// round 1. A server that slept through one is asked like the others, and would else
// hand the old keys on as if they were new.
const keyRound = "round"

func (m *Member) roundFile() string { return filepath.Join(m.dir(), "keys-round") }

// round is that of this machine's keys; 0 for those that the pool began with.
func (m *Member) round() uint64 {
	text, err := os.ReadFile(m.roundFile())
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return n
}

func (m *Member) setRound(n uint64) error {
	if n == m.round() {
		return nil
	}
	return node.WriteFile(m.roundFile(), []byte(formatRound(n)+"\n"))
}

func formatRound(n uint64) string { return strconv.FormatUint(n, 10) }

// cutRound takes the round out of keys that came from another.
func cutRound(keys map[string]string) uint64 {
	n, _ := strconv.ParseUint(keys[keyRound], 10, 64)
	delete(keys, keyRound)
	return n
}

// given are a server's keys.
type given struct {
	from  netip.Addr
	keys  map[string]string
	round uint64
}

// worth tells whether to take them in the place of one's own. The first server's are
// those that the others were given, until there are newer ones.
func (g given) worth(own uint64, first bool) bool {
	return g.round > own || g.round == own && !first
}

// newest is of the latest round, the earliest in the list where several are.
func newest(list []given) given {
	best := list[0]
	for _, g := range list[1:] {
		if g.round > best.round {
			best = g
		}
	}
	return best
}

// askKeys asks all other servers.
func (m *Member) askKeys(ctx context.Context, r pool.Roster) (given, error) {
	last := errors.New("no server is known")
	var list []given
	for _, address := range r.Servers() {
		if address == m.Node.Address {
			continue
		}
		once, cancel := context.WithTimeout(ctx, 5*time.Second)
		keys, err := m.peers.Secrets(once, address)
		cancel()
		if err != nil {
			last = err
			continue
		}
		round := cutRound(keys)
		list = append(list, given{address, keys, round})
	}
	if len(list) == 0 {
		return given{}, last
	}
	return newest(list), nil
}
