package override

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Written is the text of an override: what stands where. Its values are Nomad's to
// say, since it is Nomad's language (New).
type Written struct {
	file     string
	text     []byte
	job      *hclsyntax.Block // nil if the override only removes
	removals []removal
}

// removal is one address of the remove list.
type removal struct {
	text  string
	at    place
	steps []step
}

// noJob stands for the job where an override only removes: Nomad wants one.
const noJob = "override"

// Parse reads an override without knowing what its values mean. file is the name
// that problems are to show. It refuses what is too large, too deep or no override,
// and expressions that would not give the same job each time. The result is nil if
// there is a problem that is more than a warning.
func Parse(file string, text []byte) (*Written, Problems) {
	if ps := checkText(file, text); ps != nil {
		return nil, ps
	}
	parsed, diags := hclsyntax.ParseConfig(text, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fromDiagnostics(file, diags).tidy()
	}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		return nil, Problems{{File: file, Message: "this is no override: it is not in Nomad's HCL syntax"}}
	}
	w := &Written{file: file, text: slices.Clone(text)}
	ps := w.readTop(body)
	if w.job != nil {
		ps = append(ps, checkExpressions(w.job.Body)...)
	}
	ps = ps.tidy()
	if ps.Err() != nil {
		return nil, ps
	}
	return w, ps
}

// ForNomad is the text that Nomad is to parse: what is not its language is
// overwritten by spaces, so that its complaints name the right lines.
func (w *Written) ForNomad() string {
	if w.job == nil {
		return string(w.text) + "\njob \"" + noJob + "\" {}\n"
	}
	return string(w.text)
}

// Job is the name in the job block, "" if there is none.
func (w *Written) Job() string {
	if w.job == nil {
		return ""
	}
	return w.job.Labels[0]
}

// Blank tells whether a text is an override that asks for nothing: empty, or with nothing
// but comments, a job block without content and an empty remove list.
func Blank(text string) bool {
	w, ps := Parse("", []byte(text))
	return w != nil && len(ps) == 0 && len(w.removals) == 0 &&
		(w.job == nil || len(w.job.Body.Attributes)+len(w.job.Body.Blocks) == 0)
}

// readTop takes the two things that may stand at the top of an override.
func (w *Written) readTop(body *hclsyntax.Body) Problems {
	var ps Problems
	for _, b := range body.Blocks {
		at := placeOf(b.DefRange())
		switch {
		case b.Type == "variable" || b.Type == "variables" || b.Type == "locals":
			ps = append(ps, at.problem("write each value where it is used", "an override has no %s", b.Type))
		case b.Type != "job":
			ps = append(ps, at.problem(`put it into job "NAME" { … }`, "%s cannot stand outside of the job", b.Type))
		case w.job != nil:
			ps = append(ps, at.problem("put both into one job block", "there is a second job block"))
		case len(b.Labels) != 1 || b.Labels[0] == "":
			ps = append(ps, at.problem(`write job "NAME" {`, "the job needs the name of the app"))
		default:
			w.job = b
		}
	}
	for name, a := range body.Attributes {
		if name != "remove" {
			ps = append(ps, placeOf(a.NameRange).problem(`put it into job "NAME" { … }`, "%s cannot stand outside of the job", name))
			continue
		}
		ps = append(ps, w.readRemovals(a)...)
	}
	return ps
}

func (w *Written) readRemovals(a *hclsyntax.Attribute) Problems {
	const hint = `write remove = ["group.NAME.task.NAME.env.KEY"]`
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		return Problems{placeOf(a.Expr.Range()).problem(hint, "remove is a list of addresses")}
	}
	if len(list.Exprs) > maxRemovals {
		return Problems{placeOf(a.Expr.Range()).problem("", "remove lists more than %d addresses", maxRemovals)}
	}
	var ps Problems
	for _, e := range list.Exprs {
		at := placeOf(e.Range())
		v, diags := e.Value(nil)
		if diags.HasErrors() || v.IsNull() || !v.IsWhollyKnown() || v.Type() != cty.String {
			ps = append(ps, at.problem(hint, "an address is a plain text in quotes"))
			continue
		}
		r := removal{text: v.AsString(), at: at}
		steps, err := parseAddress(r.text)
		if err != nil {
			ps = append(ps, at.problem(`an address is, for example, group.miniflux.task.web.env.PATH`, "%q is no address: %v", r.text, err))
			continue
		}
		r.steps = steps
		w.removals = append(w.removals, r)
	}
	blank(w.text[a.SrcRange.Start.Byte:a.SrcRange.End.Byte])
	return ps
}

// blank overwrites all but line ends.
func blank(text []byte) {
	for i, c := range text {
		if c != '\n' && c != '\r' {
			text[i] = ' '
		}
	}
}

// fromDiagnostics turns what the HCL parser says into problems.
func fromDiagnostics(file string, diags hcl.Diagnostics) Problems {
	var ps Problems
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		p := Problem{File: file, Message: strings.TrimSuffix(d.Summary, ".")}
		if d.Detail != "" {
			p.Message += ": " + strings.TrimSuffix(strings.Join(strings.Fields(d.Detail), " "), ".")
		}
		if d.Subject != nil {
			p.Line, p.Column = d.Subject.Start.Line, d.Subject.Start.Column
		}
		ps = append(ps, p)
	}
	return ps
}
