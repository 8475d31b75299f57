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
	Secret  string // the secret's name
	Encode  string // "" as it is, "url" percent-encoded as in urlencode(secret.x)
}

// Scope holds what the names in an entry's expressions stand for.
type Scope struct {
	Settings map[string]cty.Value // setting.X: every declared setting, defaults filled in
	Secrets  []string             // the declared names; values are not known here
	Services map[string]Endpoint  // service.X.host, service.X.port
	AppName  string               // app.name
	AppURL   string               // app.url, "http://miniflux.dcloud.localhost", no trailing slash
	AppHost  string               // app.host, "miniflux.dcloud.localhost"
	Domain   string               // pool.domain
	Timezone string               // pool.timezone, "Europe/Berlin"
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
	if e.Expression == nil {
		return nil, nil
	}
	expr, ok := e.Expression.(hclsyntax.Expression)
	if !ok {
		return nil, problemAt(e.Range(), "", "is not an expression of a manifest")
	}
	ev := evaluation{scope: &s, budget: maxWork}
	v, err := ev.eval(expr)
	if err != nil {
		return nil, err
	}
	return ev.text(expr, v)
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
			b.WriteString("${urlencode(secret." + p.Secret + ")}")
		default:
			b.WriteString("${secret." + p.Secret + "}")
		}
	}
	return b.String()
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
