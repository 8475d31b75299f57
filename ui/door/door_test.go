package door_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestTheFirstRunIsOneFormAndEndsAtHome(t *testing.T) {
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := b.browser(t)
	w.get(link.Link)
	w.shows("/welcome", "Welcome to your cloud", "panel.dcloud.localhost")
	if strings.Contains(w.page, link.Link[len("/welcome/"):]) {
		t.Error("the key of the link stands in the page")
	}
	if status := w.post("/welcome", "name", "ada", "password", good, "cloud", "Ada’s cloud", "where", "here"); status != http.StatusOK {
		t.Fatalf("%d:\n%s", status, w.page)
	}
	w.shows("/", "home of ada")
	if b.cloud.settings.Name != "Ada’s cloud" {
		t.Errorf("the cloud is called %q", b.cloud.settings.Name)
	}
	again := b.browser(t)
	if status := again.get(link.Link); status != http.StatusNotFound {
		t.Errorf("the link answers %d a second time", status)
	}
	again.shows("/welcome", "does not work any more")
}

func TestWithoutALinkTheFirstRunSaysHowToGetOne(t *testing.T) {
	w := newBed(t).browser(t)
	w.get("/welcome")
	w.shows("/welcome", "sudo dcloud user invite")
	if w.post("/welcome", "name", "eve", "password", good); !strings.Contains(w.page, "does not work any more") && !strings.Contains(w.page, "not sent by the panel") {
		t.Errorf("somebody without a link got:\n%s", w.page)
	}
}

func TestWhatIsRefusedIsSaidAtItsFieldAndTheRestIsKept(t *testing.T) {
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := b.browser(t)
	w.get(link.Link)
	for _, c := range []struct{ name, password, where, domain, field, words string }{
		{"ada", "password1", "here", "", "f-password-error", "too easy to guess"},
		{"ada", "", "here", "", "f-password-error", "password is missing"},
		{"Ada L", good, "here", "", "f-name-error", "small letters"},
		{"root", good, "here", "", "f-name-error", "own"},
		{"ada", good, "own", "not a domain", "f-domain-error", "no domain"},
		{"ada", good, "own", "", "f-domain-error", "no domain"},
	} {
		status := w.post("/welcome", "name", c.name, "password", c.password, "cloud", "Kept <b>", "where", c.where, "domain", c.domain)
		at := strings.Index(w.page, `id="`+c.field+`"`)
		if status != http.StatusUnprocessableEntity || at < 0 || !strings.Contains(w.page[at:min(at+600, len(w.page))], c.words) {
			t.Errorf("%+v: %d, error at %d:\n%s", c, status, at, w.page)
		}
		if !strings.Contains(w.page, "Kept &lt;b&gt;") {
			t.Errorf("%+v: what was typed is gone", c)
		}
		if c.password != "" && strings.Contains(w.page, c.password) {
			t.Errorf("%+v: the password stands in the page", c)
		}
	}
}

func TestANewDomainIsExplainedAndThePageGoesThereByItself(t *testing.T) {
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := b.browser(t)
	w.get(link.Link)
	w.post("/welcome", "name", "ada", "password", good, "where", "own", "domain", " https://Panel.Ada.xyz/ ")
	w.shows("/welcome", "moves to ada.xyz", `http-equiv="refresh"`, "panel.ada.xyz")
	if b.cloud.settings.Domain != "ada.xyz" {
		t.Errorf("the domain is %q", b.cloud.settings.Domain)
	}
}

func TestADomainThatTheCloudRefusesDoesNotCostTheAccount(t *testing.T) {
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	b.cloud.refuse = agent.Errorf(agent.CodeFailed, "the domain cannot be changed from here").WithHint("run: sudo dcloud up --domain ada.xyz")
	w := b.browser(t)
	w.get(link.Link)
	w.post("/welcome", "name", "ada", "password", good, "where", "own", "domain", "ada.xyz")
	if !strings.HasPrefix(w.at, "/settings/cloud") {
		t.Errorf("the browser is at %s", w.at)
	}
	if status := w.get("/"); status != http.StatusOK {
		t.Errorf("the owner is not signed in: %d", status)
	}
}

func TestAnInvitationMakesAnAccountAndAResetANewPassword(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	in, err := b.people.Invite(root(t), agent.InviteRequest{Name: "bob", Title: "Bob"})
	check(t, err)
	w := b.browser(t)
	w.get(in.Link)
	w.shows("/join", "bob", `value="Bob"`)
	if status := w.post("/join", "title", "Bobby", "password", "bob12345"); status != http.StatusUnprocessableEntity {
		t.Errorf("a weak password answers %d", status)
	}
	w.shows("/join", "f-password-error", `value="Bobby"`)
	w.post("/join", "title", "Bobby", "password", good)
	w.shows("/", "home of bob")

	reset, err := b.people.Invite(root(t), agent.InviteRequest{Name: "bob"})
	check(t, err)
	other := b.browser(t)
	other.get(reset.Link)
	other.shows("/join", "Choose a new password")
	other.post("/join", "password", "nine yellow kettles sing")
	other.shows("/settings", "Your new password is set")
	w.get("/")
	w.shows("/sign-in")
}

func TestWhoWasInvitedDoesNotSetTheCloudUp(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	for _, name := range []string{"bob", "ada"} { // an invitation, and a reset
		in, err := b.people.Invite(root(t), agent.InviteRequest{Name: name, Role: agent.RoleGuest})
		check(t, err)
		before := b.cloud.changes
		w := b.browser(t)
		w.get(in.Link)
		w.post("/welcome", "name", "eve", "password", good, "cloud", "Eve's", "where", "own", "domain", "eve.example")
		w.shows("/join", name)
		if b.cloud.changes != before {
			t.Errorf("the link of %s changed the settings", name)
		}
	}
}

func TestSigningInGoesOnToWhereOneWanted(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	w := b.browser(t)
	w.get("/danger?x=1")
	w.shows("/sign-in")
	if status := w.post("/sign-in", "name", "ada", "password", "wrong", "next", "/danger"); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password answers %d", status)
	}
	w.shows("/sign-in", "do not go together", `value="ada"`, `value="/danger"`)
	w.post("/sign-in", "name", "ada", "password", good, "next", "/danger")
	w.shows("/danger", "danger")
	for _, evil := range []string{"https://evil.example", "//evil.example", `/\evil.example`} {
		w := b.browser(t)
		w.get("/sign-in")
		w.post("/sign-in", "name", "ada", "password", good, "next", evil)
		w.shows("/", "home of ada")
	}
}

func TestTooManyTriesAreToldWithHowLongToWait(t *testing.T) {
	b := newBed(t)
	b.owner(t)
	w := b.browser(t)
	w.get("/sign-in")
	status := 0
	for range 20 {
		status = w.post("/sign-in", "name", "ada", "password", "wrong")
	}
	if status != http.StatusServiceUnavailable {
		t.Errorf("the answer is %d", status)
	}
	w.shows("/sign-in", "too many wrong tries", "seconds", `value="ada"`)
}

func TestSigningOutEndsTheSession(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	w.get("/settings")
	w.post("/sign-out")
	w.shows("/sign-in", "You are signed out")
	sessions, err := b.people.Sessions(t.Context(), "ada")
	check(t, err)
	if len(sessions) != 0 {
		t.Errorf("%d sessions are left", len(sessions))
	}
}

func TestDangerAsksWhoItIsAfterTenMinutes(t *testing.T) {
	b := newBed(t)
	w := b.owner(t)
	w.get("/danger")
	w.shows("/danger")
	b.pass(10 * time.Minute)
	w.get("/danger?x=1")
	w.shows("/sudo", "Is it you?", `value="/danger?x=1"`)
	if status := w.post("/sudo", "password", "wrong", "next", "/danger"); status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password answers %d", status)
	}
	w.shows("/sudo", "f-password-error")
	w.post("/sudo", "password", good, "next", "/danger")
	w.shows("/danger")
}

func TestTheStrengthOfAPasswordIsToldWhileItIsTyped(t *testing.T) {
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := b.browser(t)
	w.get(link.Link)
	for password, words := range map[string]string{good: "Very hard to guess", "password1": "Very easy to guess", "": ""} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.origin()+"/strength", strings.NewReader("password="+strings.ReplaceAll(password, " ", "+")))
		check(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("HX-Request", "true")
		req.Header.Set("X-CSRF-Token", w.csrf)
		resp, err := w.http.Do(req)
		check(t, err)
		w.read(resp)
		if !strings.Contains(w.page, `id="strength"`) || !strings.Contains(w.page, words) || strings.Contains(w.page, "<html") {
			t.Errorf("%q: %s", password, w.page)
		}
	}
}

func TestStrangersDoNotKeepTheCloudBusyWithPasswords(t *testing.T) {
	b := newBed(t)
	w := b.browser(t)
	w.get("/sign-in")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.origin()+"/strength", strings.NewReader("password="+strings.Repeat("1234567890", 6)))
	check(t, err)
	req.Header.Set("HX-Request", "true")
	req.Header.Set("X-CSRF-Token", w.csrf)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.http.Do(req)
	check(t, err)
	if status := w.read(resp); status != http.StatusNotFound {
		t.Errorf("a stranger's password is judged: %d\n%s", status, w.page)
	}
}

func TestPagesHoldNothingInline(t *testing.T) {
	b := newBed(t)
	link, err := b.people.FirstLink(root(t))
	check(t, err)
	w := b.browser(t)
	w.get(link.Link)
	all := w.page
	w = b.owner(t)
	for _, p := range []string{"/settings", "/settings/password", "/settings/totp", "/settings/passkeys", "/welcome"} {
		if status := w.get(p); status != http.StatusOK {
			t.Errorf("%s: %d", p, status)
		}
		all += w.page
	}
	for _, bad := range []string{" style=", " onclick=", "<script>", "javascript:", "ZgotmplZ"} {
		if strings.Contains(all, bad) {
			t.Errorf("a page holds %q", bad)
		}
	}
}
