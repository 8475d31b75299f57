package webtest

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Marks around what was translated.
const (
	opens, closes = '⟦', '⟧'
)

// Pseudo is a language (web.Options.Words) in which every text is marked.
func Pseudo(english string) string { return string(opens) + english + string(closes) }

// read are the attributes that people see or hear.
var read = []string{"aria-label", "title", "alt", "placeholder", "aria-description", "aria-valuetext", "label", "data-confirm"}

// silent are elements whose text nobody sees.
var silent = []string{"script", "style", "svg", "template", "code", "pre", "textarea"}

// Untranslated lists the visible texts and labels of a page, or of a part of one, that
// stand outside the marks, have letters, and are not known as data: the rest after what
// known tells of is a text that somebody forgot.
func Untranslated(page string, known func(string) bool) []string {
	var out []string
	check := func(text string) {
		for _, piece := range strings.FieldsFunc(strings.Join(outside(text), "|"), separates) {
			if piece = trimmed(piece); hasLetters(piece) && !known(piece) && !slices.Contains(out, piece) {
				out = append(out, piece)
			}
		}
	}
	z := html.NewTokenizer(strings.NewReader(page))
	var within []string // silent elements that are open
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out
		case html.TextToken:
			switch {
			case len(within) == 0:
				check(string(z.Text()))
			case within[len(within)-1] == "noscript": // its content is text to a browser with scripts
				out = append(out, Untranslated(string(z.Text()), known)...)
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			for _, a := range t.Attr {
				if slices.Contains(read, a.Key) || t.Data == "input" && a.Key == "value" && isButton(t) {
					check(html.UnescapeString(a.Val))
				}
			}
			if t.Type == html.StartTagToken && (t.Data == "noscript" || slices.Contains(silent, t.Data)) {
				within = append(within, t.Data)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); len(within) > 0 && within[len(within)-1] == string(name) {
				within = within[:len(within)-1]
			}
		}
	}
}

func isButton(t html.Token) bool {
	return slices.ContainsFunc(t.Attr, func(a html.Attribute) bool {
		return a.Key == "type" && (a.Val == "submit" || a.Val == "button" || a.Val == "reset")
	})
}

// outside are the pieces of a text outside all marks.
func outside(text string) []string {
	var out []string
	var b strings.Builder
	depth := 0
	for _, r := range html.UnescapeString(text) {
		switch {
		case r == opens:
			depth++
			out = append(out, b.String())
			b.Reset()
		case r == closes:
			depth--
		case depth <= 0:
			b.WriteRune(r)
		}
	}
	return append(out, b.String())
}

// separates tells what stands between pieces of data: "pi1, pi2 · 3 GB".
func separates(r rune) bool { return strings.ContainsRune(",;|·•→", r) }

func trimmed(s string) string {
	return strings.Trim(strings.Join(strings.Fields(s), " "), " .,:;·–—-()…!?%+/\"'“”")
}

// units are words that stand beside numbers in every language.
var units = regexp.MustCompile(`\b(B|KB|kB|MB|GB|TB|KiB|MiB|GiB|MHz|GHz|ms|s|h|min|v?[0-9][0-9.a-z-]*)\b`)

func hasLetters(s string) bool {
	return strings.IndexFunc(units.ReplaceAllString(s, ""), unicode.IsLetter) >= 0
}
