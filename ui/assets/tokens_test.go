package assets

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

// tokens reads the colours of src/tokens.css by block (":root" and the accents), each
// as it is in light and in dark.
func tokens(t *testing.T) map[string]map[string][2]colour {
	t.Helper()
	text, err := os.ReadFile("src/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string][2]colour{}
	block := regexp.MustCompile(`(?sm)^(:root|\[data-accent="([a-z]+)"\]) \{(.*?)\n\}`)
	pair := regexp.MustCompile(`--([a-z-]+): light-dark\(#([0-9a-f]{6}), #([0-9a-f]{6})\)`)
	for _, b := range block.FindAllStringSubmatch(string(text), -1) {
		colours := map[string][2]colour{}
		for _, p := range pair.FindAllStringSubmatch(b[3], -1) {
			light, err1 := parseColour(p[2])
			dark, err2 := parseColour(p[3])
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			colours[p[1]] = [2]colour{light, dark}
		}
		if name := strings.TrimPrefix(b[1], ":"); b[2] == "" {
			out[name] = colours
		} else {
			out[b[2]] = colours
		}
	}
	return out
}

// part is a colour with some of another in it, as color-mix does in srgb.
func part(of, in colour, share float64) colour {
	one := func(a, b uint8) uint8 { return uint8(float64(a)*share + float64(b)*(1-share) + 0.5) }
	return colour{one(of.r, in.r), one(of.g, in.g), one(of.b, in.b)}
}

var schemes = []string{"light", "dark"}

func TestTextCanBeReadOnAllThatItStandsOnInBothSchemes(t *testing.T) {
	root := tokens(t)["root"]
	for _, c := range []struct {
		on   string
		text []string
	}{
		{"bg", []string{"text", "muted", "ok", "warn", "bad", "info"}},
		{"surface", []string{"text", "muted", "ok", "warn", "bad", "info"}},
		{"raised", []string{"text", "muted", "bad"}},
		{"sunken", []string{"text", "muted"}},
		{"ok-soft", []string{"text", "ok"}}, {"warn-soft", []string{"text", "muted", "warn"}},
		{"bad-soft", []string{"text", "muted", "bad"}}, {"info-soft", []string{"text", "muted", "info"}},
		{"bad-fill", []string{"on-bad"}},
	} {
		for k, scheme := range schemes {
			for _, text := range c.text {
				if got := contrast(root[text][k], root[c.on][k]); got < 4.5 {
					t.Errorf("%s: %s on %s is at %.2f:1", scheme, text, c.on, got)
				}
			}
		}
	}
}

func TestEdgesOfFieldsAndDotsOfStatesAreAt3To1(t *testing.T) {
	root := tokens(t)["root"]
	for k, scheme := range schemes {
		for _, c := range [][2]string{{"edge", "surface"}, {"edge", "bg"}, {"dot-ok", "surface"}, {"dot-warn", "surface"}, {"dot-bad", "surface"}, {"dot-idle", "surface"}} {
			if got := contrast(root[c[0]][k], root[c[1]][k]); got < 3 {
				t.Errorf("%s: %s on %s is at %.2f:1", scheme, c[0], c[1], got)
			}
		}
	}
}

func TestEachAccentCanBeReadInBothSchemes(t *testing.T) {
	all := tokens(t)
	root := all["root"]
	for _, name := range agent.Accents() {
		accent, there := all[name]
		if !there {
			t.Errorf("%s is not in tokens.css", name)
			continue
		}
		on := root["on-accent"]
		if own, has := accent["on-accent"]; has {
			on = own
		}
		for k, scheme := range schemes {
			if got := contrast(on[k], accent["accent"][k]); got < 4.5 {
				t.Errorf("%s, %s: what is written on it is at %.2f:1", name, scheme, got)
			}
			soft := part(accent["accent"][k], root["surface"][k], 0.13)
			// The breath of colour behind a page, where it is strongest.
			wash := part(accent["accent"][k], root["bg"][k], 0.12)
			for where, ground := range map[string]colour{"bg": root["bg"][k], "wash": wash, "surface": root["surface"][k], "raised": root["raised"][k], "soft": soft, "sunken": root["sunken"][k]} {
				if got := contrast(accent["accent-text"][k], ground); got < 4.5 {
					t.Errorf("%s, %s: text of it on %s is at %.2f:1", name, scheme, where, got)
				}
			}
			if got := contrast(root["muted"][k], wash); got < 4.5 {
				t.Errorf("%s, %s: muted on the wash is at %.2f:1", name, scheme, got)
			}
		}
	}
	for name := range all {
		if name != "root" && !slices.Contains(agent.Accents(), name) {
			t.Errorf("nobody can choose %s", name)
		}
	}
}
