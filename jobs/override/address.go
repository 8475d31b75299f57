package override

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A step is one part of an address: a name after a dot, a key in brackets and
// quotes, or a position in brackets. What a name stands for, a field or the label
// of a block, depends on where it stands.
type step struct {
	name     string
	index    int
	isIndex  bool // [2]
	isQuoted bool // ["a b"], always a key
}

// plainStep tells a name that needs no quotes in an address.
func plainStep(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

// Key is a name or label as it stands at the end of an address: ".web", or
// `["secrets/x"]` where it holds anything but letters, digits, "_" and "-".
func Key(name string) string {
	if plainStep(name) {
		return "." + name
	}
	return "[" + strconv.Quote(name) + "]"
}

// maxSteps is more than the deepest address has.
const maxSteps = 32

// parseAddress reads "group.web.task.web.template[\"secrets/x\"].data" or
// "group.web.constraint[0]".
func parseAddress(s string) ([]step, error) {
	var steps []step
	rest := s
	for rest != "" {
		if len(steps) == maxSteps {
			return nil, errors.New("it is too long")
		}
		var st step
		var err error
		switch {
		case rest[0] == '[':
			st, rest, err = bracketStep(rest)
		case len(steps) == 0:
			st, rest, err = nameStep(rest)
		case rest[0] == '.':
			st, rest, err = nameStep(rest[1:])
		default:
			err = fmt.Errorf("expected . or [ before %q", shortened(rest))
		}
		if err != nil {
			return nil, err
		}
		if len(steps) == 0 && (st.isIndex || st.isQuoted) {
			return nil, errors.New("it begins with a field or block of the job")
		}
		steps = append(steps, st)
	}
	if len(steps) == 0 {
		return nil, errors.New("it is empty")
	}
	return steps, nil
}

func nameStep(s string) (step, string, error) {
	end := strings.IndexAny(s, ".[")
	if end < 0 {
		end = len(s)
	}
	if !plainStep(s[:end]) {
		return step{}, "", fmt.Errorf(`%q is no name; write one with other signs as ["NAME"]`, shortened(s[:end]))
	}
	return step{name: s[:end]}, s[end:], nil
}

func bracketStep(s string) (step, string, error) {
	if strings.HasPrefix(s, `["`) {
		quoted, err := strconv.QuotedPrefix(s[1:])
		if err == nil && strings.HasPrefix(s[1+len(quoted):], "]") {
			name, err := strconv.Unquote(quoted)
			return step{name: name, isQuoted: true}, s[2+len(quoted):], err
		}
		return step{}, "", errors.New(`a key in brackets ends with "]`)
	}
	number, rest, closed := strings.Cut(s[1:], "]")
	n, err := strconv.ParseUint(number, 10, 16)
	if !closed || err != nil {
		return step{}, "", errors.New(`between brackets stands a number, or a key in quotes`)
	}
	return step{index: int(n), isIndex: true}, rest, nil
}

func shortened(s string) string {
	const most = 72 // characters
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
