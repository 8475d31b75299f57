package pool

import "errors"

// ErrSecret is wrapped by errors about a token that is unknown or whose secret is
// wrong: the join port counts those and slows down who sends them.
var ErrSecret = errors.New("unknown token or wrong secret")
