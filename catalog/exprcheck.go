package catalog

import (
	"errors"
	"strconv"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// exprCheck walks an expression before it is kept: it refuses what evaluation would
// refuse, gathers the names that are used, and goes on after a problem so that all
// are told at once.
type exprCheck struct {
	problems   Problems
	references []Reference
}

// place is what may stand where the walk is.
type place struct {
	secret   bool // a secret may be inserted
	argument bool // it is an argument of a program
	encoded  bool // within urlencode()
	list     bool // a list or map may stand
	null     bool // null may stand: the variable is left out
}

func (c *exprCheck) fail(err error) {
	var p Problem
	if errors.As(err, &p) {
		c.problems = append(c.problems, p)
	}
}

func (c *exprCheck) walk(e hclsyntax.Expression, at place) {
	if len(c.problems) > maxProblems {
		return
	}
	hidden := place{argument: at.argument} // for what is looked at, not inserted
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		if _, err := (&evaluation{null: at.null}).literal(e); err != nil {
			c.fail(err)
		} else if s, ok := scalarText(e.Val); ok {
			c.runes(e, s)
		}
	case *hclsyntax.TemplateExpr:
		at.list, at.null = false, false
		for _, part := range e.Parts {
			c.walk(part, at)
		}
	case *hclsyntax.TemplateWrapExpr:
		at.list, at.null = false, false
		c.walk(e.Wrapped, at)
	case *hclsyntax.ParenthesesExpr:
		c.walk(e.Expression, at)
	case *hclsyntax.ScopeTraversalExpr:
		c.name(e, at)
	case *hclsyntax.FunctionCallExpr:
		c.call(e, at)
	case *hclsyntax.ConditionalExpr:
		c.walk(e.Condition, hidden)
		c.walk(e.TrueResult, at)
		c.walk(e.FalseResult, at)
	case *hclsyntax.BinaryOpExpr:
		c.walk(e.LHS, hidden)
		c.walk(e.RHS, hidden)
	case *hclsyntax.UnaryOpExpr:
		c.walk(e.Val, hidden)
	case *hclsyntax.TupleConsExpr:
		if !at.list {
			c.fail(problemAt(e.Range(), "", "a list cannot stand here; join() makes a text of it"))
		}
		for _, item := range e.Exprs {
			c.walk(item, place{argument: at.argument, list: at.list})
		}
	case *hclsyntax.ObjectConsExpr:
		if !at.list {
			c.fail(problemAt(e.Range(), "", "a map cannot stand here; jsonencode() makes a text of it"))
		}
		for _, item := range e.Items {
			if key, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); !ok {
				c.walk(item.KeyExpr, hidden)
			} else if _, bare := keyword(key); !bare {
				c.walk(key.Wrapped, hidden)
			}
			c.walk(item.ValueExpr, place{argument: at.argument, list: at.list})
		}
	default:
		c.fail(refused(e))
	}
}

func (c *exprCheck) name(e *hclsyntax.ScopeTraversalExpr, at place) {
	ref, err := referenceOf(e)
	if err != nil {
		c.fail(err)
		return
	}
	ref.insertable, ref.argument = at.secret, at.argument
	if ref.Kind == "secret" && !at.secret {
		c.fail(ref.misused())
	}
	c.references = append(c.references, ref)
}

func (c *exprCheck) call(e *hclsyntax.FunctionCallExpr, at place) {
	if err := checkCall(e); err != nil {
		c.fail(err)
		return
	}
	inner := place{argument: at.argument, list: e.Name == "join" || e.Name == "jsonencode"}
	if e.Name == "urlencode" {
		if at.encoded {
			c.fail(problemAt(e.Range(), "", "is percent-encoded twice"))
		}
		inner = place{secret: at.secret, argument: at.argument, encoded: true}
	}
	for _, arg := range e.Args {
		c.walk(arg, inner)
	}
}

func (c *exprCheck) runes(e hclsyntax.Expression, s string) {
	for _, r := range s {
		if badRune(r) {
			c.fail(problemAt(e.Range(), "", "holds the control character U+%04X", r))
			return
		}
	}
}

// References are the names that the expression uses, in its order.
func (e Expr) References() []Reference {
	expr, ok := e.Expression.(hclsyntax.Expression)
	if !ok {
		return nil
	}
	var c exprCheck
	c.walk(expr, place{secret: true})
	return c.references
}

// refused is the problem of an expression of a kind that entries may not use.
func refused(e hclsyntax.Expression) Problem {
	what := "this kind of expression"
	switch e.(type) {
	case *hclsyntax.ForExpr, *hclsyntax.TemplateJoinExpr:
		what = "a loop (for)"
	case *hclsyntax.SplatExpr, *hclsyntax.AnonSymbolExpr:
		what = "a splat ([*] or .*)"
	case *hclsyntax.IndexExpr, *hclsyntax.RelativeTraversalExpr:
		what = "an index"
	}
	return problemAt(e.Range(), "", "%s is not allowed in an entry", what)
}

// quoted is a name from an entry as messages show it: cut, and with nothing in it
// that a terminal acts on.
func quoted(s string) string {
	const longest = 60
	if runes := []rune(s); len(runes) > longest {
		s = string(runes[:longest]) + "…"
	}
	return strconv.Quote(s)
}
