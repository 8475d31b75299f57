package catalog

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dentropy/dcloud/catalog/effort"
)

// entry wraps env lines into an entry that is otherwise good.
func entry(env string) string {
	return `app "demo" {
  title    = "Demo"
  tagline  = "Shows one thing"
  category = "tools"
  version  = "1.0"
  website  = "https://example.org"
  license  = "MIT"
  setting "long" {
    title   = "Long"
    default = "x"
  }
  setting "pass" {
    title = "Password"
    type  = "password"
  }
  secret "key" {}
  service "web" {
    image = "docker.io/library/demo:1.0"
    expose "web" { port = 80 }
    env = {
      KEY = secret.key
      LONG = setting.long
      PASS = setting.pass
` + env + `
    }
  }
}
`
}

func fill(n int, piece string) string { return strings.Repeat(piece, n/len(piece)) }

// hostile are texts that would cost a careless reader its stack, its memory or
// its time. Each must be told in words that contain the second field.
func hostile() map[string][2]string {
	const most = maxFile - 2048 // leaves room for the entry around it
	unique := func(n int, format string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	circle := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "service \"s%d\" {\nimage = \"docker.io/x/y:1\"\nport = %d\nafter = [\"s%d\"]\n}\n", i, i+1, (i+1)%n)
		}
		return "app \"demo\" {\n" + b.String() + "}\n"
	}
	mesh := func(n int) string {
		names := unique(n*7, "\"s%d\",")
		var b strings.Builder
		for i := 0; b.Len() < most-len(names)-200; i++ {
			fmt.Fprintf(&b, "service \"s%d\" {\nimage = \"docker.io/x/y:1\"\nport = %d\nafter = [%s]\n}\n", i, i+1, names)
		}
		return "app \"demo\" {\n" + b.String() + "}\n"
	}
	return map[string][2]string{
		"a huge file":               {strings.Repeat("# x\n", 100_000), "larger than 256 KiB"},
		"not UTF-8":                 {"app \"demo\" {\n  title = \"\xff\xfe\"\n}\n", "2,12: is not UTF-8"},
		"UTF-16":                    {"\xff\xfea\x00p\x00p\x00", "not UTF-8"},
		"NUL":                       {"app \"demo\" {\n\x00}\n", "U+0000"},
		"a byte order mark":         {"\ufeffapp \"demo\" {}\n", "byte order mark"},
		"text that runs backwards":  {"# \u202e\n", "U+202E"},
		"deep brackets":             {entry("A = " + fill(most/2, "(") + "1" + fill(most/2, ")")), "nested more than 32"},
		"deep lists":                {entry("A = " + fill(most, "[")), "nested more than 32"},
		"deep maps":                 {entry("A = " + fill(most, "{a=")), "nested more than 32"},
		"deep templates":            {entry("A = " + fill(most, "\"${")), "nested more than 32"},
		"deep blocks":               {fill(most, "a {\n"), "nested more than 32"},
		"deep calls":                {entry("A = " + fill(most, "upper(")), "nested more than 32"},
		"a chain of !":              {entry("A = " + fill(most, "!") + "true"), "more than 1024 operators"},
		"a chain of -":              {entry("A = " + fill(most, "-") + "1"), "more than 1024 operators"},
		"a chain of +":              {entry("A = " + fill(most, "1+") + "1"), "more than 1024 operators"},
		"a chain of conditions":     {entry("A = " + fill(most, "true?1:") + "1"), "more than 1024 operators"},
		"template ifs in ifs":       {entry("A = \"" + fill(most, "%{ if true }") + "\""), "more than 1024 operators"},
		"a number without end":      {entry("A = 1e999999999"), "write numbers out"},
		"a long number":             {entry("A = " + fill(most, "9")), "write numbers out"},
		"a large power":             {entry("A = " + fill(1000, "99999999999999999*") + "9"), "beyond 10¹⁸"},
		"a loop":                    {entry("A = join(\"\", [for a in [1,2] : [for b in [1,2] : b]])"), "loop (for) is not allowed"},
		"billion laughs by replace": {entry("A = " + strings.Repeat("replace(", 25) + `"aaaaaaaaaa"` + strings.Repeat(`, "a", "aaaaaaaaaa")`, 25)), "more than 1024 KiB"},
		"billion laughs by format":  {entry("A = format(\"%999999999s\", \"x\")"), "format() knows"},
		"billion laughs by join":    {entry("A = join(" + `"` + fill(100_000, "x") + `", [` + fill(60_000, `"",`) + "])"), "more than 1024 KiB"},
		"many bad attributes":       {"app \"demo\" {\n" + unique(most, "a%d = 1\n") + "}\n", "more problems"},
		"many unknown names":        {entry("A = \"" + unique(most, "${setting.x%d}") + "\""), "more problems"},
		"many unknown functions":    {entry("A = \"" + unique(most, "${uper%d(1)}") + "\""), "more problems"},
		"many unknown services":     {mesh(4000), "more than 512 items"},
		"services that all wait":    {mesh(500), "64 are allowed"},
		"many services":             {circle(100), "64 are allowed"},
		"a long circle":             {circle(64), "s62 → s63 → s0"},
		"many bad capabilities":     {strings.Replace(entry(""), "env =", "capabilities = ["+fill(500*12, `"NET_ADMIM",`)+"]\nenv =", 1), "more problems"},
		"many exposed ports":        {strings.Replace(entry(""), "env =", unique(most, "expose \"x%d\" { port = 80 }\n")+"env =", 1), "more problems"},
		"many settings":             {strings.Replace(entry(""), "secret", unique(100_000, "setting \"s%d\" { title = \"x\" }\n")+"secret", 1), "256 are allowed"},
		"many blocks":               {fill(most, "a{}\n"), "more problems"},
		"many texts that grow":      {entry(unique(60_000, "A%d = replace(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"a\", replace(\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\", \"b\", \"cccccccccccccccccccccccccccccccc\"))\n")), "more than"},
		"much text to look at":      {entry(unique(25_000, "A%d = replace(\"aaaaaaaaaaaaaaaa\", \"a\", replace(\"bbbbbbbbbbbbbbbb\", \"b\", \"password: x\"))\n")), ""},
		"an open heredoc":           {entry("A = <<E\n" + fill(most, "x\n")), "more than 4096 lines"},
		"heredocs of long lines":    {entry("A = <<E\n" + fill(4000*63, strings.Repeat("x", 62)+"\n") + "E\nQ=1Q=\n"), ""},
		"many open heredocs":        {entry("A = " + fill(most, "<<E\n")), ""},
		"open quotes":               {fill(most, "\""), ""},
		"open braces in templates":  {entry("A = \"" + fill(most, "${}") + "\""), ""},
		"only newlines in a list":   {entry("A = [" + fill(most, "\n")), ""},
		"only dots":                 {entry("A = setting" + fill(most, ".a")), "is not a name"},
		"only indexes":              {entry("A = setting" + fill(most, "[\"a\"]")), ""},
		"splats in a row":           {entry("A = setting" + fill(most, ".*")), ""},
		"namespaced calls":          {entry("A = a" + fill(most, "::a") + "()"), ":: is not allowed"},
		"a name that never ends":    {"app \"" + fill(most, "a") + "\" {}\n", "longer than 40"},
		"a terminal's commands":     {"app \"\\u001b[2J\" {\n}\n", `\x1b[2J`},
		"a pattern that explodes":   {strings.Replace(entry(""), "default =", "pattern = \"((a{1000}){1000}){1000}\"\ndefault =", 1), "RE2"},
		"nothing":                   {"", "no app block"},
	}
}

// soon does something with a text, and fails unless it takes about what it takes to check
// a good entry of nearly the largest size: some tens of milliseconds on a PC.
func soon(t testing.TB, do func()) {
	t.Helper()
	effort.Within(t, 15, func() {
		if app, problems := Check("app.hcl", large()); app == nil {
			t.Fatal(problems)
		}
	}, do)
}

// large is a good entry of nearly the largest size.
var large = sync.OnceValue(func() []byte {
	var env strings.Builder
	for i := range maxItems - 8 {
		fmt.Fprintf(&env, "E%d = \"${app.name} %s\"\n", i, strings.Repeat("y", (maxFile-2048)/maxItems-24))
	}
	return []byte(entry(env.String()))
})

func TestHostileTextCostsNoMoreThanAGoodOneAndGetsAnError(t *testing.T) {
	for name, c := range hostile() {
		t.Run(name, func(t *testing.T) {
			var app *App
			var problems Problems
			soon(t, func() { app, problems = Check("app.hcl", []byte(c[0])) })
			if app != nil || problems.Err() == nil {
				t.Fatal("the entry was accepted")
			}
			if len(problems) > maxProblems+1 {
				t.Errorf("%d problems are told", len(problems))
			}
			if text := problems.Error(); !strings.Contains(text, c[1]) {
				t.Errorf("%q is not in\n%.2000s", c[1], text)
			} else if strings.ContainsAny(text, "\x00\x1b\u202e") {
				t.Errorf("control characters are in\n%.2000q", text)
			}
		})
	}
}

func TestEvaluationIsBoundedWhateverTheSettingsAre(t *testing.T) {
	app, problems := Parse("app.hcl", []byte(entry(
		"A = \""+fill(2000, "${setting.long}")+"\"\n"+
			"B = "+strings.Repeat("replace(", 20)+"setting.long"+strings.Repeat(`, "x", "xxxxxxxx")`, 20))))
	if problems != nil {
		t.Fatal(problems)
	}
	scope := app.SampleScope()
	values, errs := app.ResolveSettings(map[string]string{"long": fill(maxSetting, "x")})
	if errs != nil {
		t.Fatal(errs)
	}
	scope.Settings = values
	for _, env := range app.Service("web").Env {
		if env.Name != "A" && env.Name != "B" {
			continue
		}
		_, err := env.Value.Eval(scope)
		if err == nil || !strings.Contains(err.Error(), "more than 1024 KiB") {
			t.Errorf("%s: %.200v", env.Name, err)
		}
	}
}
