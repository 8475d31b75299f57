package people

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dentropy/dcloud/agent"
)

// Store keeps records under keys like "users/ada". Its reads see every write that ended
// before them, on any server.
type Store interface {
	// Get reads a record; one that there is not has the index 0.
	Get(ctx context.Context, key string) (Record, error)
	// List reads all records whose keys begin with the prefix, by key.
	List(ctx context.Context, prefix string) ([]Record, error)
	// Write does all of it or none: ErrChanged if one of the records is not what it
	// was. At most 60 at once.
	Write(ctx context.Context, ops ...Op) error
	// Changed waits until something under the prefix changes after the index, for a
	// few minutes at most, and returns the index of the last change; at once for 0.
	Changed(ctx context.Context, prefix string, after uint64) (uint64, error)
}

// Record is what lies under a key. Index grows with each change of it.
type Record struct {
	Key   string
	Value []byte
	Index uint64
}

// Op writes or deletes a record if its index is still the one given: 0 to write one
// that there is not yet.
type Op struct {
	Key    string
	Value  []byte
	Index  uint64
	Delete bool
}

// ErrChanged tells that a record is not what it was when it was read.
var ErrChanged = errors.New("somebody else changed it at the same time")

// Keys. Names of people hold no slash.
const (
	keyFirst    = "first"     // firstLink
	keyOwners   = "owners"    // names of the owners who can sign in, so that the last one stays
	keySeal     = "key"       // 32 bytes: what goes to browsers and comes back is sealed with it
	prefixUsers = "users/"    // NAME: account
	prefixKeys  = "invites/"  // hash of an invitation's key: invite
	prefixIn    = "sessions/" // hash of a session's token: session
	prefixUsed  = "used/"     // hash of a passkey's challenge that was answered: used
)

// tries bounds how often a change that met another is done again.
const tries = 12

var errBusy = agent.Errorf(agent.CodeConflict, "somebody else changed the same thing at the same time").
	WithHint("look at it again, then try once more")

// read decodes a record into v; false where there is none.
func (s *Service) read(ctx context.Context, key string, v any) (index uint64, err error) {
	r, err := s.Store.Get(ctx, key)
	if err != nil || r.Index == 0 {
		return 0, err
	}
	if err := json.Unmarshal(r.Value, v); err != nil {
		return 0, damaged(key, err)
	}
	return r.Index, nil
}

func damaged(key string, err error) error {
	return agent.Errorf(agent.CodeFailed, "the record %s of people is damaged: %w", key, err).
		WithHint("root on a server can look at it in Consul under dcloud/people/")
}

// put is an Op that writes v.
func put(key string, v any, index uint64) Op {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("people: a record that cannot be written: %v", err)) // our own types can
	}
	return Op{Key: key, Value: text, Index: index}
}

// change reads an account, lets f change it, and writes it with what else f returns,
// all or nothing; once more where somebody else was faster. f may return errNothing.
func (s *Service) change(ctx context.Context, name string, f func(*account) ([]Op, error)) (*account, error) {
	for range tries {
		a, err := s.account(ctx, name)
		if err != nil {
			return nil, err
		}
		ops, err := f(a)
		if err != nil {
			return nil, err
		}
		err = s.Store.Write(ctx, append(ops, put(prefixUsers+name, a, a.index))...)
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("write the account %s: %w", name, err)
		}
		s.cache.drop()
		return a, nil
	}
	return nil, errBusy
}

// hashed is what is kept of a secret of 160 bits or more, which needs no salt.
func hashed(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
