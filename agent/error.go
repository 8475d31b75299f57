package agent

import (
	"errors"
	"fmt"
	"net/http"
)

// Codes of an Error. Each has one HTTP status and one exit code.
const (
	CodeInvalid      = "invalid"      // the request is wrong: 400, exit 2
	CodeUnauthorized = "unauthorized" // no or a wrong token: 401, exit 1
	CodeNotFound     = "not_found"    // 404, exit 3
	CodeConflict     = "conflict"     // taken, busy, or changed meanwhile: 409, exit 4
	CodeFailed       = "failed"       // it was tried and did not work: 422, exit 1
	CodeUnavailable  = "unavailable"  // the cloud is not running or not ready: 503, exit 5
	CodeInternal     = "internal"     // 500, exit 1
)

// Error is what a person gets to see: one sentence that says what happened, and a
// hint that names what to do next. Anything else is internal and only logged.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	// Problems are the places that are wrong, where the error is about a text.
	Problems []Problem `json:"problems,omitempty"`
	err      error
}

// Errorf makes an Error with a message and no hint. It wraps like fmt.Errorf.
func Errorf(code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), err: errors.Unwrap(err)}
}

// WithHint returns the error with a hint: the next thing to do.
func (e *Error) WithHint(format string, args ...any) *Error {
	c := *e
	c.Hint = fmt.Sprintf(format, args...)
	return &c
}

// WithProblems returns the error with the places that are wrong.
func (e *Error) WithProblems(list []Problem) *Error {
	c := *e
	c.Problems = list
	return &c
}

func (e *Error) Error() string { return e.Message }

func (e *Error) Unwrap() error { return e.err }

// AsError returns err as an Error. One of another kind becomes an internal one
// with its text; nil stays nil.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: CodeInternal, Message: err.Error(), err: err}
}

// HTTPStatus is the status that goes with the error's code.
func (e *Error) HTTPStatus() int {
	switch e.Code {
	case CodeInvalid:
		return http.StatusBadRequest
	case CodeUnauthorized:
		return http.StatusUnauthorized
	case CodeNotFound:
		return http.StatusNotFound
	case CodeConflict:
		return http.StatusConflict
	case CodeFailed:
		return http.StatusUnprocessableEntity
	case CodeUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// ExitCode is what the command line ends with: 0 done, 1 failed, 2 wrong usage,
// 3 not found, 4 conflict, 5 the cloud is not running.
func (e *Error) ExitCode() int {
	switch e.Code {
	case CodeInvalid:
		return 2
	case CodeNotFound:
		return 3
	case CodeConflict:
		return 4
	case CodeUnavailable:
		return 5
	}
	return 1
}
