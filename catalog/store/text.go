package store

import (
	"fmt"
	"slices"
	"strings"
)

// piece is a part of a text: a literal, or an expression of the entry.
type piece struct {
	lit    string
	ref    string // "setting.language", "app.url"; "" for a literal
	hidden bool   // ref is a secret, or a password that the person gives
	plain  string // what ref is where only written-out text may stand: its default
}

// text is what a value of a manifest comes to.
type text []piece

func literal(s string) text {
	if s == "" {
		return nil
	}
	return text{{lit: s}}
}

// join puts texts together; literals that touch become one.
func join(parts ...text) text {
	var out text
	for _, t := range parts {
		for _, p := range t {
			if p.ref == "" && p.lit == "" {
				continue
			}
			if n := len(out); p.ref == "" && n > 0 && out[n-1].ref == "" {
				out[n-1].lit += p.lit
				continue
			}
			out = append(out, p)
		}
	}
	return out
}

// plain is the text where no expression may stand. A secret leaves nothing.
func (t text) plain() string {
	var b strings.Builder
	for _, p := range t {
		if p.ref == "" {
			b.WriteString(p.lit)
		} else {
			b.WriteString(p.plain)
		}
	}
	return b.String()
}

func (t text) isLiteral() bool {
	return !slices.ContainsFunc(t, func(p piece) bool { return p.ref != "" })
}

func (t text) hasHidden() bool { return slices.ContainsFunc(t, func(p piece) bool { return p.hidden }) }

// each replaces every literal of the text.
func (t text) each(change func(string) text) text {
	var parts []text
	for _, p := range t {
		if p.ref == "" {
			parts = append(parts, change(p.lit))
		} else {
			parts = append(parts, text{p})
		}
	}
	return join(parts...)
}

// hcl writes the text as an expression of the entry.
func (t text) hcl() string {
	t = join(t)
	if len(t) == 1 && t[0].ref != "" {
		return t[0].ref
	}
	var b strings.Builder
	b.WriteByte('"')
	for i, p := range t {
		if p.ref != "" {
			b.WriteString("${" + p.ref + "}")
			continue
		}
		b.WriteString(quoteInside(p.lit, i+1 == len(t)))
	}
	b.WriteByte('"')
	return b.String()
}

// quote writes a literal.
func quote(s string) string { return literal(s).hcl() }

// quoteInside escapes what HCL reads in a quoted text
// (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md#quoted-templates).
func quoteInside(s string, last bool) string {
	s = clean(s)
	var b strings.Builder
	before := rune(0)
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && i+1 < len(s) && s[i+1] == '{' && before != r:
			b.WriteRune(r)
			b.WriteRune(r)
		case (r == '$' || r == '%') && (i+1 == len(s) && !last || i+1 < len(s) && s[i+1] == '{'):
			// Doubled it would run together with what stands beside it.
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// heredoc writes a text of several lines for people to read, if it can be one.
func (t text) heredoc() (string, bool) {
	var b strings.Builder
	for i, p := range t {
		if p.ref != "" {
			b.WriteString("${" + p.ref + "}")
			continue
		}
		s := clean(p.lit)
		if strings.Contains(s, "$${") || strings.Contains(s, "%%{") || i+1 < len(t) && strings.HasSuffix(strings.TrimRight(s, "%"), "$") {
			return "", false // it has no escapes but these
		}
		if i+1 < len(t) && strings.HasSuffix(s, "%") {
			return "", false
		}
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(s, "${", "$${"), "%{", "%%{"))
	}
	whole := b.String()
	if n := strings.Count(whole, "\n"); n < 2 || n > 800 || !strings.HasSuffix(whole, "\n") {
		return "", false
	}
	mark := "EOT"
	for strings.Contains(whole, mark) {
		mark += "_"
	}
	return "<<" + mark + "\n" + whole + mark, true
}
