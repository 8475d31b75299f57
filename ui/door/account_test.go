package door_test

// One's own account (ui/settings) is tested here, where people come in: what is set up
// there shows at the door.

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"github.com/dentropy/dcloud/agent"
)

func TestPeopleSayHowTheyAreCalled(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	w.get("/settings")
	w.shows("/settings", "How you sign in", "Here")
	w.post("/settings", "title", "Ada Lovelace", "email", "ada@example.org")
	w.shows("/settings", "Saved.", `value="Ada Lovelace"`)
	if status := w.post("/settings", "title", "Kept", "email", "nonsense"); status != http.StatusUnprocessableEntity {
		t.Errorf("no address answers %d", status)
	}
	w.shows("/settings", "f-email-error", `value="Kept"`, `value="nonsense"`)
	u, err := b.people.User(t.Context(), "ada")
	check(t, err)
	if u.Title != "Ada Lovelace" || u.Email != "ada@example.org" {
		t.Errorf("ada is %+v", u)
	}
}

func TestANewPasswordSignsOutEverywhereElse(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	other := b.signIn(t, "ada", good)
	w.get("/settings/password")
	if status := w.post("/settings/password", "password", "ada12345"); status != http.StatusUnprocessableEntity {
		t.Errorf("a weak one answers %d", status)
	}
	w.shows("/settings/password", "f-password-error")
	w.post("/settings/password", "password", "nine yellow kettles sing")
	w.shows("/settings", "Your password is changed")
	other.get("/")
	other.shows("/sign-in")
}

func (b *bed) signIn(t *testing.T, name, password string) *browser {
	t.Helper()
	w := b.browser(t)
	w.get("/sign-in")
	w.post("/sign-in", "name", name, "password", password)
	return w
}

func TestSessionsAreEndedFromTheSettings(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	one, two := b.signIn(t, "ada", good), b.signIn(t, "ada", good)
	w.get("/settings")
	ends := regexp.MustCompile(`/settings/sessions/([0-9a-f]+)/end`).FindAllStringSubmatch(w.page, -1)
	if len(ends) != 2 {
		t.Fatalf("%d others can be ended:\n%s", len(ends), w.page)
	}
	w.post("/settings/sessions/" + ends[0][1] + "/end")
	w.shows("/settings", "Signed out there")
	w.post("/settings/sessions/end")
	w.shows("/settings", "signed out everywhere else")
	for _, other := range []*browser{one, two} {
		other.get("/")
		other.shows("/sign-in")
	}
}

var hidden = regexp.MustCompile(`name="(secret|url)" value="([^"]+)"`)

// setUp turns the authenticator app on in a browser; its secret and the codes.
func (b *bed) setUp(t *testing.T, w *browser) (secret string, codes []string) {
	t.Helper()
	w.get("/settings/totp")
	w.post("/settings/totp")
	w.shows("/settings/totp", "<svg", "Scan this")
	fields := map[string]string{}
	for _, m := range hidden.FindAllStringSubmatch(w.page, -1) {
		fields[m[1]] = strings.ReplaceAll(m[2], "&amp;", "&")
	}
	if status := w.post("/settings/totp/confirm", "code", b.wrongCode(t, fields["secret"]), "secret", fields["secret"], "url", fields["url"]); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code answers %d", status)
	}
	w.shows("/settings/totp/confirm", "f-code-error", "<svg", fields["secret"][:4])
	code, err := totp.GenerateCode(fields["secret"], b.now())
	check(t, err)
	w.post("/settings/totp/confirm", "code", code, "secret", fields["secret"], "url", fields["url"])
	w.shows("/settings/totp/confirm", "Keep these codes", `download="recovery-codes-ada.txt"`, `href="data:text/plain`)
	for _, m := range regexp.MustCompile(`<code>([a-z2-7-]{19})</code>`).FindAllStringSubmatch(w.page, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		t.Fatalf("%d codes are shown:\n%s", len(codes), w.page)
	}
	return fields["secret"], codes
}

// wrongCode is a code that a secret does not give, a few minutes around either.
func (b *bed) wrongCode(t *testing.T, secret string) string {
	t.Helper()
	var right []string
	for at := -5 * time.Minute; at <= 5*time.Minute; at += 30 * time.Second {
		code, err := totp.GenerateCode(secret, b.now().Add(at))
		check(t, err)
		right = append(right, code)
	}
	for n := 0; ; n++ {
		if code := fmt.Sprintf("%06d", n); !slices.Contains(right, code) {
			return code
		}
	}
}

func TestAnAuthenticatorAppIsSetUpAndAskedFor(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	secret, codes := b.setUp(t, w)
	w.get("/settings")
	w.shows("/settings", "10 recovery codes left")

	b.pass(time.Minute) // the code that confirmed it was used
	in := b.browser(t)
	in.get("/sign-in?next=/danger")
	in.post("/sign-in", "name", "ada", "password", good, "next", "/danger")
	in.shows("/sign-in/code", "asks for a code")
	if status := in.post("/sign-in/code", "code", b.wrongCode(t, secret), "next", "/danger"); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong code answers %d", status)
	}
	in.shows("/sign-in/code", "f-code-error")
	code, err := totp.GenerateCode(secret, b.now())
	check(t, err)
	in.post("/sign-in/code", "code", code, "next", "/danger")
	in.shows("/danger")

	lost := b.browser(t)
	lost.get("/sign-in")
	lost.post("/sign-in", "name", "ada", "password", good)
	lost.post("/sign-in/code", "code", codes[0])
	lost.shows("/", "home of ada")

	w.get("/settings/totp")
	w.post("/settings/codes")
	w.shows("/settings/codes", "Your new recovery codes")
	w.post("/settings/totp/remove")
	w.shows("/settings", "turned off")
	b.signIn(t, "ada", good).shows("/", "home of ada")
}

func TestTheSecondStepBelongsToItsBrowser(t *testing.T) {
	b := newBed(t)
	_, codes := b.setUp(t, b.owner(t))
	in := b.browser(t)
	in.get("/sign-in")
	in.post("/sign-in", "name", "ada", "password", good)
	thief := b.browser(t)
	thief.get("/sign-in")
	if thief.post("/sign-in/code", "code", codes[0]); strings.Contains(thief.page, "home of") {
		t.Error("a code alone signed somebody in")
	}
	in.post("/sign-in/code", "code", codes[0])
	in.shows("/", "home of ada")
}

// challenge asks for one as the script does.
func (w *browser) challenge(path string) (c agent.Challenge) {
	w.t.Helper()
	status, text := w.json(path, "{}")
	if status != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, status, text)
	}
	check(w.t, json.Unmarshal([]byte(text), &c))
	return c
}

func (w *browser) answer(path string, c agent.Challenge, answer, name, next string) (int, string) {
	w.t.Helper()
	text, err := json.Marshal(map[string]any{"challenge": c.ID, "answer": json.RawMessage(answer), "name": name, "next": next})
	check(w.t, err)
	return w.json(path, string(text))
}

func TestAPasskeyIsAddedAndSignsInAndProvesWhoItIs(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	rp := virtualwebauthn.RelyingParty{ID: "localhost", Name: "localhost", Origin: b.origin()}
	phone, cred := virtualwebauthn.NewAuthenticator(), virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(cred.Key.AttestationData()) != 77 { // the library leaves leading zeros of a coordinate out
		cred = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	w.get("/settings/passkeys")
	c := w.challenge("/settings/passkeys/new")
	make, err := virtualwebauthn.ParseAttestationOptions(string(c.Options))
	check(t, err)
	if status, text := w.answer("/settings/passkeys", c, virtualwebauthn.CreateAttestationResponse(rp, phone, cred, *make), "My phone", ""); status != http.StatusOK || !strings.Contains(text, `"/settings"`) {
		t.Fatalf("adding it: %d %s", status, text)
	}
	w.get("/settings/passkeys")
	w.shows("/settings/passkeys", "My phone")
	phone.Options.UserHandle = []byte(make.UserID)
	use := func(w *browser, begin, next string) (int, string) {
		c := w.challenge(begin)
		get, err := virtualwebauthn.ParseAssertionOptions(string(c.Options))
		check(t, err)
		cred.Counter++
		return w.answer(begin+"/finish", c, virtualwebauthn.CreateAssertionResponse(rp, phone, cred, *get), "", next)
	}
	in := b.browser(t)
	in.get("/sign-in")
	if status, text := use(in, "/sign-in/passkey", "/danger"); status != http.StatusOK || !strings.Contains(text, `"/danger"`) {
		t.Fatalf("signing in: %d %s", status, text)
	}
	in.get("/danger")
	in.shows("/danger")
	b.pass(11 * time.Minute)
	in.get("/danger")
	in.shows("/sudo", "Use a passkey")
	if status, text := use(in, "/sudo/passkey", "//evil.example"); status != http.StatusOK || !strings.Contains(text, `"next":"/"`) {
		t.Fatalf("proving: %d %s", status, text)
	}
	in.get("/danger")
	in.shows("/danger")
	if status, text := in.json("/sudo/passkey/finish", `{"challenge":"x","answer":{}}`); status != http.StatusUnprocessableEntity || !strings.Contains(text, "message") {
		t.Errorf("nonsense answers %d %s", status, text)
	}
	if status, _ := in.json("/sudo/passkey/finish", `nonsense`); status != http.StatusUnprocessableEntity {
		t.Errorf("what is no JSON answers %d", status)
	}
	in.get("/settings/passkeys")
	id := regexp.MustCompile(`/settings/passkeys/([^/"]+)/remove`).FindStringSubmatch(in.page)
	in.post("/settings/passkeys/" + id[1] + "/remove")
	in.shows("/settings/passkeys", "The passkey is removed")
}
