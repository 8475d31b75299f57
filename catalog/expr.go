package catalog

import (
	"github.com/hashicorp/hcl/v2"
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
