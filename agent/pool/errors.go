package pool

import (
	"errors"
	"time"
)

// ErrSecret is wrapped by errors about a token that is unknown or whose secret is
// wrong: the join port counts those and slows down who sends them.
var ErrSecret = errors.New("unknown token or wrong secret")

// ErrPending is wrapped by errors about a machine whose token asks somebody first:
// nobody has said yes or no yet. It asks again until somebody has.
var ErrPending = errors.New("waiting for somebody to accept this machine")

// Pending is an ErrPending that says until when there can be an answer.
type Pending struct{ Until time.Time }

func (p *Pending) Error() string { return ErrPending.Error() }

func (p *Pending) Unwrap() error { return ErrPending }
