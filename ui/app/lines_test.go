package app

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestALineKeepsItsTextAndLosesWhatMovesATerminal(t *testing.T) {
	for given, want := range map[string]string{
		"plain":                        "plain",
		"\x1b[1;31mred\x1b[0m text":    "red text",
		"\x1b]8;;http://x\x1b\\link":   "link",
		"\x1b]0;title\x07after":        "after",
		"10 %\r50 %\r100 %\r\n":        "100 %",
		"a\tb":                         "a    b",
		"nul\x00 bell\x07":             "nul\ufffd bell\ufffd",
		"bad\xff\xfe":                  "bad\ufffd\ufffd",
		"\u202eevil\u2066\u200b":       "\ufffdevil\ufffd\ufffd",
		"\x1b(Bcharset \x1b7save\x1b[": "charset save",
		"\u009b31mC1":                  "\ufffd31mC1",
		"žluťoučký 日本 👩‍💻":             "žluťoučký 日本 👩‍💻",
	} {
		if got := clean(given); got != want {
			t.Errorf("clean(%q) = %q, want %q", given, got, want)
		}
	}
}

func FuzzALineIsHarmlessWhateverIsInIt(f *testing.F) {
	for _, seed := range []string{hostile, "", "\x1b", "\x1b[", "\x1b]", "\r", strings.Repeat("\xff", 30000), "a\x1bPq\x1b\\b"} {
		f.Add(seed, "e")
	}
	f.Fuzz(func(t *testing.T, text, what string) {
		got := clean(text)
		if len(got) > longest+64 || !utf8.ValidString(got) {
			t.Fatalf("%d bytes, valid %t", len(got), utf8.ValidString(got))
		}
		for _, r := range got {
			if unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
				t.Fatalf("%q holds %U", got, r)
			}
		}
		pieces, ok := find(got, what)
		joined := ""
		for _, p := range pieces {
			joined += p.Text
		}
		if ok && joined != got {
			t.Fatalf("searched for %q, %q became %q", what, got, joined)
		}
	})
}
