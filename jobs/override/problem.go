package override

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with an override, and where.
type Problem struct {
	File    string
	Line    int // from 1; 0 where the complaint is about the whole file
	Column  int // from 1, in characters
	Message string
	Hint    string // what to do about it, "" if the message says that
	// Warning marks what should be looked at, but does not refuse the override: a
	// removal that finds nothing, since the entry that is updated no longer has it.
	Warning bool
}

// String is "file:line,column: message; hint".
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d,%d", p.Line, p.Column)
		}
		b.WriteString(": ")
	}
	if p.Warning {
		b.WriteString("warning: ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	return b.String()
}

func (p Problem) Error() string { return p.String() }

// Problems are all that is wrong, in the order of the text.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Errors are the problems that are not just warnings.
func (ps Problems) Errors() Problems {
	var errs Problems
	for _, p := range ps {
		if !p.Warning {
			errs = append(errs, p)
		}
	}
	return errs
}

// Err is nil if there is nothing worse than a warning. (A nil Problems in an
// error variable would not be a nil error.)
func (ps Problems) Err() error {
	if errs := ps.Errors(); len(errs) > 0 {
		return errs
	}
	return nil
}

// maxProblems is how many problems of one override are told.
const maxProblems = 100

// tidy sorts problems by place, drops repetitions and caps their number.
func (ps Problems) tidy() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	ps = slices.Compact(ps)
	if len(ps) > maxProblems {
		next := ps[maxProblems]
		next.Message, next.Hint, next.Warning = "there are more problems from here on", "", false
		ps = append(ps[:maxProblems:maxProblems], next)
	}
	return ps
}

// Risk is what is in the job only because it was asked for with allow-privileged.
// It is to be shown wherever the app is.
type Risk struct {
	Line    int // in the override; 0 if unknown
	Column  int
	Address string // "group.miniflux.task.web.config.privileged"
	Message string // "task web runs privileged: it is root on the machine"
}

// place is where in the text something was written.
type place struct {
	file         string
	line, column int
}

func (p place) problem(hint, format string, args ...any) Problem {
	return Problem{File: p.file, Line: p.line, Column: p.column, Message: fmt.Sprintf(format, args...), Hint: hint}
}
