package catalog

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// unknownText stands in a text for what is not written in the entry: a secret, what
// the person chooses, the app's address.
const unknownText = "\x00"

// Hardcoded finds what should be a secret and is written out, so that it is the same
// for everybody: in variables, files, arguments and the defaults of settings. It goes
// by names (DB_PASSWORD, "jwt_secret: …") and by addresses with a password in them,
// and says nothing of a name that only asks about a secret (PASSWORD_FILE), nor of a
// value that is no secret (true, a path, another variable). All are errors, with their
// place; the values are not told.
func Hardcoded(app *App) []Problem {
	h := &hardcoded{app: app, seen: map[string]bool{}}
	for _, s := range app.Settings {
		h.setting(s)
	}
	scopes := h.scopes()
	for i := range app.Services {
		s := &app.Services[i]
		for _, v := range s.Env {
			h.variable(s, v, scopes)
		}
		for _, f := range s.Files {
			h.file(s, f, scopes)
		}
		h.commands(s, scopes)
	}
	return h.problems
}

type hardcoded struct {
	app      *App
	problems []Problem
	seen     map[string]bool
	looked   int // bytes of text
	full     bool
}

// maxLooked is how much text of an entry is looked at. It is four times what a manifest
// can hold; more comes of expressions that make much out of little.
const maxLooked = 4 * maxFile

// room tells whether a text can still be looked at; that the rest was not is a problem.
func (h *hardcoded) room(text string) bool {
	if h.looked += len(text); h.looked > maxLooked && !h.full {
		h.full = true
		where := h.app.at["app"]
		h.tell(Problem{Line: where.line, Column: where.column}, "the texts of the entry come to more than %d KiB: that is too much to be looked at for secrets", maxLooked>>10)
	}
	return !h.full
}

func (h *hardcoded) tell(at Problem, format string, args ...any) {
	at.File = h.app.file
	at.Message = fmt.Sprintf(format, args...)
	if key := at.String(); !h.seen[key] {
		h.seen[key] = true
		h.problems = append(h.problems, at)
	}
}

// setting looks at a default: whoever leaves it as it is has the same as everybody.
func (h *hardcoded) setting(s Setting) {
	kind := asksForSecret(s.Name)
	if kind == "" || s.Type != "string" || s.Default == cty.NilVal || !looksSecret(kind, SettingText(s.Default)) {
		return
	}
	where := h.app.at["setting."+s.Name+".default"]
	h.tell(Problem{Line: where.line, Column: where.column},
		"setting %s has a %s for its default, the same for everybody: make it a secret block, or a setting of type \"password\"", quoted(s.Name), kind)
}

// scopes are those in which texts are looked at: with the settings' defaults, and with
// settings of which nothing is known.
func (h *hardcoded) scopes() []Scope {
	sample := h.app.SampleScope()
	sample.AppName, sample.AppURL, sample.AppHost, sample.Domain, sample.Timezone = unknownText, unknownText, unknownText, unknownText, unknownText
	chosen := sample
	chosen.Settings = map[string]cty.Value{}
	for _, s := range h.app.Settings {
		v, ok := sample.Settings[s.Name]
		if ok && v.Type() == cty.String && s.Type != "choice" {
			v = cty.StringVal(unknownText)
		}
		if ok {
			chosen.Settings[s.Name] = v
		}
	}
	// What a setting's default puts into a text was looked at where it is declared.
	sample.Settings = map[string]cty.Value{}
	for name, v := range h.app.SampleScope().Settings {
		if v.Type() == cty.String && v.AsString() != "" {
			v = chosen.Settings[name]
		}
		sample.Settings[name] = v
	}
	return []Scope{chosen, sample}
}

// flat is a text with what is not known of it marked.
func flat(t Text) string {
	var b strings.Builder
	for _, p := range t {
		if p.Secret != "" {
			b.WriteString(unknownText)
		}
		b.WriteString(p.Literal)
	}
	return b.String()
}

func (h *hardcoded) variable(s *Service, v EnvVar, scopes []Scope) {
	if v.Value.Expression == nil {
		return
	}
	start := v.Value.Range().Start
	at := Problem{Line: start.Line, Column: start.Column}
	kind := asksForSecret(v.Name)
	look := func(text string) {
		switch {
		case !h.room(text):
		case kind != "" && looksSecret(kind, text):
			h.tell(at, "variable %s of service %s holds a %s that is the same for everybody: make it a secret block", v.Name, quoted(s.Name), kind)
		case addressPassword(text) != "":
			h.tell(at, "variable %s of service %s holds an address with a password that is the same for everybody: make it a secret block", v.Name, quoted(s.Name))
		default:
			h.lines(at, s, "variable "+v.Name, text)
		}
	}
	for _, scope := range scopes {
		if h.full {
			return
		}
		if text, set, err := v.Eval(scope); err == nil && set {
			look(flat(text))
		}
	}
	for _, text := range branches(v.Value.Expression) {
		look(text)
	}
}

// branches are the texts that stand written out behind the conditions of an expression.
func branches(e any) []string {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return branches(e.Expression)
	case *hclsyntax.ConditionalExpr:
		return append(branchText(e.TrueResult), branchText(e.FalseResult)...)
	}
	return nil
}

func branchText(e hclsyntax.Expression) []string {
	var c exprCheck
	c.walk(e, place{})
	if len(c.references)+len(c.problems) == 0 {
		ev := &evaluation{budget: maxWork}
		if v, err := ev.eval(e); err == nil {
			if text, err := ev.text(e, v); err == nil {
				return []string{flat(text)}
			}
		}
	}
	return branches(e)
}

func (h *hardcoded) file(s *Service, f File, scopes []Scope) {
	if f.Content.Expression == nil {
		return
	}
	start := f.Content.Range().Start
	for _, scope := range scopes {
		if h.full {
			return
		}
		if text, err := f.Content.Eval(scope); err == nil && h.room(flat(text)) {
			h.lines(Problem{Line: start.Line, Column: start.Column}, s, "file "+quoted(f.Path), flat(text))
		}
	}
}

var (
	// assignment is a line of most configuration files that gives a name a value:
	// a = b, a: b, "a": "b", 'a' => 'b', define('a', 'b'), export a=b, $a = b.
	assignment = regexp.MustCompile(`^[\s{\[,*-]*(?:export\s+|set\s+|define\(\s*|\$)?["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?\]?\s*(?:=>|:=|=|:|,)\s*(.+)$`)
	element    = regexp.MustCompile(`<([A-Za-z_][A-Za-z0-9_.-]*)>([^<]+)</`)
	directive  = regexp.MustCompile(`^\s*(requirepass|masterauth)\s+(\S+)`)
	mayMatter  = regexp.MustCompile(`(?i)pass|pwd|secret|token|key|salt|pepper|credential|masterauth|://`)
	comment    = regexp.MustCompile(`^\s*(#|;|//|--|/\*|\*|<!--)`)
)

// lines looks at each line of a text that is a configuration.
func (h *hardcoded) lines(at Problem, s *Service, what, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if !mayMatter.MatchString(line) {
			continue // most do not, and the rest is slow
		}
		if comment.MatchString(line) {
			continue
		}
		name, value := "", ""
		for _, form := range []*regexp.Regexp{directive, element, assignment} {
			if m := form.FindStringSubmatch(line); m != nil {
				name, value = m[1], m[2]
				break
			}
		}
		kind := asksForSecret(name)
		if name == "masterauth" {
			kind = "password"
		}
		switch {
		case kind != "" && looksSecret(kind, unquote(value)):
			h.tell(at, "%s of service %s gives %s a %s that is the same for everybody: make it a secret block", what, quoted(s.Name), quoted(name), kind)
		case addressPassword(line) != "":
			h.tell(at, "%s of service %s holds an address with a password that is the same for everybody: make it a secret block", what, quoted(s.Name))
		}
	}
}

// unquote takes a line's value out of its quotes; prose without them is no value.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if s != "" && strings.ContainsRune(`"'`, rune(s[0])) {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return s[1 : end+1]
		}
	}
	if before, _, ok := strings.Cut(s, " #"); ok {
		s = before
	}
	s = strings.TrimRight(strings.TrimSpace(s), ",;)}]")
	if s == "" || strings.ContainsRune("{[|>&*", rune(s[0])) || len(strings.Fields(s)) > 3 {
		return ""
	}
	return s
}
