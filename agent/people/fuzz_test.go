package people

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func FuzzParseHash(f *testing.F) {
	f.Add("$argon2id$v=19$m=32768,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parseHash(text)
		if err != nil {
			return
		}
		if h.memory > maxMemory || h.passes > maxPasses || h.lanes > maxLanes || h.memory == 0 || h.passes == 0 || h.lanes == 0 {
			t.Errorf("%q would cost %+v", text, h.params)
		}
		if again, err := parseHash(h.String()); err != nil || again.String() != h.String() {
			t.Errorf("%q comes back as %q: %v", text, h.String(), err)
		}
	})
}

func FuzzStrength(f *testing.F) {
	f.Add("seven purple tractors hum", "ada")
	f.Add(strings.Repeat("4@8({[<369&#!1|0$5+7%2", 3), "\xff")
	f.Fuzz(func(t *testing.T, password, name string) {
		begun := time.Now()
		s := strength(password, []string{name})
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("%q took %v", password, took)
		}
		if s.Score < 0 || s.Score > 4 || !s.Enough && s.Advice == "" {
			t.Errorf("%q is %+v", password, s)
		}
		if s.Enough && len(password) < minPassword {
			t.Errorf("%q is enough", password)
		}
	})
}

func FuzzOpen(f *testing.F) {
	b := newBed(nil)
	text, err := b.seal(newContext(), "code", pending{User: "ada"}, time.Minute)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add("")
	f.Fuzz(func(t *testing.T, other string) {
		var p pending
		if err := b.open(newContext(), "code", other, &p); (err == nil) != (other == text) && strings.TrimRight(other, "\r\n") != text {
			t.Errorf("%q was opened: %+v", other, p)
		}
		if b.open(newContext(), "sudo", other, &p) == nil {
			t.Errorf("%q was opened for another purpose", other)
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add("ada", "Ada L", "ada@example.org")
	f.Fuzz(func(t *testing.T, name, title, email string) {
		if checkName(name) == nil && (strings.ContainsAny(name, "/. \n") || len(name) > 32 || name == "") {
			t.Errorf("%q is taken for a name", name)
		}
		if got, err := cleanTitle(title, "ada"); err == nil && (got == "" || !printable(got)) {
			t.Errorf("%q is taken for %q", title, got)
		}
		if got, err := cleanEmail(email); err == nil && strings.ContainsAny(got, "\r\n<>") && !strings.Contains(got, `"`) {
			t.Errorf("%q is taken for an address", got)
		}
	})
}

func FuzzAnswers(f *testing.F) {
	f.Add(`{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","attestationObject":"oA"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		_, _ = parseCreation(json.RawMessage(text))
		_, _ = parseAssertion(json.RawMessage(text))
	})
}

func FuzzCodes(f *testing.F) {
	f.Add("123 456", "JBSWY3DPEHPK3PXP")
	f.Fuzz(func(t *testing.T, code, secret string) {
		k := &totpKey{Secret: secret}
		now := time.Unix(1e9, 0)
		first, second := k.use(plainCode(code), now), k.use(plainCode(code), now)
		if first && second {
			t.Errorf("%q served twice", code)
		}
		a := &account{ID: "x", Codes: []string{}}
		var recovered bool
		if err := (&Service{Options: Options{Now: func() time.Time { return now }}}).useCode(a, code, &recovered); err == nil {
			t.Errorf("%q served without a second factor", code)
		}
	})
}

func TestTheLinkOfAnAuthenticatorAppIsAURL(t *testing.T) {
	b := newBed(t)
	u, err := url.Parse(b.totp("ada", "SECRET").URL)
	check(t, err)
	if u.Query().Get("issuer") != "ada.xyz" || u.Query().Get("secret") != "SECRET" || u.Host != "totp" {
		t.Errorf("it is %s", u)
	}
}

func TestStrengthKnowsWhatPeopleTakeForPasswords(t *testing.T) {
	for _, weak := range []string{"password1234", "p4ssw0rd!!", "qwertyuiop123", "nextcloud2024", "hunter2hunter2", "dentropycloud", "ada.xyz-2026", "aaaaaaaaaaaaaaaa", "abcdefgh12345", "lovelace1815", "short1!"} {
		s := strength(weak, []string{"ada", "Ada Lovelace", "ada.xyz"})
		if s.Enough || s.Advice == "" {
			t.Errorf("%q is %+v", weak, s)
		}
	}
	for _, strong := range []string{good, "correct horse battery", "Xk7#pQ2vLm", "zitrone tisch wolke", "パスワードではない言葉"} {
		if s := strength(strong, []string{"ada"}); !s.Enough {
			t.Errorf("%q is %+v", strong, s)
		}
	}
	if st := (agent.Strength{}); strength("", nil).Score != st.Score {
		t.Error("nothing typed has a score")
	}
}
