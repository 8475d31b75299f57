package catalog

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// builtin is a function that entries may call. Its arguments are known values;
// size tells how long its result can get, before it is made.
type builtin struct {
	min, max int // arguments
	size     func(args []string) int
	apply    func(args []string) string
}

// builtins work on texts. urlencode, join, jsonencode and format are special.
var builtins = map[string]builtin{
	"urlencode":  {min: 1, max: 1},
	"join":       {min: 2, max: 2},
	"jsonencode": {min: 1, max: 1},
	"format":     {min: 1, max: 32},
	"tostring":   {min: 1, max: 1, apply: func(a []string) string { return a[0] }},
	"lower":      {min: 1, max: 1, apply: func(a []string) string { return strings.ToLower(a[0]) }},
	"upper":      {min: 1, max: 1, apply: func(a []string) string { return strings.ToUpper(a[0]) }},
	"trimprefix": {min: 2, max: 2, apply: func(a []string) string { return strings.TrimPrefix(a[0], a[1]) }},
	"trimsuffix": {min: 2, max: 2, apply: func(a []string) string { return strings.TrimSuffix(a[0], a[1]) }},
	"replace": {
		min: 3, max: 3,
		size:  func(a []string) int { return len(a[0]) + strings.Count(a[0], a[1])*len(a[2]) },
		apply: func(a []string) string { return strings.ReplaceAll(a[0], a[1], a[2]) },
	},
}

// functionNames are the functions that entries may call, sorted.
func functionNames() []string { return slices.Sorted(maps.Keys(builtins)) }

// checkCall holds a call against the functions that there are.
func checkCall(e *hclsyntax.FunctionCallExpr) error {
	f, ok := builtins[e.Name]
	if !ok {
		return problemAt(e.NameRange, nearest(e.Name, functionNames()),
			"there is no function %s; there is %s", quoted(e.Name), strings.Join(functionNames(), ", "))
	}
	if e.ExpandFinal {
		return problemAt(e.Range(), "", "a list cannot be spread over arguments here")
	}
	if n := len(e.Args); n < f.min || n > f.max {
		return problemAt(e.Range(), "", "%s() takes %s and is given %d", e.Name, span(f.min, f.max), n)
	}
	return nil
}

func span(least, most int) string {
	switch {
	case most == 1:
		return "1 argument"
	case least == most:
		return fmt.Sprintf("%d arguments", least)
	}
	return fmt.Sprintf("%d to %d arguments", least, most)
}

func (ev *evaluation) call(e *hclsyntax.FunctionCallExpr) (value, error) {
	if err := checkCall(e); err != nil {
		return value{}, err
	}
	switch e.Name {
	case "urlencode":
		return ev.urlencode(e)
	case "join":
		return ev.join(e)
	case "jsonencode":
		return ev.jsonencode(e)
	case "format":
		return ev.format(e)
	}
	args, err := ev.texts(e.Args)
	if err != nil {
		return value{}, err
	}
	f := builtins[e.Name]
	if f.size != nil {
		if err := ev.spend(e, f.size(args)); err != nil {
			return value{}, err
		}
	}
	return ev.made(e, f.apply(args))
}

// made accounts for a text that a function made.
func (ev *evaluation) made(e hclsyntax.Expression, s string) (value, error) {
	if err := ev.spend(e, len(s)); err != nil {
		return value{}, err
	}
	return known(cty.StringVal(s)), nil
}

// texts evaluates arguments that must be known.
func (ev *evaluation) texts(exprs []hclsyntax.Expression) ([]string, error) {
	texts := make([]string, len(exprs))
	for i, e := range exprs {
		v, err := ev.plain(e, cty.DynamicPseudoType)
		if err != nil {
			return nil, err
		}
		t, err := ev.text(e, known(v))
		if err != nil {
			return nil, err
		}
		texts[i] = t.String()
	}
	return texts, nil
}

// urlencode is the one function that takes secrets: whoever fills them in encodes them.
func (ev *evaluation) urlencode(e *hclsyntax.FunctionCallExpr) (value, error) {
	v, err := ev.eval(e.Args[0])
	if err != nil {
		return value{}, err
	}
	text, err := ev.text(e.Args[0], v)
	if err != nil {
		return value{}, err
	}
	var out Text
	for _, p := range text {
		if p.Encode != "" {
			return value{}, problemAt(e.Range(), "", "%s is percent-encoded twice", p.reference())
		}
		if p.Secret != "" {
			out = append(out, Part{Secret: p.Secret, Setting: p.Setting, Encode: "url"})
			continue
		}
		if err := ev.spend(e, 3*len(p.Literal)); err != nil {
			return value{}, err
		}
		out = out.add(Part{Literal: percentEncode(p.Literal)})
	}
	if out.HasSecret() {
		return value{text: out}, nil
	}
	return known(cty.StringVal(out.String())), nil
}

// percentEncode leaves only RFC 3986's unreserved characters as they are, so the
// result fits any part of a URL. (A space becomes %20, never +.)
func percentEncode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func (ev *evaluation) join(e *hclsyntax.FunctionCallExpr) (value, error) {
	sep, err := ev.texts(e.Args[:1])
	if err != nil {
		return value{}, err
	}
	list, err := ev.plain(e.Args[1], cty.DynamicPseudoType)
	if err != nil {
		return value{}, err
	}
	if !list.Type().IsTupleType() {
		return value{}, problemAt(e.Args[1].Range(), "", "is %s where a list is needed", kindOf(list.Type()))
	}
	var items []string
	size := 0
	for _, item := range list.AsValueSlice() {
		t, err := ev.text(e.Args[1], known(item))
		if err != nil {
			return value{}, err
		}
		s := t.String()
		if size += len(s) + len(sep[0]); size > maxResult {
			return value{}, tooLong(e)
		}
		items = append(items, s)
	}
	return ev.made(e, strings.Join(items, sep[0]))
}

func (ev *evaluation) jsonencode(e *hclsyntax.FunctionCallExpr) (value, error) {
	v, err := ev.plain(e.Args[0], cty.DynamicPseudoType)
	if err != nil {
		return value{}, err
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return value{}, problemAt(e.Range(), "", "cannot be written as JSON: %v", err)
	}
	return ev.made(e, string(text))
}

// format knows %s, %d and %%: widths such as %999999999d would make texts of any size.
func (ev *evaluation) format(e *hclsyntax.FunctionCallExpr) (value, error) {
	args, err := ev.texts(e.Args)
	if err != nil {
		return value{}, err
	}
	var b strings.Builder
	pattern, rest := args[0], args[1:]
	for {
		before, after, found := strings.Cut(pattern, "%")
		b.WriteString(before)
		if !found {
			break
		}
		switch {
		case strings.HasPrefix(after, "%"):
			b.WriteByte('%')
		case after == "" || (after[0] != 's' && after[0] != 'd'):
			return value{}, problemAt(e.Args[0].Range(), "", "format() knows %%s, %%d and %%%% only")
		case len(rest) == 0:
			return value{}, problemAt(e.Args[0].Range(), "", "format() has more places than values")
		default:
			b.WriteString(rest[0])
			rest = rest[1:]
		}
		if b.Len() > maxResult {
			return value{}, tooLong(e)
		}
		pattern = after[1:]
	}
	if len(rest) > 0 {
		return value{}, problemAt(e.Args[0].Range(), "", "format() has more values than places")
	}
	return ev.made(e, b.String())
}

// misused is the problem of a secret that stands where it may not.
func (r Reference) misused() Problem {
	if r.argument {
		return problemAt(r.where, "", "%s cannot be an argument, which every process of the machine can read: give it by env or by a file", r)
	}
	return problemAt(r.where, "", "%s can only be inserted as it is or through urlencode(): its value is not known here", r)
}

// secretMisused is the same of what was evaluated to a text.
func secretMisused(r hcl.Range, text Text) Problem {
	ref := Reference{Kind: "secret", where: r}
	for _, p := range text {
		if p.Secret != "" {
			ref = p.reference()
			ref.where = r
			break
		}
	}
	return ref.misused()
}
