package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Colours of a terminal (ECMA-48, "select graphic rendition").
const (
	red    = "31"
	green  = "32"
	yellow = "33"
	dim    = "2"
)

// paint colours text where the stream shows colour.
func (e *env) paint(stream io.Writer, color, text string) string {
	if !e.color(stream) {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// printJSON prints the answer of a read: one value, indented for people who
// look at it.
func (e *env) printJSON(v any) error {
	out := json.NewEncoder(e.stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// printJSONLine prints one value of a stream on a line of its own.
func (e *env) printJSONLine(v any) error {
	out := json.NewEncoder(e.stdout)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// table prints rows under a header, in columns. Cells are cleaned of control
// characters, since names and messages come from elsewhere.
func (e *env) table(header []string, rows [][]string) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 3, ' ', 0)
	if header != nil {
		fmt.Fprintln(w, strings.Join(header, "\t"))
	}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			cells[i] = clean(cell)
		}
		fmt.Fprintln(w, strings.Join(cells, "\t"))
	}
	return w.Flush()
}

// clean makes a text fit for one line of a terminal: what an app or an entry
// says must not move the cursor or hide lines.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20 || (r >= 0x7f && r < 0xa0):
			return -1
		}
		return r
	}, s)
}

// dash stands for an empty cell.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// orEmpty makes JSON say [] where there is nothing, never null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
