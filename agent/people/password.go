package people

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/dentropy/dcloud/agent"
)

// cost of a hash: 32 MiB and three passes are above the least that OWASP's password
// storage cheat sheet asks for (19 MiB, two passes). They take 0.1 s on a core of a
// server, about ten times as long on the smallest machine that we run on, and one hash
// at a time is little beside its 1 GB.
var cost = params{memory: 32 << 10, passes: 3, lanes: 1}

// params of argon2id; memory in KiB.
type params struct {
	memory, passes uint32
	lanes          uint8
}

// Lengths in bytes, and what is believed of a stored hash, whose cost we would pay.
const (
	saltLength = 16
	hashLength = 32
	maxMemory  = 256 << 10
	maxPasses  = 16
	maxLanes   = 8
)

// stored is a password's hash in PHC's string format:
// $argon2id$v=19$m=32768,t=3,p=1$SALT$HASH, in base64 without padding.
type stored struct {
	params
	salt, hash []byte
}

func (h stored) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.hash))
}

// parseHash reads what String wrote.
func parseHash(text string) (h stored, err error) {
	bad := fmt.Errorf("this is no hash of a password")
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return stored{}, bad
	}
	var lanes uint32
	costs := strings.Split(parts[3], ",")
	if len(costs) != 3 {
		return stored{}, bad
	}
	for k, to := range []struct {
		name string
		at   *uint32
		most uint32
	}{{"m=", &h.memory, maxMemory}, {"t=", &h.passes, maxPasses}, {"p=", &lanes, maxLanes}} {
		digits, ok := strings.CutPrefix(costs[k], to.name)
		n, err := strconv.ParseUint(digits, 10, 32)
		if !ok || err != nil || n < 1 || uint32(n) > to.most {
			return stored{}, bad
		}
		*to.at = uint32(n)
	}
	h.lanes = uint8(lanes)
	if h.salt, err = base64.RawStdEncoding.Strict().DecodeString(parts[4]); err != nil || len(h.salt) < 8 || len(h.salt) > 64 {
		return stored{}, bad
	}
	if h.hash, err = base64.RawStdEncoding.Strict().DecodeString(parts[5]); err != nil || len(h.hash) < 16 || len(h.hash) > 64 {
		return stored{}, bad
	}
	return h, nil
}

// hasher makes one hash at a time, so that a flood of people who sign in waits for the
// memory of one hash instead of taking that of many.
type hasher struct {
	rand  io.Reader
	turn  chan struct{}
	queue chan struct{}
	dummy stored // of nobody's password, so that a name that there is not costs as much
}

// How many may wait for a hash, and for how long.
const (
	maxWaiting = 16
	maxWait    = 10 * time.Second
)

func newHasher(rand io.Reader) *hasher {
	return &hasher{rand: rand, turn: make(chan struct{}, 1), queue: make(chan struct{}, maxWaiting),
		dummy: stored{params: cost, salt: make([]byte, saltLength), hash: make([]byte, hashLength)}}
}

func errCrowd() error {
	return agent.Errorf(agent.CodeUnavailable, "too many people sign in at this moment").WithHint("wait 10 seconds, then try again")
}

// wait for a turn; leave gives it back.
func (h *hasher) wait(ctx context.Context) (leave func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, errCrowd()
	}
	patience := time.NewTimer(maxWait)
	defer patience.Stop()
	select {
	case h.turn <- struct{}{}:
		return func() { <-h.turn; <-h.queue }, nil
	case <-patience.C:
		err = errCrowd()
	case <-ctx.Done():
		err = ctx.Err()
	}
	<-h.queue
	return nil, err
}

func (h *hasher) derive(ctx context.Context, password string, p stored) ([]byte, error) {
	leave, err := h.wait(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	return argon2.IDKey(normal(password), p.salt, p.passes, p.memory, p.lanes, uint32(len(p.hash))), nil
}

// normal is a password as bytes, the same from every keyboard (NIST SP 800-63B,
// 3.1.1.2).
func normal(password string) []byte { return []byte(norm.NFKC.String(password)) }

// hash makes what is kept of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	out := stored{params: cost, salt: make([]byte, saltLength), hash: make([]byte, hashLength)}
	if _, err := io.ReadFull(h.rand, out.salt); err != nil {
		return "", err
	}
	sum, err := h.derive(ctx, password, out)
	if err != nil {
		return "", err
	}
	out.hash = sum
	return out.String(), nil
}

// verify compares a password with what is kept of it, and takes as long where nothing
// is kept. stale tells that it was made at another cost than new ones are.
func (h *hasher) verify(ctx context.Context, text, password string) (right, stale bool, err error) {
	if len(password) > maxPassword {
		password = password[:maxPassword] // nobody's; but it costs no more than one
	}
	want, err := parseHash(text)
	nobody := text == "" || err != nil
	if nobody {
		want = h.dummy
	}
	sum, err := h.derive(ctx, password, want)
	if err != nil {
		return false, false, err
	}
	right = subtle.ConstantTimeCompare(sum, want.hash) == 1 && !nobody
	return right, right && want.params != cost, nil
}
