package jobs

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"text/template"
	"unicode/utf8"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/go-envparse"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// item is a Variable's item as a template sees it (consul-template's NomadVarItem).
type item struct{ Key, Value string }

// render does what Nomad does with a template: consul-template is text/template
// with these functions of its own.
func render(t testing.TB, body string, secrets map[string]string) string {
	t.Helper()
	items := map[string]item{}
	for k, v := range secrets {
		items[k] = item{k, v}
	}
	tmpl, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"toJSON": func(v any) (string, error) {
			text, err := stdjson.Marshal(v)
			return string(bytes.TrimSpace(text)), err
		},
		"replaceAll": func(from, to, s string) string { return strings.ReplaceAll(s, from, to) },
		"nomadVar": func(path string) (map[string]item, error) {
			if path != "nomad/jobs/notes" {
				return nil, errors.New("a path that the task may not read: " + path)
			}
			return items, nil
		},
	}).Parse(body)
	if err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	var out strings.Builder
	if err := tmpl.Execute(&out, items); err != nil {
		t.Fatalf("%v in\n%s", err, body)
	}
	return out.String()
}

// hostileValues are those that have broken templates, shells or env files somewhere.
var hostileValues = []string{
	"", " ", "a", `pa$$"{{x}}'\ #=%`, "line\nline\r\n", "\t tab", "#comment", " leading and trailing ",
	"${NOMAD_ALLOC_ID}", "$${x}", "%{if}", "{{", "}}", "{{{{", "{{- ", " -}}", "{{/* */}}", "{", "}", "`", `\`, `\n`, `\u0041`,
	"<&>", "\u2028\u2029", "ü日本🎉", "\x01\x1f\x7f\b\f\v", "%s%d%!", "export X=1", "KEY=VALUE", `"`, `'`, "\\\"",
	strings.Repeat("long", 2000),
}

func randomText(r *rand.Rand) string {
	alphabet := []rune("ab {}{}$%\"'`\\#=\n\r\t+&<>/:@-\x01\x7f\u0085\u2028ü🎉")
	var b strings.Builder
	for range r.IntN(12) {
		if r.IntN(6) == 0 {
			b.WriteString(hostileValues[r.IntN(len(hostileValues)-1)])
			continue
		}
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func checkEnv(t testing.TB, text catalog.Text, secrets map[string]string) {
	t.Helper()
	body := withSecrets("notes", "\nBEFORE=x\n"+envLine("KEY", text)+"\n"+envLine("AFTER", catalog.Literal("y"))+"\n")
	env, err := envparse.Parse(strings.NewReader(render(t, body, secrets)))
	if err != nil {
		t.Fatalf("%v of %q with %q in\n%s", err, text, secrets, body)
	}
	if want := meaning(text, secrets); env["KEY"] != want || env["AFTER"] != "y" || len(env) != 3 {
		t.Fatalf("want %q, got %q in\n%s", want, env["KEY"], body)
	}
}

func checkFile(t testing.TB, text catalog.Text, secrets map[string]string) {
	t.Helper()
	body := withSecrets("notes", fileBody(text))
	if got, want := render(t, body, secrets), meaning(text, secrets); got != want {
		t.Fatalf("want %q, got %q in\n%s", want, got, body)
	}
}

// meaning is what a text comes to with the secrets in their places.
func meaning(text catalog.Text, secrets map[string]string) string {
	var b strings.Builder
	for _, p := range text {
		switch {
		case p.Secret == "":
			b.WriteString(p.Literal)
		case p.Encode == "url":
			b.WriteString(strings.ReplaceAll(url.QueryEscape(secrets[p.Secret]), "+", "%20"))
		default:
			b.WriteString(secrets[p.Secret])
		}
	}
	return b.String()
}

func TestAnyValueReachesTheContainerUnchanged(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		secrets := map[string]string{"a": randomText(r), "end": randomText(r)}
		var text catalog.Text
		for range r.IntN(5) {
			switch r.IntN(4) {
			case 0:
				text = append(text, catalog.Part{Secret: "a"})
			case 1:
				text = append(text, catalog.Part{Secret: "end", Encode: "url"})
			default:
				text = append(text, catalog.Part{Literal: randomText(r)})
			}
		}
		checkEnv(t, text, secrets)
		checkFile(t, text, secrets)
	}
	for _, v := range hostileValues {
		text := catalog.Text{{Literal: v}, {Secret: "a"}, {Literal: v}}
		checkEnv(t, text, map[string]string{"a": v})
		checkFile(t, text, map[string]string{"a": v})
	}
}

func TestASecretInAURLDecodesToItself(t *testing.T) {
	for _, v := range hostileValues {
		body := "{{ " + templateArg(catalog.Part{Secret: "a", Encode: "url"}) + " }}"
		got, err := url.PathUnescape(render(t, body, map[string]string{"a": v}))
		if err != nil || got != v {
			t.Errorf("want %q, got %q: %v", v, got, err)
		}
	}
}

func FuzzAnyValueReachesTheContainerUnchanged(f *testing.F) {
	for _, v := range hostileValues {
		f.Add(v, v)
	}
	f.Fuzz(func(t *testing.T, literal, secret string) {
		if len(literal)+len(secret) > 4096 || !utf8.ValidString(secret) || checkLiterals(catalog.Literal(literal)) != nil {
			t.Skip("refused before it gets here")
		}
		text := catalog.Text{{Literal: literal}, {Secret: "a"}, {Secret: "a", Encode: "url"}, {Literal: literal}}
		checkEnv(t, text, map[string]string{"a": secret})
		checkFile(t, text, map[string]string{"a": secret})
	})
}

// dockerReads is how Nomad's client reads a string of a driver's config
// (helper/pluginutils/hclutils.ParseHclInterface): as a template in HCL's JSON.
func dockerReads(t testing.TB, s string) string {
	t.Helper()
	text, err := stdjson.Marshal(map[string]string{"x": s})
	if err != nil {
		t.Fatal(err)
	}
	file, diags := json.Parse(text, "")
	if diags.HasErrors() {
		t.Fatalf("%v in %s", diags, text)
	}
	attrs, _ := file.Body.JustAttributes()
	v, diags := attrs["x"].Expr.Value(&hcl.EvalContext{})
	if diags.HasErrors() {
		t.Fatalf("%v in %s", diags, text)
	}
	return v.AsString()
}

func TestAnyArgumentReachesDockerUnchanged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		s := randomText(r) + []string{"$${", "%{", "$%{", "%%{", "\r", "x"}[r.IntN(6)] + randomText(r)
		if got := dockerReads(t, escapeHCL(s)); got != s {
			t.Fatalf("want %q, got %q from %q", s, got, escapeHCL(s))
		}
	}
}

func variable(t *testing.T, name, expr string) catalog.EnvVar {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(expr), "app.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return catalog.EnvVar{Name: name, Value: catalog.Expr{Expression: e}}
}

func TestASecretIsNoArgument(t *testing.T) {
	scope := catalog.Scope{Secrets: []string{"key"}, Passwords: map[string]string{"p": "given_p_1"}}
	for _, expr := range []string{`"--key=${secret.key}"`, `setting.p`} {
		_, err := arguments([]catalog.Expr{variable(t, "A", expr).Value}, scope)
		if err == nil || !strings.Contains(err.Error(), "holds a secret") {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestWhatTheTemplateCannotCarryIsRefusedWithAHint(t *testing.T) {
	for name, v := range map[string]catalog.EnvVar{
		"a name with a hyphen":  variable(t, "A-B", `"x"`),
		"a name with a newline": variable(t, "A\nB", `"x"`),
		"a NUL byte":            variable(t, "A", `"\u0000"`),
		"more than 60 KiB":      variable(t, "A", `"$${`+strings.Repeat("x", maxTemplated)+`"`),
	} {
		_, _, err := environment("notes", []catalog.EnvVar{v}, catalog.Scope{})
		var e *Error
		if !errors.As(err, &e) || e.Hint == "" {
			t.Errorf("%s: want an *Error with a hint, got %v", name, err)
		}
	}
}
