package jobs

import "fmt"

// Error says why an entry cannot become a job, and what to do about it. It
// never holds a secret: Build does not know any.
type Error struct {
	Message string // one sentence, "service db of app miniflux: …"
	Hint    string // the next thing to do
}

func (e *Error) Error() string { return e.Message }

func errorf(hint, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// at puts where it happened in front of what happened.
func at(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	where := fmt.Sprintf(format, args...)
	if e, ok := err.(*Error); ok {
		return &Error{Message: where + ": " + e.Message, Hint: e.Hint}
	}
	return fmt.Errorf("%s: %w", where, err)
}

const hintEntry = "correct the entry's app.hcl, and check it with: dcloud catalog lint PATH"
