package store

import "strings"

// maxNestedVars bounds ${A:-${B:-…}}.
const maxNestedVars = 12

// variable is a ${NAME…} of a manifest.
type variable struct {
	name     string
	fallback string // after :- or -, as written
	hasElse  bool
	required bool   // :? or ?
	message  string // after it
	instead  string // after :+ or +
	hasPlus  bool
}

// expand replaces the variables of a value as Compose does
// (https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md):
// $NAME, ${NAME}, with :- - :? ? :+ +, and $$ for a dollar. What a name stands
// for, lookup says; what is no variable stays as it is.
func expand(s string, lookup func(variable) text) text { return expandDeep(s, lookup, 0) }

func expandDeep(s string, lookup func(variable) text, depth int) text {
	var out text
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 == len(s) {
			return join(out, literal(s))
		}
		out = join(out, literal(s[:i]))
		rest := s[i+1:]
		switch {
		case rest[0] == '$':
			out, s = join(out, literal("$")), rest[1:]
		case rest[0] == '{':
			inner, after, ok := braced(rest)
			v, named := parseVariable(inner)
			if !ok || !named || depth >= maxNestedVars {
				out, s = join(out, literal("$")), rest
				continue
			}
			out, s = join(out, resolve(v, lookup, depth)), after
		default:
			n := nameLength(rest)
			if n == 0 {
				out, s = join(out, literal("$")), rest
				continue
			}
			out, s = join(out, lookup(variable{name: rest[:n]})), rest[n:]
		}
	}
}

func resolve(v variable, lookup func(variable) text, depth int) text {
	if v.hasPlus { // the other text, if the variable has any value
		if lookup(variable{name: v.name}).plain() == "" {
			return nil
		}
		return expandDeep(v.instead, lookup, depth+1)
	}
	if strings.Contains(v.fallback, "$") {
		// The fallback names variables itself: what they stand for is the default.
		inner := expandDeep(v.fallback, lookup, depth+1)
		if !inner.isLiteral() {
			if t := lookup(variable{name: v.name, hasElse: true}); t != nil && t.plain() != "" || t.hasHidden() {
				return t
			}
			return inner
		}
		v.fallback = inner.plain()
	}
	return lookup(v)
}

// braced splits "{…}rest" at the brace that closes it.
func braced(s string) (inner, after string, ok bool) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return s[1:i], s[i+1:], true
			}
		}
	}
	return "", "", false
}

func parseVariable(s string) (variable, bool) {
	n := nameLength(s)
	v := variable{name: s[:n]}
	rest := s[n:]
	rest = strings.TrimPrefix(rest, ":")
	switch {
	case n == 0:
		return v, false
	case s[n:] == "":
		return v, true
	case strings.HasPrefix(rest, "-"):
		v.fallback, v.hasElse = rest[1:], true
	case strings.HasPrefix(rest, "?"):
		v.required, v.message = true, rest[1:]
	case strings.HasPrefix(rest, "+"):
		v.instead, v.hasPlus = rest[1:], true
	default:
		return v, false // ${a.b} and the like are another's
	}
	return v, true
}

func nameLength(s string) int {
	for i := range len(s) {
		c := s[i]
		if c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9' {
			continue
		}
		return i
	}
	return len(s)
}
