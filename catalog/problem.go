package catalog

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Problem is one thing that is wrong with an entry, and where.
type Problem struct {
	File       string
	Line       int // from 1; 0 where the complaint is about the whole file
	Column     int // from 1, in characters
	Message    string
	Suggestion string // the known name that is nearest to the one that was written, "" if none is near
	Warning    bool   // it should be looked at, but the entry can be used
}

// String is "file:line,column: message; did you mean \"x\"?".
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
	if p.Suggestion != "" {
		fmt.Fprintf(&b, "; did you mean %q?", p.Suggestion)
	}
	return b.String()
}

func (p Problem) Error() string { return p.String() }

// Problems are all that is wrong, in the order of the files.
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

// maxProblems is how many problems of one entry are told; a file of garbage has
// one per line, and nobody reads more than these.
const maxProblems = 100

// tidy sorts problems by place, drops repetitions and caps their number.
func (ps Problems) tidy() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	ps = slices.Compact(ps)
	if len(ps) > maxProblems {
		next := ps[maxProblems]
		next.Message, next.Suggestion, next.Warning = "there are more problems from here on", "", false
		ps = append(ps[:maxProblems:maxProblems], next)
	}
	return ps
}

// problemAt makes a problem at the start of a range.
func problemAt(r hcl.Range, suggestion, format string, args ...any) Problem {
	return Problem{
		File: r.Filename, Line: r.Start.Line, Column: r.Start.Column,
		Message: fmt.Sprintf(format, args...), Suggestion: suggestion,
	}
}

// fromDiagnostics turns what the HCL parser says into problems.
func fromDiagnostics(file string, diags hcl.Diagnostics) Problems {
	var ps Problems
	for _, d := range diags {
		p := Problem{File: file, Message: strings.TrimSuffix(d.Summary, ".")}
		if d.Detail != "" {
			// The detail holds the summary's content and more.
			p.Message += ": " + strings.TrimSuffix(strings.Join(strings.Fields(d.Detail), " "), ".")
		}
		if d.Subject != nil {
			p.Line, p.Column = d.Subject.Start.Line, d.Subject.Start.Column
		}
		ps = append(ps, p)
	}
	return ps
}
