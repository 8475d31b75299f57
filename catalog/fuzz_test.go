package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func seeds(f *testing.F) []string {
	var texts []string
	cases, _ := filepath.Glob("testdata/*.txt")
	for _, file := range cases {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(archive.Files[0].Data))
	}
	entries, _ := filepath.Glob("apps/*/app.hcl")
	for _, file := range entries {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	if len(texts) < 20 {
		f.Fatalf("only %d seeds", len(texts))
	}
	return texts
}

// Whatever the text, Parse comes back soon, points at places that are in the file,
// and what it accepts can be linted, ordered and evaluated.
func FuzzParse(f *testing.F) {
	for _, text := range seeds(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var app *App
		var problems Problems
		soon(t, func() { app, problems = Parse("app.hcl", text) })
		if (app == nil) == (problems.Err() == nil) {
			t.Fatalf("app %v with problems %v", app, problems)
		}
		lines := 1 + strings.Count(string(text), "\n")
		for _, p := range problems {
			if p.File != "app.hcl" || p.Message == "" || p.Line < 0 || p.Line > lines || (p.Line > 0) != (p.Column > 0) {
				t.Errorf("problem %#v points nowhere", p)
			}
			if strings.ContainsFunc(p.String(), badRune) {
				t.Errorf("problem %q holds control characters", p)
			}
		}
		if app == nil {
			return
		}
		for _, p := range Lint(app) {
			if p.Message == "" || p.Line < 1 || p.Line > lines || strings.ContainsFunc(p.String(), badRune) {
				t.Errorf("lint: %#v", p)
			}
		}
		ordered := 0
		for _, level := range app.StartLevels() {
			ordered += len(level)
		}
		if ordered != len(app.Services) {
			t.Errorf("%d of %d services can be started", ordered, len(app.Services))
		}
		for _, s := range app.Services {
			for _, v := range s.Volumes {
				if !filepath.IsAbs(v.Path) || strings.Contains(v.Path+"/", "/../") {
					t.Errorf("volume path %q got through", v.Path)
				}
			}
			for _, e := range s.Env {
				checkEvaluated(t, app, e)
			}
		}
		app.Risks()
		if again, problems := Parse("app.hcl", app.Text); again == nil {
			t.Errorf("the kept text does not parse again: %v", problems)
		}
	})
}

// Whatever the expression, its evaluation ends soon with bounded text, and a
// secret's place in it is one that was written.
func FuzzEval(f *testing.F) {
	for _, s := range []string{
		`secret.key`, `"a${secret.key}b"`, `urlencode("${secret.key}/x")`, `app.name == "demo" ? secret.key : "x"`,
		`upper(replace(setting.long, "x", "yy"))`, `join(",", ["a", setting.long])`, `jsonencode({ a = [1, true, "x"] })`,
		`format("%s-%d", app.url, 1 + 2 * 3 % 4)`, `"%{ if setting.long == "x" }a%{ else }b%{ endif }"`, `[for x in [1] : x]`,
		`setting["long"]`, `service.web.host`, `-1 / 0`, `!true`, `<<E` + "\nx\nE", `null`, `(null)`, `0.1 + 0.2`,
		`setting.pass`, `"a${urlencode(setting.pass)}b"`, `setting.long != "" ? setting.pass : null`, `setting.pass == null`, `upper(null)`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, expr string) {
		app, _ := Parse("app.hcl", []byte(entry("      FUZZ = "+expr)))
		if app == nil {
			return
		}
		for _, s := range app.Services {
			for _, e := range s.Env {
				checkEvaluated(t, app, e)
			}
		}
	})
}

func checkEvaluated(t *testing.T, app *App, v EnvVar) {
	t.Helper()
	var text Text
	var set bool
	var err error
	soon(t, func() { text, set, err = v.Eval(app.SampleScope()) })
	if err != nil {
		if _, ok := err.(Problem); !ok {
			t.Errorf("%T is no Problem: %v", err, err)
		}
		return
	}
	if !set && text != nil {
		t.Errorf("a variable that is left out has the text %q", text)
	}
	size := 0
	written := map[string]bool{}
	for _, ref := range v.Value.References() {
		written[ref.String()] = true
	}
	for _, p := range text {
		size += len(p.Literal)
		if p.Secret != "" && !written[p.reference().String()] {
			t.Errorf("secret %q came from nowhere", p.Secret)
		}
	}
	if size > maxResult {
		t.Errorf("%d bytes of text", size)
	}
}
