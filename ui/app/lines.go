package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// longest is how much of a line is shown, in bytes: a line of megabytes is no text
// that anybody reads, and would hold the browser up.
const longest = 4000

// clean makes a line that a container wrote fit to be shown, whatever is in it: what
// would move a terminal's cursor or colour is left out, of what a progress bar wrote
// over itself the last stands, and what is no text becomes a visible mark.
func clean(text string) string {
	cut := 0
	if len(text) > 4*longest { // before anything is done with it
		cut, text = len(text)-4*longest, text[:4*longest]
	}
	text = strings.TrimRight(text, "\r\n")
	if k := strings.LastIndexByte(text, '\r'); k >= 0 {
		text = text[k+1:]
	}
	var b strings.Builder
	for len(text) > 0 {
		if n := escape(text); n > 0 {
			text = text[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		text = text[n:]
		switch {
		case r == '\t':
			b.WriteString("    ")
		case r == utf8.RuneError && n == 1, unicode.IsControl(r), unicode.Is(unicode.Cf, r) && r != 0x200d, r == 0x2028, r == 0x2029:
			b.WriteRune(utf8.RuneError) // among Cf is what turns the direction of text around
		default:
			b.WriteRune(r)
		}
		if b.Len() >= longest && len(text)+cut > 0 {
			fmt.Fprintf(&b, " … (+%d)", len(text)+cut)
			break
		}
	}
	return b.String()
}

func cleanAll(lines []string) []string {
	if len(lines) > 50 {
		lines = lines[len(lines)-50:]
	}
	out := make([]string, len(lines))
	for k, l := range lines {
		out[k] = clean(l)
	}
	return out
}

// escape is the length of the terminal's control sequence that a text begins with, 0
// for none (ECMA-48: CSI, OSC and its like, and the short ones).
func escape(s string) int {
	if len(s) < 2 || s[0] != 0x1b {
		return 0
	}
	switch s[1] {
	case '[':
		for k := 2; k < len(s); k++ {
			if s[k] >= 0x40 && s[k] <= 0x7e {
				return k + 1
			}
			if s[k] < 0x20 || s[k] > 0x7e {
				return k
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_': // a string that BEL or ESC \ ends
		for k := 2; k < len(s); k++ {
			if s[k] == 0x07 {
				return k + 1
			}
			if s[k] == 0x1b {
				if k+1 < len(s) && s[k+1] == '\\' {
					return k + 2
				}
				return k
			}
		}
		return len(s)
	}
	k := 1
	for k < len(s) && s[k] >= 0x20 && s[k] <= 0x2f {
		k++
	}
	if k < len(s) && s[k] >= 0x30 && s[k] <= 0x7e {
		return k + 1
	}
	return k
}

// shown is a line as a page and the stream show it.
type shown struct {
	Time    int64  `json:"t"` // Unix milliseconds
	Service string `json:"s"`
	Node    string `json:"n,omitempty"`
	Stderr  bool   `json:"e,omitempty"`
	Text    string `json:"x"`
}

func show(l agent.LogLine) shown {
	return shown{Time: l.Time.UnixMilli(), Service: clean(l.Service), Node: clean(l.Node), Stderr: l.Stream == "stderr", Text: clean(l.Text)}
}

// Clock is the line's time of day, Exact all of it.
func (l shown) Clock() string { return time.UnixMilli(l.Time).UTC().Format("15:04:05") }
func (l shown) Exact() string {
	return time.UnixMilli(l.Time).UTC().Format("2006-01-02 15:04:05.000 UTC")
}

// piece is a stretch of a line that was searched for, or not.
type piece struct {
	Text string
	Hit  bool
}

// find splits a text where it holds what is looked for, whatever its case. Nothing is
// found where lower case has another length, as in a few languages: then the whole is
// one piece.
func find(text, what string) ([]piece, bool) {
	if what == "" {
		return []piece{{text, false}}, true
	}
	low, what := strings.ToLower(text), strings.ToLower(what)
	if !strings.Contains(low, what) {
		return nil, false
	}
	if len(low) != len(text) {
		return []piece{{text, false}}, true
	}
	var out []piece
	for {
		k := strings.Index(low, what)
		if k < 0 {
			break
		}
		if k > 0 {
			out = append(out, piece{text[:k], false})
		}
		out = append(out, piece{text[k : k+len(what)], true})
		text, low = text[k+len(what):], low[k+len(what):]
	}
	if text != "" {
		out = append(out, piece{text, false})
	}
	return out, true
}

// tail are the last n lines of an app's services together, in order of time.
func tail(ctx context.Context, cloud web.Cloud, name, service string, n int) ([]agent.LogLine, error) {
	var lines []agent.LogLine
	err := cloud.Logs(ctx, name, agent.LogOptions{Service: service, Tail: n}, func(l agent.LogLine) error {
		l.Text = clean(l.Text)                           // at once: a thousand lines of megabytes are not kept
		if lines = append(lines, l); len(lines) >= 4*n { // each container gives n
			sortLines(lines)
			lines = slices.Clone(lines[len(lines)-n:])
		}
		return nil
	})
	sortLines(lines)
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return lines, err
}

func sortLines(lines []agent.LogLine) {
	slices.SortStableFunc(lines, func(a, b agent.LogLine) int { return a.Time.Compare(b.Time) })
}
