package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// reader turns a parsed file into an App. It never stops at a problem.
type reader struct {
	app        *App
	problems   Problems
	references []Reference // of all expressions
	after      []Reference // "service NAME", from after = […]
	sockets    []socket
	shares     []share
	prefix     string // of the block that is being read, for mark: "service.web."
}

// socket is a port that a service listens on in its container.
type socket struct {
	service, protocol string
	port              int
	where             hcl.Range
}

// attributes say how the value of each attribute of a block is read.
type attributes map[string]func(hclsyntax.Expression)

// blocks say how each kind of block within a block is read.
type blocks map[string]block

type block struct {
	labelled bool // has one label: its name
	single   bool // stands at most once
	read     func(b *hclsyntax.Block)
}

// body reads the attributes and blocks of a block, each by its rule. what names
// the block in complaints: "service \"web\"". The attributes named in required
// must be there; their absence is told at where.
func (r *reader) body(b *hclsyntax.Body, what string, where hcl.Range, attrs attributes, inner blocks, required ...string) {
	found := slices.SortedFunc(maps.Values(b.Attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.NameRange.Start.Byte, b.NameRange.Start.Byte)
	})
	for _, a := range found {
		if r.full() {
			return
		}
		read, ok := attrs[a.Name]
		if !ok {
			r.unknownAttribute(a, what, attrs, inner)
			continue
		}
		read(a.Expr)
	}
	for _, name := range required {
		if b.Attributes[name] == nil {
			r.fail(where, "", "%s has no %s", what, name)
		}
	}
	seen := map[string]int{}
	for _, child := range b.Blocks {
		if r.full() {
			return
		}
		rule, ok := inner[child.Type]
		if !ok {
			r.unknownBlock(child, what, attrs, inner)
			continue
		}
		seen[child.Type]++
		switch n := seen[child.Type]; {
		case n > 1 && rule.single:
			r.fail(child.TypeRange, "", "%s has more than one %s block", what, child.Type)
		case n == maxItems+1:
			r.fail(child.TypeRange, "", "%s has more than %d %s blocks", what, maxItems, child.Type)
		case n > maxItems:
		case rule.labelled && len(child.Labels) != 1:
			r.fail(child.TypeRange, "", "write %s with one name: %s \"name\" { … }", child.Type, child.Type)
		case !rule.labelled && len(child.Labels) != 0:
			r.fail(child.LabelRanges[0], "", "%s takes no name: write %s { … }", child.Type, child.Type)
		default:
			rule.read(child)
		}
	}
}

func (r *reader) unknownAttribute(a *hclsyntax.Attribute, what string, attrs attributes, inner blocks) {
	if rule, ok := inner[a.Name]; ok {
		label := ""
		if rule.labelled {
			label = ` "name"`
		}
		r.fail(a.NameRange, "", "%s is a block: write %s%s { … }", a.Name, a.Name, label)
		return
	}
	names := slices.Concat(slices.Collect(maps.Keys(attrs)), slices.Collect(maps.Keys(inner)))
	r.fail(a.NameRange, nearest(a.Name, names), "%s has no attribute %s", what, quoted(a.Name))
}

func (r *reader) unknownBlock(b *hclsyntax.Block, what string, attrs attributes, inner blocks) {
	if _, ok := attrs[b.Type]; ok {
		r.fail(b.TypeRange, "", "%s is an attribute: write %s = …", b.Type, b.Type)
		return
	}
	names := slices.Concat(slices.Collect(maps.Keys(inner)), slices.Collect(maps.Keys(attrs)))
	r.fail(b.TypeRange, nearest(b.Type, names), "%s has no block %s", what, quoted(b.Type))
}

// full reports that there are more problems than will be told. Whoever reads on
// then would only spend time, and a hostile file wants it to be much.
func (r *reader) full() bool { return len(r.problems) > maxProblems }

func (r *reader) fail(at hcl.Range, suggestion, format string, args ...any) {
	if r.full() {
		return
	}
	r.problems = append(r.problems, problemAt(at, suggestion, format, args...))
}

// mark remembers where something stands, for Lint.
func (r *reader) mark(key string, at hcl.Range) {
	r.app.at[r.prefix+key] = position{at.Start.Line, at.Start.Column}
}

// within reads a nested block, so that what it marks is told from its parent's.
func (r *reader) within(block string, read func()) {
	outer := r.prefix
	r.prefix += block + "."
	read()
	r.prefix = outer
}

// rule looks at a text. It returns what is wrong with it ("" if nothing), to be
// read after the attribute's name and value, and the value that was probably meant.
type rule func(s string) (message, suggestion string)

// constant evaluates an expression that may use no names.
func (r *reader) constant(e hclsyntax.Expression, want cty.Type, what string) (cty.Value, bool) {
	var c exprCheck
	c.walk(e, place{})
	if len(c.references) > 0 {
		ref := c.references[0]
		r.fail(ref.where, "", "must be written out: %s works only in env, command and content", ref)
		return cty.NilVal, false
	}
	if len(c.problems) > 0 {
		r.problems = append(r.problems, c.problems...)
		return cty.NilVal, false
	}
	v, err := (&evaluation{budget: maxWork}).eval(e)
	if err != nil {
		c.fail(err)
		r.problems = append(r.problems, c.problems...)
		return cty.NilVal, false
	}
	if want != cty.DynamicPseudoType && v.known.Type() != want {
		r.fail(e.Range(), "", "%s is %s and must be %s", what, kindOf(v.known.Type()), kindOf(want))
		return cty.NilVal, false
	}
	return v.known, true
}

// text reads a constant text of at most longest bytes.
func (r *reader) text(name string, into *string, longest int, rules ...rule) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		r.mark(name, e.Range())
		v, ok := r.constant(e, cty.String, name)
		if ok && r.obeys(e.Range(), name, v.AsString(), longest, rules) {
			*into = v.AsString()
		}
	}
}

func (r *reader) obeys(at hcl.Range, name, s string, longest int, rules []rule) bool {
	if len(s) > longest {
		r.fail(at, "", "%s is longer than %d bytes", name, longest)
		return false
	}
	for _, rule := range rules {
		if message, suggestion := rule(s); message != "" {
			r.fail(at, suggestion, "%s %s %s", name, quoted(s), message)
			return false
		}
	}
	return true
}

// number reads a whole number between least and most.
func (r *reader) number(name string, into *int, least, most int) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		r.mark(name, e.Range())
		v, ok := r.constant(e, cty.Number, name)
		if !ok {
			return
		}
		n, accuracy := v.AsBigFloat().Int64()
		if accuracy != 0 || n < int64(least) || n > int64(most) {
			shown, _ := scalarText(v)
			r.fail(e.Range(), "", "%s is %s and must be a whole number from %d to %d", name, shown, least, most)
			return
		}
		*into = int(n)
	}
}

// decimal reads any number.
func (r *reader) decimal(name string, into **float64) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		if v, ok := r.constant(e, cty.Number, name); ok {
			f, _ := v.AsBigFloat().Float64()
			*into = &f
		}
	}
}

// flag reads true or false.
func (r *reader) flag(name string, into *bool) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		r.mark(name, e.Range())
		if v, ok := r.constant(e, cty.Bool, name); ok {
			*into = v.True()
		}
	}
}

// items gives each item of a written-out list.
func (r *reader) items(e hclsyntax.Expression, name string) []hclsyntax.Expression {
	list, ok := e.(*hclsyntax.TupleConsExpr)
	if !ok {
		r.fail(e.Range(), "", "%s must be a list, as in [\"a\", \"b\"]", name)
		return nil
	}
	if len(list.Exprs) > maxItems {
		r.fail(e.Range(), "", "%s has more than %d items", name, maxItems)
		return nil
	}
	if r.full() {
		return nil
	}
	return list.Exprs
}

// texts reads a list of constant texts.
func (r *reader) texts(name string, into *[]string, rules ...rule) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		r.mark(name, e.Range())
		for _, item := range r.items(e, name) {
			v, ok := r.constant(item, cty.String, name)
			if ok && r.obeys(item.Range(), name, v.AsString(), maxLine, rules) {
				*into = append(*into, v.AsString())
			}
		}
	}
}

// distinct reads a list of constant texts that must all differ.
func (r *reader) distinct(name string, into *[]string, rules ...rule) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		r.texts(name, into, rules...)(e)
		seen := map[string]bool{}
		for _, s := range *into {
			if seen[s] {
				r.fail(e.Range(), "", "%s names %s twice", name, quoted(s))
			}
			seen[s] = true
		}
	}
}

// expr keeps an expression for later, if it is one that can be evaluated then.
func (r *reader) expr(into *Expr) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) { r.keep(into, e, place{secret: true}) }
}

func (r *reader) keep(into *Expr, e hclsyntax.Expression, at place) {
	var c exprCheck
	c.walk(e, at)
	r.problems = append(r.problems, c.problems...)
	r.references = append(r.references, c.references...)
	if len(c.problems) == 0 {
		*into = Expr{e}
	}
}

// exprs keeps the items of a list for later. They are arguments, which every
// process of the machine can read, so no secret may stand there.
func (r *reader) exprs(name string, into *[]Expr) func(hclsyntax.Expression) {
	return func(e hclsyntax.Expression) {
		for _, item := range r.items(e, name) {
			var x Expr
			r.keep(&x, item, place{argument: true})
			*into = append(*into, x)
		}
	}
}

// label reads a block's name and holds it against those of its kind so far.
func (r *reader) label(b *hclsyntax.Block, taken []string, rule rule) string {
	name := b.Labels[0]
	if message, suggestion := rule(name); message != "" {
		r.fail(b.LabelRanges[0], suggestion, "the name %s of %s %s", quoted(name), article(b.Type), message)
	} else if slices.Contains(taken, name) {
		r.fail(b.LabelRanges[0], "", "there are two %s blocks named %s", b.Type, quoted(name))
	}
	return name
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return fmt.Sprintf("a %s", noun)
}
