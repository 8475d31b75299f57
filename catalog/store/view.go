package store

import (
	"slices"
	"strings"
	"unicode"
)

// view reads a map and remembers what was asked for, so that what nobody asked
// for can be told: nothing of a manifest is lost silently.
type view struct {
	n    *node
	used map[string]bool
}

// viewOf is of a map; anything else counts as an empty one.
func viewOf(n *node) *view {
	v := &view{n: n, used: map[string]bool{}}
	if n == nil || n.kind != mapping {
		v.n = &node{kind: mapping}
	}
	return v
}

// get is a key's value, nil where there is none. Null counts as none.
func (v *view) get(key string) *node {
	v.used[key] = true
	i := slices.Index(v.n.keys, key)
	if i < 0 || v.n.items[i].null {
		return nil
	}
	return v.n.items[i]
}

// has tells whether a key is written, also with nothing behind it.
func (v *view) has(key string) bool { return slices.Contains(v.n.keys, key) }

// text is a scalar's, "" for anything else.
func (v *view) text(key string) string { return v.get(key).text() }

func (v *view) flag(key string) bool { return v.get(key).isTrue() }

// ignore marks keys whose meaning is there already, or is none.
func (v *view) ignore(keys ...string) {
	for _, k := range keys {
		v.used[k] = true
	}
}

// left are the keys that nobody asked for.
func (v *view) left() []string {
	var keys []string
	for _, k := range v.n.keys {
		if !v.used[k] {
			keys = append(keys, k)
		}
	}
	return keys
}

func (n *node) text() string {
	if n == nil || n.kind != scalar || n.null {
		return ""
	}
	return n.value
}

// isTrue takes what YAML 1.1 and people call true.
func (n *node) isTrue() bool {
	switch strings.ToLower(strings.TrimSpace(n.text())) {
	case "true", "yes", "on", "1":
		return true
	}
	return false
}

// list is the items of a list; a scalar is a list of one.
func (n *node) list() []*node {
	switch {
	case n == nil || n.null:
		return nil
	case n.kind == list:
		return n.items
	case n.kind == scalar:
		return []*node{n}
	}
	return nil
}

// pair is a name and a value, where both "NAME: value" and "- NAME=value" may be
// written. bare is a name without a value.
type pair struct {
	key, value string
	bare       bool
	odd        bool // the value is a list or a map
	line       int
}

func (n *node) pairs() []pair {
	var out []pair
	switch {
	case n == nil:
	case n.kind == mapping:
		for i, k := range n.keys {
			out = append(out, pair{key: k, value: n.items[i].text(), bare: n.items[i].null, odd: n.items[i].kind != scalar, line: n.items[i].line})
		}
	default:
		for _, item := range n.list() {
			if item.kind == mapping { // "- NAME: value", which people write by mistake
				out = append(out, item.pairs()...)
				continue
			}
			k, v, ok := strings.Cut(item.text(), "=")
			if k = strings.TrimSpace(k); k != "" {
				out = append(out, pair{key: k, value: v, bare: !ok, line: item.line})
			}
		}
	}
	return out
}

// clean takes out what has no place in an entry: control characters, and marks
// that reorder text on a screen. Line ends become \n.
func clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return '\n'
		case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0xfeff, unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "�"))
}

// oneLine is a text on one line, of at most that many bytes.
func oneLine(s string, most int) string {
	s = strings.Join(strings.Fields(clean(s)), " ")
	if len(s) <= most {
		return s
	}
	cut := strings.ToValidUTF8(s[:most-len("…")], "")
	if i := strings.LastIndexByte(cut, ' '); i > most/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;.") + "…"
}
