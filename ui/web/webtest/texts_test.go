package webtest

import (
	"slices"
	"strings"
	"testing"
)

func TestATextThatWasForgottenIsFound(t *testing.T) {
	known := func(s string) bool { return s == "Ada" }
	for page, want := range map[string]string{
		`<p>⟦Hello⟧</p>`: "",
		`<p>Hello</p>`:   "Hello",
		`<p>⟦Hello ⟦you⟧⟧ Ada, 3 GB · v2.1</p>`:               "",
		`<p>⟦Hello⟧ there</p>`:                                "there",
		`<a aria-label="Close">2</a>`:                         "Close",
		`<a aria-label="⟦Close⟧" title="Up">1</a>`:            "Up",
		`<input type="submit" value="Send"><input value="a">`: "Send",
		`<input placeholder="Name">`:                          "Name",
		`<script>let a</script><svg><text>no</text></svg>`:    "",
		`<pre>log</pre><p>after</p>`:                          "after",
		`<noscript><p title="⟦a⟧">Turn it on</p></noscript>`:  "Turn it on",
		`&amp;<b>Tom &amp; Co</b>`:                            "Tom & Co",
	} {
		if got := strings.Join(Untranslated(page, known), "|"); got != want {
			t.Errorf("%s: found %q, want %q", page, got, want)
		}
	}
}

func TestEveryTextIsMarkedOnce(t *testing.T) {
	if got := outside(Pseudo("a") + "b" + Pseudo("c")); !slices.Equal(got, []string{"", "b", ""}) {
		t.Errorf("outside is %q", got)
	}
}
