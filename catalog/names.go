package catalog

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Reference is a name that an expression uses: setting.X, secret.X, service.X.host,
// service.X.port, app.name, app.url, app.host, pool.domain, pool.timezone.
type Reference struct {
	Kind  string // setting, secret, service, app, pool
	Name  string // "admin_username"; for app and pool what is asked: "url"
	Field string // host or port, for a service
	where hcl.Range
	from  string // the service whose after it is in

	insertable bool // it stands where a secret may stand
	argument   bool // it stands in a program's arguments
}

func (r Reference) String() string {
	return strings.TrimRight(r.Kind+"."+r.Name+"."+r.Field, ".")
}

// What the names of expressions can start with, and what app, pool and a service offer.
var (
	rootNames     = []string{"app", "pool", "secret", "service", "setting"}
	appNames      = []string{"host", "name", "url"}
	poolNames     = []string{"domain", "timezone"}
	endpointNames = []string{"host", "port"}
)

// referenceOf reads a traversal. It does not know which names are declared.
func referenceOf(e *hclsyntax.ScopeTraversalExpr) (Reference, error) {
	var words []string
	for i, step := range e.Traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			words = append(words, step.Name)
		case hcl.TraverseAttr:
			words = append(words, step.Name)
		case hcl.TraverseIndex:
			if step.Key.Type() != cty.String {
				return Reference{}, problemAt(e.Traversal[i].SourceRange(), "", "there are no lists to take a number from here")
			}
			words = append(words, step.Key.AsString())
		default:
			return Reference{}, refused(e)
		}
	}
	ref := Reference{Kind: words[0], where: e.Range()}
	if !slices.Contains(rootNames, ref.Kind) {
		suggestion := nearest(ref.Kind, rootNames)
		if suggestion != "" {
			suggestion = strings.Join(append([]string{suggestion}, words[1:]...), ".")
		}
		return ref, problemAt(ref.where, suggestion, "%s is not known; names start with setting, secret, service, app or pool", quoted(strings.Join(words, ".")))
	}
	want := 2
	if ref.Kind == "service" {
		want = 3
	}
	if len(words) != want {
		shape := map[string]string{"setting": "setting.NAME", "secret": "secret.NAME", "service": "service.NAME.host or service.NAME.port",
			"app": "app.name, app.url or app.host", "pool": "pool.domain or pool.timezone"}[ref.Kind]
		return ref, problemAt(ref.where, "", "%s is not a name; write %s", quoted(strings.Join(words, ".")), shape)
	}
	ref.Name = words[1]
	if want == 3 {
		ref.Field = words[2]
	}
	return ref, ref.checkFields()
}

// checkFields holds what is asked of app, pool and a service against what there is.
func (r Reference) checkFields() error {
	word, offered := r.Name, []string(nil)
	switch r.Kind {
	case "app":
		offered = appNames
	case "pool":
		offered = poolNames
	case "service":
		word, offered = r.Field, endpointNames
	default:
		return nil
	}
	if slices.Contains(offered, word) {
		return nil
	}
	stem := strings.TrimSuffix(r.String(), word)
	suggestion := nearest(word, offered)
	if suggestion != "" {
		suggestion = stem + suggestion
	}
	return problemAt(r.where, suggestion, "%s is not known; there is %s", quoted(r.String()), stem+strings.Join(offered, ", "+stem))
}

// unknown is the problem of a name that is not among the declared ones.
func (r Reference) unknown(declared []string) Problem {
	suggestion := nearest(r.Name, declared)
	if suggestion != "" && r.from == "" {
		suggestion = strings.TrimRight(r.Kind+"."+suggestion+"."+r.Field, ".")
	}
	return problemAt(r.where, suggestion, "there is no %s %s", r.Kind, quoted(r.Name))
}

// name looks a name up in the scope.
func (ev *evaluation) name(e *hclsyntax.ScopeTraversalExpr) (value, error) {
	if ev.scope == nil {
		return value{}, problemAt(e.Range(), "", "must be written out: names such as %s work only in env, command and content", quoted(traversalText(e)))
	}
	ref, err := referenceOf(e)
	if err != nil {
		return value{}, err
	}
	s := ev.scope
	switch ref.Kind {
	case "setting":
		if key, ok := s.Passwords[ref.Name]; ok {
			if key == "" {
				return value{}, nil // the empty text, but one that cannot be looked at
			}
			return value{text: Text{{Secret: key, Setting: ref.Name}}}, nil
		}
		v, ok := s.Settings[ref.Name]
		if !ok {
			return value{}, ref.unknown(slices.Collect(maps.Keys(s.Settings)))
		}
		if v == cty.NilVal || v.IsNull() || !v.IsKnown() {
			return value{}, problemAt(ref.where, "", "setting %s has no value", quoted(ref.Name))
		}
		return known(v), nil
	case "secret":
		if !slices.Contains(s.Secrets, ref.Name) {
			return value{}, ref.unknown(s.Secrets)
		}
		return value{text: Text{{Secret: ref.Name}}}, nil
	case "service":
		endpoint, ok := s.Services[ref.Name]
		if !ok {
			return value{}, ref.unknown(slices.Collect(maps.Keys(s.Services)))
		}
		if ref.Field == "host" {
			return known(cty.StringVal(endpoint.Host)), nil
		}
		return known(cty.NumberIntVal(int64(endpoint.Port))), nil
	}
	return known(cty.StringVal(map[string]string{
		"app.name": s.AppName, "app.url": s.AppURL, "app.host": s.AppHost,
		"pool.domain": s.Domain, "pool.timezone": s.Timezone,
	}[ref.String()])), nil
}

// keyword is the bare word that a map's key is written as: env = { NAME = … }.
func keyword(e *hclsyntax.ObjectConsKeyExpr) (string, bool) {
	if e.ForceNonLiteral {
		return "", false
	}
	word := hcl.ExprAsKeyword(e.Wrapped)
	return word, word != ""
}

func traversalText(e *hclsyntax.ScopeTraversalExpr) string {
	var words []string
	for _, step := range e.Traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			words = append(words, step.Name)
		case hcl.TraverseAttr:
			words = append(words, step.Name)
		}
	}
	return strings.Join(words, ".")
}
