package catalog

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Expr is an HCL expression of an entry that is evaluated when a job is built.
type Expr struct {
	hcl.Expression
}

// Text is what an Expr comes to: literal pieces and references to secrets, in
// order. A secret's value is never in it.
type Text []Part

// Part is a literal, or, if Secret is set, a place where that secret's value goes.
type Part struct {
	Literal string
	Secret  string // the item of the app's Nomad Variable: the secret's name
	Setting string // the setting's name, where the secret is a password that a person gave
	Encode  string // "" as it is, "url" percent-encoded as in urlencode(secret.x)
}

// Scope holds what the names in an entry's expressions stand for.
type Scope struct {
	Settings map[string]cty.Value // setting.X: every declared setting, defaults filled in
	// Passwords are the settings of type password, and the item of the app's Nomad
	// Variable that each is in; "" where it was not given.
	Passwords map[string]string
	Secrets   []string            // the declared names; values are not known here
	Services  map[string]Endpoint // service.X.host, service.X.port
	AppName   string              // app.name
	AppURL    string              // app.url, "http://miniflux.dcloud.localhost", no trailing slash
	AppHost   string              // app.host, "miniflux.dcloud.localhost"
	Domain    string              // pool.domain
	Timezone  string              // pool.timezone, "Europe/Berlin"
}

// Endpoint is where other services of the same app reach a service.
type Endpoint struct {
	Host string
	Port int
}

// Eval turns the expression into text. Numbers and bools are written as "8080" and
// "true". The error is a Problem with the place in the entry. It never holds the
// value of a setting. Time and memory are bounded whatever the expression says.
func (e Expr) Eval(s Scope) (Text, error) {
	text, _, err := e.evaluate(&evaluation{scope: &s, budget: maxWork})
	return text, err
}

// Eval turns the variable's value into text, as Expr.Eval does. set is false where
// it comes to null: then the variable is to be left out.
func (v EnvVar) Eval(s Scope) (text Text, set bool, err error) {
	return v.Value.evaluate(&evaluation{scope: &s, budget: maxWork, null: true})
}

func (e Expr) evaluate(ev *evaluation) (text Text, set bool, err error) {
	if e.Expression == nil {
		return nil, true, nil
	}
	expr, ok := e.Expression.(hclsyntax.Expression)
	if !ok {
		return nil, false, problemAt(e.Range(), "", "is not an expression of a manifest")
	}
	v, err := ev.eval(expr)
	if err != nil || v.null() {
		return nil, false, err
	}
	text, err = ev.text(expr, v)
	return text, err == nil, err
}

// Literal is the text that is s and nothing else.
func Literal(s string) Text {
	if s == "" {
		return nil
	}
	return Text{{Literal: s}}
}

// HasSecret reports whether a secret's value will be in the text.
func (t Text) HasSecret() bool {
	return slices.ContainsFunc(t, func(p Part) bool { return p.Secret != "" })
}

// String is the text as an entry could write it: secrets show as ${secret.x}.
func (t Text) String() string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Secret == "":
			b.WriteString(p.Literal)
		case p.Encode == "url":
			b.WriteString("${urlencode(" + p.reference().String() + ")}")
		default:
			b.WriteString("${" + p.reference().String() + "}")
		}
	}
	return b.String()
}

// reference is the name by which an entry uses the part's secret.
func (p Part) reference() Reference {
	if p.Setting != "" {
		return Reference{Kind: "setting", Name: p.Setting}
	}
	return Reference{Kind: "secret", Name: p.Secret}
}

// add appends parts and joins literals that touch.
func (t Text) add(parts ...Part) Text {
	for _, p := range parts {
		if p.Secret == "" && p.Literal == "" {
			continue
		}
		if n := len(t); p.Secret == "" && n > 0 && t[n-1].Secret == "" {
			t[n-1].Literal += p.Literal
			continue
		}
		t = append(t, p)
	}
	return t
}
