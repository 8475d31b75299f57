package node

import "fmt"

// Error is a refusal that a person gets to see: one sentence, and a hint that
// says what to do next.
type Error struct {
	Message string
	Next    string
	err     error
}

func (e *Error) Error() string { return e.Message }

// Hint is the next thing to do.
func (e *Error) Hint() string { return e.Next }

func (e *Error) Unwrap() error { return e.err }

// refuse makes an Error. The cause may be nil.
func refuse(cause error, hint, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Next: hint, err: cause}
}
