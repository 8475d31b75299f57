package catalog

import (
	"regexp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

func (r *reader) readSetting(b *hclsyntax.Block) {
	var taken []string
	for _, s := range r.app.Settings {
		taken = append(taken, s.Name)
	}
	s := Setting{Name: r.label(b, taken, isSettingName), Type: "string"}
	r.mark("setting."+s.Name, b.LabelRanges[0])
	var fallback, required hclsyntax.Expression
	r.within("setting."+s.Name, func() {
		what := "setting " + quoted(s.Name)
		r.body(b.Body, what, b.TypeRange, attributes{
			"title":    r.text("title", &s.Title, 100, present, oneLine),
			"help":     r.text("help", &s.Help, maxLine),
			"type":     r.text("type", &s.Type, maxName, oneOf(settingTypes)),
			"default":  func(e hclsyntax.Expression) { fallback = e },
			"required": func(e hclsyntax.Expression) { required = e; r.flag("required", &s.Required)(e) },
			"choices":  r.distinct("choices", &s.Choices, present, oneLine),
			"pattern":  r.text("pattern", &s.Pattern, 1<<10, wholePattern),
			"min":      r.decimal("min", &s.Min),
			"max":      r.decimal("max", &s.Max),
			"advanced": r.flag("advanced", &s.Advanced),
		}, nil)
	})
	r.checkSetting(b, s)
	if s.Required && fallback != nil {
		r.fail(required.Range(), "", "a setting with a default is never required: leave one of the two out")
	}
	if fallback != nil && s.Type != "password" {
		s.Default = r.fallback(s, fallback)
	} else if !s.Required && (s.Type == "number" || s.Type == "choice") {
		r.fail(b.LabelRanges[0], "", "setting %s needs a default, or required = true", quoted(s.Name))
	}
	r.app.Settings = append(r.app.Settings, s)
}

// checkSetting holds a setting's attributes against its type.
func (r *reader) checkSetting(b *hclsyntax.Block, s Setting) {
	place := func(name string) hcl.Range { return b.Body.Attributes[name].Expr.Range() }
	has := func(name string) bool { return b.Body.Attributes[name] != nil }
	if s.Type == "choice" && len(s.Choices) == 0 {
		r.fail(b.LabelRanges[0], "", "setting %s is a choice without choices = […]", quoted(s.Name))
	}
	if s.Type != "choice" && has("choices") {
		r.fail(place("choices"), "", "choices are for a setting of type \"choice\"")
	}
	if s.Type != "string" && has("pattern") {
		r.fail(place("pattern"), "", "pattern is for a setting of type \"string\"")
	}
	for _, name := range []string{"min", "max"} {
		if s.Type != "number" && has(name) {
			r.fail(place(name), "", "%s is for a setting of type \"number\"", name)
		}
	}
	if s.Type == "password" && has("default") {
		r.fail(place("default"), "", "a password has no default: it is given, or made as a secret")
	}
	if s.Min != nil && s.Max != nil && *s.Min > *s.Max {
		r.fail(place("min"), "", "min is larger than max")
	}
}

// fallback reads a default, which must be what a person could have given.
func (r *reader) fallback(s Setting, e hclsyntax.Expression) cty.Value {
	r.mark("setting."+s.Name+".default", e.Range())
	want := map[string]cty.Type{"number": cty.Number, "bool": cty.Bool}[s.Type]
	if want == cty.NilType {
		want = cty.String
	}
	v, ok := r.constant(e, want, "default")
	if !ok {
		return cty.NilVal
	}
	text := SettingText(v)
	if text == "" && s.Type != "choice" {
		return v // the same as none
	}
	if _, message := s.convert(text); message != "" {
		r.fail(e.Range(), nearest(text, s.Choices), "default %s %s", quoted(text), message)
		return cty.NilVal
	}
	return v
}

func (r *reader) readSecret(b *hclsyntax.Block) {
	var taken []string
	for _, s := range r.app.Secrets {
		taken = append(taken, s.Name)
	}
	s := Secret{Name: r.label(b, taken, isSecretName), Length: 32, Charset: "alphanumeric"}
	r.mark("secret."+s.Name, b.LabelRanges[0])
	r.within("secret."+s.Name, func() {
		r.body(b.Body, "secret "+quoted(s.Name), b.TypeRange, attributes{
			"title":   r.text("title", &s.Title, 100, present, oneLine),
			"reveal":  r.flag("reveal", &s.Reveal),
			"length":  r.number("length", &s.Length, 4, 1024),
			"bytes":   r.number("bytes", &s.Bytes, 4, 1024),
			"charset": r.text("charset", &s.Charset, maxName, oneOf(charsets)),
		}, nil)
	})
	r.checkSecret(b, &s)
	r.app.Secrets = append(r.app.Secrets, s)
}

// checkSecret holds a secret's length against its charset.
func (r *reader) checkSecret(b *hclsyntax.Block, s *Secret) {
	length, bytes := b.Body.Attributes["length"], b.Body.Attributes["bytes"]
	switch {
	case s.Charset == "uuid" && length != nil:
		r.fail(length.NameRange, "", "a uuid has no length: it is always 36 characters")
	case s.Charset == "uuid" && bytes != nil:
		r.fail(bytes.NameRange, "", "a uuid has no bytes: it is always 36 characters")
	case length != nil && bytes != nil:
		r.fail(bytes.NameRange, "", "a secret has either length (characters) or bytes (that are encoded): leave one out")
	case bytes != nil && s.Charset != "base64" && s.Charset != "hex":
		r.fail(bytes.NameRange, "", "bytes are for charset \"base64\" or \"hex\"; say length instead")
	}
	if s.Charset == "uuid" || s.Bytes > 0 {
		s.Length = 0
	}
}

// wholePattern accepts RE2 expressions.
func wholePattern(s string) (string, string) {
	_, err := regexp.Compile(s) // by itself first: a)(b would pass within brackets
	if err == nil {
		_, err = regexp.Compile(whole(s))
	}
	if err != nil {
		return "is not an RE2 expression: " + err.Error(), ""
	}
	return "", ""
}

// whole makes a pattern match a text as a whole.
func whole(pattern string) string { return `\A(?:` + pattern + `)\z` }
