package pool

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func sampleToken() Token {
	t := Token{ID: "00c0ffee11", Secret: "8d969eef6ecad3c29a3a629280e686cf",
		Addresses: []string{"192.168.1.10:51820", "203.0.113.7:4000", "[2001:db8::1]:51820", "home.example.org:51820"}}
	copy(t.Fingerprint[:], bytes.Repeat([]byte{7, 9}, 16))
	return t
}

func TestATokenComesBackAsItWasWritten(t *testing.T) {
	for _, want := range []Token{
		sampleToken(),
		NewToken([32]byte{1}, nil),
		NewToken([32]byte{1}, []string{"[2001:db8::2]:1", "h:65535"}),
		{ID: "a", Secret: "AbC-_9", Addresses: []string{"pi.local:51820"}},
	} {
		got, err := ParseToken(want.Text())
		if err != nil {
			t.Fatalf("%v: %v", want, err)
		}
		if got.ID != want.ID || got.Secret != want.Secret || got.Fingerprint != want.Fingerprint || !slices.Equal(got.Addresses, want.Addresses) {
			t.Errorf("got %v %q, want %v %q", got, got.Addresses, want, want.Addresses)
		}
	}
}

func TestATokenFitsIntoAQRCodeOfATerminal(t *testing.T) {
	// 150 characters in byte mode are version 8 at level M: 49 modules wide.
	if n := len(sampleToken().Text()); n > 150 {
		t.Errorf("a token with four addresses has %d characters", n)
	}
}

func TestNoTwoTokensAreTheSame(t *testing.T) {
	a, b := NewToken([32]byte{}, nil), NewToken([32]byte{}, nil)
	if a.ID == b.ID || a.Secret == b.Secret || len(a.Secret) != 32 {
		t.Errorf("drew %q and %q", a.Text(), b.Text())
	}
}

func TestATokenMayBeWrappedAndIndented(t *testing.T) {
	text := sampleToken().Text()
	for _, s := range []string{" " + text + "\n", text[:40] + "\r\n  " + text[40:], "\ufeff" + text[:9] + "\u200b" + text[9:] + "\u00a0"} {
		if got, err := ParseToken(s); err != nil || got.ID != sampleToken().ID {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestADamagedTokenIsToldAsSuch(t *testing.T) {
	text := sampleToken().Text()
	for i := len(tokenPrefix); i < len(text); i++ {
		for _, s := range []string{
			text[:i],              // cut
			text[:i] + text[i+1:], // a character lost
			text[:i] + "~" + text[i+1:],
			text[:i] + string(other(text[i])) + text[i+1:], // altered
			text[:i] + "A" + text[i:],                      // one too many
		} {
			_, err := ParseToken(s)
			if err == nil || !strings.Contains(err.Error(), "the token is damaged: was it copied whole?") {
				t.Fatalf("%q: %v", s, err)
			}
		}
	}
}

func other(c byte) byte {
	if c == 'A' {
		return 'B'
	}
	return 'A'
}

func TestWhatIsNoTokenIsToldWithTheNextCommand(t *testing.T) {
	body := sampleToken().body()
	sealed := func(b []byte) string { return tokenPrefix + base64.RawURLEncoding.EncodeToString(withChecksum(b)) }
	for _, c := range []struct{ text, want string }{
		{"", "no token was given"},
		{" \n", "no token was given"},
		{"hello", "begins with dcloud1_"},
		{"dcloud2_abc", "of the kind dcloud2_"},
		{"dcloud9999_abc", "begins with dcloud1_"},
		{strings.Repeat("A", 1<<20), "1048576 bytes long"},
		{tokenPrefix, "damaged"},
		{sealed(nil), "damaged"},
		{sealed(make([]byte, 32)), "damaged"},
		{sealed(append(bytes.Clone(body), 0xff)), "damaged"},
		{sealed(append(bytes.Clone(body), addrIPv4|otherPort, 10, 0, 0, 1, 0xca, 0x6c)), "damaged"}, // a port that goes without saying
		{sealed(append(bytes.Clone(body), addrName, 3, 'a', 0x1b, 'b')), "damaged"},                 // a terminal's escape
		{sealed(append(bytes.Clone(body), bytes.Repeat([]byte{addrIPv4, 10, 0, 0, 1}, 5)...)), "damaged"},
	} {
		_, err := ParseToken(c.text)
		var e *agent.Error
		if !errors.As(err, &e) || e.Code != agent.CodeInvalid || e.Hint == "" || !strings.Contains(e.Message, c.want) {
			t.Errorf("%.60q: %#v, want %q", c.text, err, c.want)
		}
	}
}

func TestATokenTellsItsSecretOnlyWhereItIsAsked(t *testing.T) {
	token := sampleToken()
	inStruct := struct{ T Token }{token}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("made", "token", token, "in", inStruct, "p", &token)
	}
	asJSON, err := json.Marshal(inStruct)
	if err != nil {
		t.Fatal(err)
	}
	said := log.String() + string(asJSON)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		said += fmt.Sprintf(verb, token) + fmt.Sprintf(verb, &token) + fmt.Sprintf(verb, inStruct)
	}
	if strings.Contains(said, token.Secret) || strings.Contains(said, token.Text()) || strings.Contains(said, fmt.Sprintf("%x", token.Secret)) {
		t.Errorf("the secret is in %s", said)
	}
	if !strings.Contains(said, token.ID) {
		t.Errorf("nothing names the token in %s", said)
	}
}

func TestAnEndpointMayBeWrittenAsPeopleDo(t *testing.T) {
	for in, want := range map[string]string{
		"home.example.org":      "home.example.org:51820",
		" 203.0.113.7 ":         "203.0.113.7:51820",
		"203.0.113.7:4000":      "203.0.113.7:4000",
		"2001:db8::1":           "[2001:db8::1]:51820",
		"[2001:db8::1]":         "[2001:db8::1]:51820",
		"[2001:DB8::1]:4000":    "[2001:db8::1]:4000",
		"::ffff:203.0.113.7":    "203.0.113.7:51820",
		"pi:051":                "pi:51",
		"":                      "",
		"a b":                   "",
		"host:":                 "",
		"host:0":                "",
		"host:65536":            "",
		"300.1.1.1":             "",
		"0.0.0.0":               "",
		"fe80::1%eth0":          "",
		"-x.org":                "",
		"http://x.org":          "",
		strings.Repeat("a", 64): "",
	} {
		got, err := Endpoint(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestATokenLeavesOutWhatIsNoAddress(t *testing.T) {
	token := NewToken([32]byte{}, []string{"", "a b:1", "10.0.0.1:51820"})
	for range 20 {
		token.Addresses = append(token.Addresses, "10.0.0.2:51820")
	}
	got, err := ParseToken(token.Text())
	if err != nil || len(got.Addresses) != MaxTokenAddresses || got.Addresses[0] != "10.0.0.1:51820" {
		t.Errorf("%q, %v", got.Addresses, err)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add(sampleToken().Text())
	f.Add("dcloud1_")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseToken(s)
		var e *agent.Error
		if err != nil {
			if !errors.As(err, &e) || e.Hint == "" {
				t.Fatalf("%q: %v has no hint", s, err)
			}
			return
		}
		again, err := ParseToken(got.Text())
		if err != nil || again.Secret != got.Secret {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

// FuzzTokenBody gets past the checksum, which keeps FuzzParseToken from the rest.
func FuzzTokenBody(f *testing.F) {
	f.Add(sampleToken().body())
	f.Fuzz(func(t *testing.T, body []byte) {
		text := tokenPrefix + base64.RawURLEncoding.EncodeToString(withChecksum(bytes.Clone(body)))
		got, err := ParseToken(text)
		if err == nil && got.Text() != text {
			t.Fatalf("%q became %q", text, got.Text())
		}
		for _, a := range got.Addresses {
			if e, err := Endpoint(a); err != nil || e != a {
				t.Fatalf("%q is an address: %v", a, err)
			}
		}
	})
}

func FuzzEndpoint(f *testing.F) {
	f.Add("[2001:db8::1]:4000")
	f.Add("home.example.org")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Endpoint(s)
		if err != nil {
			return
		}
		if again, err := Endpoint(e); err != nil || again != e {
			t.Fatalf("%q became %q became %q, %v", s, e, again, err)
		}
	})
}
