package web

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

// Sentence begins with a capital and ends with a full stop. Errors and reasons of the
// control service do neither, since they stand in the midst of other sentences too.
func Sentence(text string) string {
	text = strings.TrimRight(strings.TrimSpace(text), ".:; ")
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if strings.HasSuffix(text, "!") || strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// Sentence is the same for templates.
func (c *Ctx) Sentence(text string) string { return Sentence(text) }

// Explain is an error as a field shows it: what is wrong, and what to do.
func (c *Ctx) Explain(e *agent.Error) string {
	text := strings.TrimRight(c.T(e.Message), ".")
	if e.Hint != "" {
		text += ": " + c.T(e.Hint)
	}
	return Sentence(text)
}
