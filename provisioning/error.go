package provisioning

import "fmt"

// Error is what a person gets to see: one sentence that says what happened, and
// a hint that says what to do next. Several problems at once are lines of Message,
// each with its own hint, and Hint is then what to do after them.
type Error struct {
	Message string
	Hint    string
	err     error
}

// Errorf makes an Error with a message. It wraps like fmt.Errorf.
func Errorf(format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	e := &Error{Message: err.Error()}
	if w, ok := err.(interface{ Unwrap() error }); ok {
		e.err = w.Unwrap()
	}
	return e
}

// WithHint returns the error with a hint: the next thing to do.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.err }
