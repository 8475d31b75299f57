package export

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// value evaluates an expression as HCL does. What Nomad fills in later, its parser
// leaves alone; here it is left out.
func value(t testing.TB, text string) string {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(text+"\n"), "x.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	v, diags := e.Value(&hcl.EvalContext{Functions: map[string]function.Function{"chomp": stdlib.ChompFunc}})
	if diags.HasErrors() || v.Type() != cty.String {
		t.Fatalf("%s: %v", text, diags)
	}
	return v.AsString()
}

// hostile is a text of what could be misread.
func hostile(r *rand.Rand) string {
	parts := []string{"$", "%", "{", "}", "${", "%{", "$${", "%%{", "\"", "\\", "\n", "\r", "\t", "\x01", "\x7f", "EOT", "\nEOT\n", "a", " ",
		"${x}", "~}", "\u00e9", "\u2028", "\U0001F600", "\U000E0001", "#", "//", "/*", "{{ x }}", "<<EOT"}
	var b strings.Builder
	for range r.IntN(12) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

func TestEveryTextIsReadBackAsItWas(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		s := hostile(r)
		if got := value(t, quote(s)); got != s {
			t.Fatalf("%q became %q by %s", s, got, quote(s))
		}
		if got := value(t, longText(s)); got != s {
			t.Fatalf("%q became %q by %s", s, got, longText(s))
		}
	}
}

func TestALongTextIsWrittenOverItsLines(t *testing.T) {
	for s, want := range map[string]string{
		"a\nb\n":        "<<EOT\na\nb\nEOT",
		"a\nb":          "chomp(<<EOT\na\nb\nEOT\n)",
		"a ${b}\n":      "<<EOT\na $${b}\nEOT",
		"a":             `"a"`,
		"a\r\nb":        `"a\r\nb"`,
		"a\n  EOT\nb\n": `"a\n  EOT\nb\n"`,
	} {
		if got := longText(s); got != want {
			t.Errorf("%q is written as %s, want %s", s, got, want)
		}
	}
}

func TestWhatNomadFillsInKeepsItsForm(t *testing.T) {
	for _, s := range []string{"${attr.cpu.arch}", "${node.unique.name}", "${NOMAD_TASK_DIR}"} {
		if got := quote(s); got != `"`+s+`"` {
			t.Errorf("%s is written as %s", s, got)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("$${a}\"\\\r\n%{")
	f.Add("a\nEOT\n")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, "?")
		if reference.MatchString(s) || !normal(s) {
			return
		}
		if got := value(t, quote(s)); got != s {
			t.Errorf("%q became %q by %s", s, got, quote(s))
		}
		if got := value(t, longText(s)); got != s {
			t.Errorf("%q became %q by %s", s, got, longText(s))
		}
	})
}

// normal tells texts that HCL leaves as they are: it puts accents and letters
// together (Unicode's NFC).
func normal(s string) bool { return cty.StringVal(s).AsString() == s }
