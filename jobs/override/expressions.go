package override

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// pureFunctions are the functions of Nomad's HCL that an override may call: the
// result depends on the arguments alone, and is not much longer than they are. So
// none reads a disk, none draws a random number (the app would be restarted each
// time that the job is built), and none turns a line into gigabytes.
var pureFunctions = []string{
	"abs", "base64decode", "base64encode", "ceil", "chomp", "cidrhost", "cidrnetmask", "cidrsubnet", "coalesce",
	"coalescelist", "compact", "concat", "contains", "distinct", "element", "flatten", "floor", "index", "jsondecode",
	"jsonencode", "keys", "length", "lookup", "lower", "max", "md5", "merge", "min", "parseint", "reverse", "sha1",
	"sha256", "sha512", "signum", "slice", "sort", "split", "strlen", "strrev", "substr", "title", "trim", "trimprefix",
	"trimspace", "trimsuffix", "upper", "urlencode", "values", "yamlencode", "zipmap",
}

// readsDisk are the functions that Nomad has for its own machine's disk.
var readsDisk = []string{
	"abspath", "basename", "dirname", "file", "filebase64", "fileexists", "fileset", "pathexpand", "templatefile",
}

// maxCalls is how deep calls may stand within each other: each jsonencode may
// double the length of what is in it.
const maxCalls = 4

// checkExpressions walks the job, and refuses what computes without bound or from
// something else than the text.
func checkExpressions(body *hclsyntax.Body) Problems {
	c := &expressionCheck{}
	_ = hclsyntax.Walk(body, c)
	return c.problems
}

type expressionCheck struct {
	problems Problems
	calls    int
}

func (c *expressionCheck) Enter(n hclsyntax.Node) hcl.Diagnostics {
	at := placeOf(n.Range())
	fail := func(hint, format string, args ...any) {
		c.problems = append(c.problems, at.problem(hint, format, args...))
	}
	switch n := n.(type) {
	case *hclsyntax.Body:
		if len(n.Attributes)+len(n.Blocks) > maxItems {
			fail("", "this block holds more than %d fields and blocks", maxItems)
		}
		for _, b := range n.Blocks {
			if b.Type == "dynamic" {
				at = placeOf(b.DefRange())
				fail("write each block out", "an override has no dynamic blocks")
			}
		}
	case *hclsyntax.FunctionCallExpr:
		c.calls++
		switch {
		case slices.Contains(readsDisk, n.Name):
			fail("put the text itself here, between <<EOT and EOT", "%s() would read the server's disk", n.Name)
		case !slices.Contains(pureFunctions, n.Name):
			fail("write its result instead", "an override cannot call %s()", n.Name)
		case c.calls > maxCalls:
			fail("", "calls stand more than %d levels deep within each other", maxCalls)
		}
	case *hclsyntax.ForExpr:
		fail("write each value out", "an override has no for expressions")
	case *hclsyntax.TupleConsExpr:
		if len(n.Exprs) > maxItems {
			fail("", "this list is longer than %d", maxItems)
		}
	case *hclsyntax.ObjectConsExpr:
		if len(n.Items) > maxItems {
			fail("", "this map holds more than %d keys", maxItems)
		}
	}
	return nil
}

func (c *expressionCheck) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(*hclsyntax.FunctionCallExpr); ok {
		c.calls--
	}
	return nil
}
