package web

import (
	"fmt"
	"net/http"

	"golang.org/x/text/language"
)

// Language is one that the panel speaks. English is what stands in the templates and
// in the code, as the key of every other language's words.
type Language struct {
	tag   language.Tag
	words map[string]string
	// all translates every text, where it is set.
	all func(string) string
}

// languages in the order of preference; the first where nothing else fits.
var languages = []Language{{tag: language.English}}

// languageOf chooses by what the browser asks for.
func (k *Kernel) languageOf(r *http.Request) Language {
	if k.Words != nil {
		return Language{tag: languages[0].tag, all: k.Words}
	}
	if len(languages) == 1 {
		return languages[0]
	}
	header := r.Header.Get("Accept-Language")
	if len(header) > 200 {
		return languages[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return languages[0]
	}
	tags := make([]language.Tag, len(languages))
	for k, l := range languages {
		tags[k] = l.tag
	}
	_, n, _ := language.NewMatcher(tags).Match(wanted...)
	return languages[n]
}

// T is a text in the language: fmt's verbs stand for the arguments.
func (l Language) T(text string, args ...any) string {
	if there, ok := l.words[text]; ok {
		text = there
	}
	if l.all != nil && text != "" {
		text = l.all(text)
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// N is a text about n things: one for one of them, many (with a %d) otherwise.
func (l Language) N(n int, one, many string) string {
	if n == 1 {
		return l.T(one)
	}
	return l.T(many, n)
}

// T and N are texts in the language of who asks.
func (c *Ctx) T(text string, args ...any) string { return c.lang.T(text, args...) }
func (c *Ctx) N(n int, one, many string) string  { return c.lang.N(n, one, many) }
