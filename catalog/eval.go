package catalog

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// Bounds of one evaluation. There are no loops in an entry's expressions, so the
// work is at most the number of nodes times the size of what each makes.
const (
	maxResult = 1 << 20 // bytes of a text
	maxWork   = 8 << 20 // bytes of all texts made on the way
)

// maxMagnitude keeps numbers short enough to be written out. (HCL's own are as
// large as memory.)
var maxMagnitude = big.NewFloat(1e18)

// evaluation walks one expression. It does not use HCL's own evaluation, because
// a secret has no value here and must not be taken for one, and because HCL
// bounds neither time nor memory.
type evaluation struct {
	scope  *Scope // nil where only constants are allowed
	budget int
	null   bool // null may come out: the variable is left out
}

// value is a known value, or (known is NilVal) a text that has secrets in it.
type value struct {
	known cty.Value
	text  Text
}

func known(v cty.Value) value { return value{known: v} }

func (v value) secret() bool { return v.known == cty.NilVal }

func (v value) null() bool { return !v.secret() && v.known.IsNull() }

func (ev *evaluation) eval(e hclsyntax.Expression) (value, error) {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return ev.literal(e)
	case *hclsyntax.TemplateExpr:
		return ev.template(e)
	case *hclsyntax.TemplateWrapExpr:
		return ev.eval(e.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return ev.eval(e.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		return ev.name(e)
	case *hclsyntax.FunctionCallExpr:
		return ev.call(e)
	case *hclsyntax.ConditionalExpr:
		cond, err := ev.plain(e.Condition, cty.Bool)
		if err != nil {
			return value{}, err
		}
		if cond.True() {
			return ev.eval(e.TrueResult)
		}
		return ev.eval(e.FalseResult)
	case *hclsyntax.BinaryOpExpr:
		return ev.binary(e)
	case *hclsyntax.UnaryOpExpr:
		want := cty.Number
		if e.Op == hclsyntax.OpLogicalNot {
			want = cty.Bool
		}
		v, err := ev.plain(e.Val, want)
		if err != nil {
			return value{}, err
		}
		return ev.operate(e, e.Op.Impl, v)
	case *hclsyntax.TupleConsExpr:
		return ev.list(e)
	case *hclsyntax.ObjectConsExpr:
		return ev.object(e)
	case *hclsyntax.ObjectConsKeyExpr:
		if key, ok := keyword(e); ok {
			return known(cty.StringVal(key)), nil
		}
		return ev.eval(e.Wrapped)
	}
	return value{}, refused(e)
}

func (ev *evaluation) literal(e *hclsyntax.LiteralValueExpr) (value, error) {
	if !e.Val.IsKnown() || e.Val.IsNull() && !ev.null {
		return value{}, problemAt(e.Range(), "", "null is no value here; leave the line out")
	}
	return known(e.Val), nil
}

func (ev *evaluation) template(e *hclsyntax.TemplateExpr) (value, error) {
	var text Text
	var literal strings.Builder // the run of literals that is being joined
	size := 0
	for _, part := range e.Parts {
		v, err := ev.eval(part)
		if err != nil {
			return value{}, err
		}
		t, err := ev.text(part, v)
		if err != nil {
			return value{}, err
		}
		for _, p := range t {
			if size += len(p.Literal); size > maxResult {
				return value{}, tooLong(e)
			}
			if p.Secret == "" {
				literal.WriteString(p.Literal)
				continue
			}
			text = append(text.add(Part{Literal: literal.String()}), p)
			literal.Reset()
		}
	}
	text = text.add(Part{Literal: literal.String()})
	if err := ev.spend(e, size); err != nil {
		return value{}, err
	}
	if text.HasSecret() {
		return value{text: text}, nil
	}
	return known(cty.StringVal(text.String())), nil
}

// text is the value as text: what a template or an env variable makes of it.
func (ev *evaluation) text(e hclsyntax.Expression, v value) (Text, error) {
	if v.secret() {
		return v.text, nil
	}
	s, ok := scalarText(v.known)
	if !ok {
		return nil, problemAt(e.Range(), "", "is %s where a text is needed", kindOf(v.known.Type()))
	}
	if len(s) > maxResult {
		return nil, tooLong(e)
	}
	return Literal(s), nil
}

// plain evaluates what must be known and of a type: a secret cannot be looked at.
func (ev *evaluation) plain(e hclsyntax.Expression, want cty.Type) (cty.Value, error) {
	v, err := ev.eval(e)
	if err != nil {
		return cty.NilVal, err
	}
	if v.secret() {
		return cty.NilVal, secretMisused(e.Range(), v.text)
	}
	if v.null() || want != cty.DynamicPseudoType && v.known.Type() != want {
		return cty.NilVal, problemAt(e.Range(), "", "is %s where %s is needed", kindOf(v.known.Type()), kindOf(want))
	}
	return v.known, nil
}

func (ev *evaluation) binary(e *hclsyntax.BinaryOpExpr) (value, error) {
	want := cty.Number
	switch e.Op {
	case hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr:
		want = cty.Bool
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		want = cty.DynamicPseudoType
	}
	left, err := ev.plain(e.LHS, want)
	if err != nil {
		return value{}, err
	}
	right, err := ev.plain(e.RHS, want)
	if err != nil {
		return value{}, err
	}
	if left.Type() != right.Type() {
		return value{}, problemAt(e.Range(), "", "compares %s with %s", kindOf(left.Type()), kindOf(right.Type()))
	}
	return ev.operate(e, e.Op.Impl, left, right)
}

func (ev *evaluation) operate(e hclsyntax.Expression, impl function.Function, args ...cty.Value) (value, error) {
	v, err := impl.Call(args)
	if err != nil {
		return value{}, problemAt(e.Range(), "", "cannot be computed: %v", err)
	}
	if v.Type() == cty.Number {
		if f := v.AsBigFloat(); f.IsInf() || new(big.Float).Abs(f).Cmp(maxMagnitude) > 0 {
			return value{}, problemAt(e.Range(), "", "comes to a number beyond 10¹⁸")
		}
	}
	return known(v), nil
}

func (ev *evaluation) list(e *hclsyntax.TupleConsExpr) (value, error) {
	items := make([]cty.Value, len(e.Exprs))
	for i, item := range e.Exprs {
		v, err := ev.plain(item, cty.DynamicPseudoType)
		if err != nil {
			return value{}, err
		}
		items[i] = v
	}
	return known(cty.TupleVal(items)), nil
}

func (ev *evaluation) object(e *hclsyntax.ObjectConsExpr) (value, error) {
	fields := make(map[string]cty.Value, len(e.Items))
	for _, item := range e.Items {
		key, err := ev.plain(item.KeyExpr, cty.String)
		if err != nil {
			return value{}, err
		}
		if fields[key.AsString()], err = ev.plain(item.ValueExpr, cty.DynamicPseudoType); err != nil {
			return value{}, err
		}
	}
	return known(cty.ObjectVal(fields)), nil
}

// spend takes the bytes of an intermediate result from the budget.
func (ev *evaluation) spend(e hclsyntax.Expression, bytes int) error {
	if ev.budget -= bytes; ev.budget < 0 || bytes > maxResult {
		return tooLong(e)
	}
	return nil
}

func tooLong(e hclsyntax.Expression) Problem {
	return problemAt(e.Range(), "", "comes to more than %d KiB of text", maxResult>>10)
}

// scalarText writes a string, a number or a bool out.
func scalarText(v cty.Value) (string, bool) {
	if v == cty.NilVal || v.IsNull() || !v.IsKnown() {
		return "", false
	}
	switch v.Type() {
	case cty.String:
		return v.AsString(), true
	case cty.Number:
		f := v.AsBigFloat()
		// Nearly all are whole, and finding the shortest text of a 512-bit fraction
		// was a sixth of what loading a catalog took.
		if n, accuracy := f.Int64(); accuracy == big.Exact {
			return strconv.FormatInt(n, 10), true
		}
		return f.Text('f', -1), true
	case cty.Bool:
		return fmt.Sprint(v.True()), true
	}
	return "", false
}

func kindOf(t cty.Type) string {
	switch {
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "true or false"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "a list"
	case t.IsObjectType() || t.IsMapType():
		return "a map"
	}
	return "no value"
}
