package catalog

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

func evaluate(t *testing.T, expr string) (Text, error) {
	t.Helper()
	app, problems := Parse("app.hcl", []byte(entry("      RESULT = "+expr)))
	if app == nil {
		t.Fatalf("%s: %v", expr, problems)
	}
	scope := app.SampleScope()
	scope.Settings = map[string]cty.Value{"long": cty.StringVal("a b/ü")}
	for _, e := range app.Service("web").Env {
		if e.Name == "RESULT" {
			return e.Value.Eval(scope)
		}
	}
	t.Fatal("no RESULT")
	return nil, nil
}

func TestExpressionsComeToText(t *testing.T) {
	for expr, want := range map[string]Text{
		`"plain"`:                        Literal("plain"),
		`""`:                             nil,
		`8080`:                           Literal("8080"),
		`0.5`:                            Literal("0.5"),
		`true`:                           Literal("true"),
		`1 + 2 * 3`:                      Literal("7"),
		`setting.long`:                   Literal("a b/ü"),
		`setting["long"]`:                Literal("a b/ü"),
		`"<${setting.long}>"`:            Literal("<a b/ü>"),
		`urlencode(setting.long)`:        Literal("a%20b%2F%C3%BC"),
		`upper(setting.long)`:            Literal("A B/Ü"),
		`app.url`:                        Literal("http://demo.dcloud.localhost"),
		`"${app.name}.${app.host}"`:      Literal("demo.demo.dcloud.localhost"),
		`pool.domain`:                    Literal("dcloud.localhost"),
		`pool.timezone`:                  Literal("Etc/UTC"),
		`service.web.host`:               Literal("127.0.0.1"),
		`service.web.port`:               Literal("80"),
		`"$${not.a.name}"`:               Literal("${not.a.name}"),
		`join("-", ["a", 1, true])`:      Literal("a-1-true"),
		`format("%s:%d%%", "a", 5)`:      Literal("a:5%"),
		`jsonencode({ a = [1, "<"]})`:    Literal(`{"a":[1,"\u003c"]}`),
		`trimprefix(app.url, "http://")`: Literal("demo.dcloud.localhost"),
		`trimsuffix("a.git", ".git")`:    Literal("a"),
		`replace("a.b.c", ".", "-")`:     Literal("a-b-c"),
		`app.name == "demo" && !false ? "yes" : "no"`:         Literal("yes"),
		`"%{ if app.name == "x" }a%{ else }b%{ endif }"`:      Literal("b"),
		"<<-E\n        one\n          ${app.name}\n        E": Literal("one\n  demo\n"),
		`secret.key`:                            {{Secret: "key"}},
		`"${secret.key}"`:                       {{Secret: "key"}},
		`("a${secret.key}b")`:                   {{Literal: "a"}, {Secret: "key"}, {Literal: "b"}},
		`urlencode(secret.key)`:                 {{Secret: "key", Encode: "url"}},
		`"p:${urlencode("${secret.key}@")}@h"`:  {{Literal: "p:"}, {Secret: "key", Encode: "url"}, {Literal: "%40@h"}},
		`"${secret.key}${secret.key}"`:          {{Secret: "key"}, {Secret: "key"}},
		`app.name == "demo" ? secret.key : ""`:  {{Secret: "key"}},
		`app.name == "x" ? secret.key : "none"`: Literal("none"),
	} {
		got, err := evaluate(t, expr)
		if err != nil {
			t.Errorf("%s: %v", expr, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}

func TestATextShowsItsSecretsByName(t *testing.T) {
	text, err := evaluate(t, `"a${secret.key}b${urlencode(secret.key)}"`)
	if err != nil || text.String() != "a${secret.key}b${urlencode(secret.key)}" || !text.HasSecret() {
		t.Errorf("got %s, %v", text, err)
	}
	if Literal("${secret.key}").HasSecret() {
		t.Error("a literal that looks like a secret is one")
	}
}

func TestASettingThatLooksLikeCodeIsNotRun(t *testing.T) {
	app, problems := Parse("app.hcl", []byte(entry(`A = "x${setting.long}"`)))
	if app == nil {
		t.Fatal(problems)
	}
	scope := app.SampleScope()
	scope.Settings["long"] = cty.StringVal("${secret.key}")
	for _, e := range app.Service("web").Env {
		if e.Name != "A" {
			continue
		}
		text, err := e.Value.Eval(scope)
		if diff := cmp.Diff(Literal("x${secret.key}"), text); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	}
}

func TestWhatAScopeLacksIsToldWithItsPlace(t *testing.T) {
	app, _ := Parse("app.hcl", []byte(entry("")))
	for _, e := range app.Service("web").Env {
		_, err := e.Value.Eval(Scope{})
		p, ok := err.(Problem)
		if !ok || p.Line == 0 {
			t.Errorf("%s: %v", e.Name, err)
		}
	}
	if text, err := (Expr{}).Eval(Scope{}); err != nil || text != nil {
		t.Errorf("no expression is no text: %v, %v", text, err)
	}
}
