package diff

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// longest is how many bytes are shown of a value.
const longest = 2000

// shown is a leaf as a change shows it.
func (p *place) shown() string {
	if p.secret != "" {
		return p.secret
	}
	if p.kind == text {
		return cut(printable(secretLine.ReplaceAllString(p.value, "$1 "+hiddenValue)))
	}
	return cut(p.value)
}

// printable replaces what a terminal would obey.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || strconv.IsPrint(r) {
			return r
		}
		return '�'
	}, s)
}

func cut(s string) string {
	if len(s) <= longest {
		return s
	}
	end := longest
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d bytes)", s[:end], len(s))
}

// shownPair are two leaves that differ. Of a text of many lines only those that differ
// are shown.
func shownPair(old, new *place) (string, string) {
	if old.secret != "" || new.secret != "" {
		return old.shown(), new.shown()
	}
	if old.kind != text || new.kind != text {
		return old.shown(), new.shown()
	}
	a, b := strings.Split(old.value, "\n"), strings.Split(new.value, "\n")
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	return part(a, head, tail), part(b, head, tail)
}

// part is what is left of a text without its first and last lines, with a note of how
// many those are.
func part(lines []string, head, tail int) string {
	var out []string
	if head > 0 {
		out = append(out, fmt.Sprintf("… (%d lines)", head))
	}
	out = append(out, lines[head:len(lines)-tail]...)
	if tail > 0 {
		out = append(out, fmt.Sprintf("… (%d lines)", tail))
	}
	return cut(printable(secretLine.ReplaceAllString(strings.Join(out, "\n"), "$1 "+hiddenValue)))
}
