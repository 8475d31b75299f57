package api

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// sessions lets each role in with its name as token, and "sudo-ROLE" with a new proof.
func sessions(_ context.Context, token string) (agent.Session, error) {
	role, proven := strings.CutPrefix(token, "sudo-")
	if agent.Rank(role) < 0 {
		return agent.Session{}, agent.Errorf(agent.CodeUnauthorized, "no session")
	}
	s := agent.Session{User: "ada", Role: role}
	if proven {
		s.Sudo = time.Now().Add(time.Minute)
	}
	return s, nil
}

func owned(context.Context) (map[string]TokenHash, error) {
	return map[string]TokenHash{OwnToken: TokenSum("own"), "laptop": TokenSum("laptop")}, nil
}

// remote makes a request over TCP with a token and headers.
func remote(s *Server, method, target, token string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(""))
	r.Header.Set("Authorization", "Bearer "+token)
	for k := 0; k+1 < len(headers); k += 2 {
		r.Header.Set(headers[k], headers[k+1])
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w
}

// TestASessionReachesExactlyWhatItsRoleAllows walks the whole table. What is reached
// panics in the fake, or is refused for what was sent: anything but 401 and 403.
func TestASessionReachesExactlyWhatItsRoleAllows(t *testing.T) {
	paths := strings.NewReplacer(":name", "a", ":entry", "a", ":id", "a")
	for _, r := range New(&fake{}, Options{}).table {
		if r.action == open {
			continue
		}
		if !agent.Allows(agent.RoleOwner, r.action) {
			t.Errorf("%s %s: %q is no action", r.method, r.path, r.action)
		}
		for _, role := range agent.Roles() {
			s := New(&fake{}, Options{Sessions: sessions})
			w := remote(s, r.method, paths.Replace(r.path), "sudo-"+role)
			if reached := w.Code != 401 && w.Code != 403; reached != agent.Allows(role, r.action) {
				t.Errorf("%s %s by a %s: %d", r.method, r.path, role, w.Code)
			}
		}
		if w := remote(New(&fake{}, Options{Sessions: sessions}), r.method, paths.Replace(r.path), "nobody"); w.Code != 401 {
			t.Errorf("%s %s by nobody: %d", r.method, r.path, w.Code)
		}
	}
}

func TestWhatIsDangerousNeedsASessionThatWasProvenOfLate(t *testing.T) {
	s := New(&fake{}, Options{Sessions: sessions, Tokens: owned})
	for target, method := range map[string]string{
		"/v1/apps/a/secrets": "GET", "/v1/apps/a/exec": "GET", "/v1/nodes/pi": "DELETE", "/v1/apps/a?purge_data=true": "DELETE",
		"/v1/settings": "PATCH", "/v1/users/invitations": "POST", "/v1/users/bob": "DELETE",
	} {
		if w := remote(s, method, target, "owner"); w.Code != 403 || !strings.Contains(w.Body.String(), "sign in again") {
			t.Errorf("%s %s without a proof: %d %s", method, target, w.Code, w.Body)
		}
		for _, token := range []string{"sudo-owner", "own"} {
			if w := remote(s, method, target, token); w.Code == 403 || w.Code == 401 {
				t.Errorf("%s %s by %s: %d %s", method, target, token, w.Code, w.Body)
			}
		}
	}
	if w := remote(s, "DELETE", "/v1/apps/a", "admin"); w.Code == 403 {
		t.Error("an app whose data is kept needs no proof")
	}
}

func TestOnlyRootAndServersAreBelievedInWhoseNameTheyAsk(t *testing.T) {
	var actor, role string
	svc := &fake{apps: func(ctx context.Context) ([]agent.App, error) {
		actor, role = agent.Actor(ctx), agent.Role(ctx)
		return nil, nil
	}}
	s := New(svc, Options{Sessions: sessions, Tokens: owned})
	for _, c := range []struct{ token, actor, role string }{
		{"own", "ada", "admin"},
		{"laptop", "token:laptop", "owner"},
		{"guest", "ada", "guest"},
	} {
		remote(s, "GET", "/v1/apps", c.token, headerActor, "ada", headerRole, "admin")
		if actor != c.actor || role != c.role {
			t.Errorf("with %s it is %s, %s", c.token, actor, role)
		}
	}
	for _, h := range [][2]string{{"a b", "admin"}, {strings.Repeat("a", 101), "admin"}, {"ada", "king"}} {
		if w := remote(s, "GET", "/v1/apps", "own", headerActor, h[0], headerRole, h[1]); w.Code != 400 {
			t.Errorf("%q: %d", h, w.Code)
		}
	}
	c := served(t, svc)
	if _, err := c.Apps(agent.WithRole(agent.WithActor(t.Context(), "bob"), agent.RoleMember)); err != nil || actor != "bob" || role != "member" {
		t.Errorf("over the socket it is %s, %s, %v", actor, role, err)
	}
	if _, err := c.Apps(t.Context()); err != nil || actor != "unix:root" || role != "owner" {
		t.Errorf("by itself the socket is %s, %s, %v", actor, role, err)
	}
}

func TestWrongPasswordsAreSlowedDownByTheAddressTheyComeFrom(t *testing.T) {
	svc := &fake{fakeMore: fakeMore{signIn: func(context.Context, agent.SignIn) (agent.SignedIn, error) {
		return agent.SignedIn{}, agent.Errorf(agent.CodeUnauthorized, "wrong")
	}}}
	s := New(svc, Options{})
	s.guard = newGuard(stopped)
	try := func(from string) int {
		r := httptest.NewRequest("POST", "/v1/sessions", strings.NewReader(`{"name":"ada","password":"x"}`))
		r.RemoteAddr = "127.0.0.1:9" // the front door
		r.Header.Set("X-Forwarded-For", from)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w.Code
	}
	for range guardBurst {
		if code := try("203.0.113.1"); code != http.StatusUnauthorized {
			t.Fatalf("refused with %d", code)
		}
	}
	if code := try("203.0.113.1"); code != http.StatusTooManyRequests {
		t.Errorf("one more is answered with %d", code)
	}
	if code := try("203.0.113.2"); code != http.StatusUnauthorized {
		t.Errorf("somebody else is answered with %d", code)
	}
}

func TestAMemberSeesWhatHappensWithoutTheAppsLogs(t *testing.T) {
	ev := agent.Event{ID: 1, App: "a", Final: true, Logs: []string{"hunter2"}}
	svc := &fake{events: func(context.Context, string, uint64) (<-chan agent.Event, error) {
		ch := make(chan agent.Event, 1)
		ch <- ev
		close(ch)
		return ch, nil
	}}
	s := New(svc, Options{Sessions: sessions})
	for role, sees := range map[string]bool{agent.RoleMember: false, agent.RoleAdmin: true} {
		w := remote(s, "GET", "/v1/events", role)
		if w.Code != 200 || strings.Contains(w.Body.String(), "hunter2") != sees {
			t.Errorf("a %s gets %d %s", role, w.Code, w.Body)
		}
	}
}

func TestAGuestLearnsOfTheAppsThatAreOpenToThemAlone(t *testing.T) {
	svc := &fake{apps: func(context.Context) ([]agent.App, error) {
		return []agent.App{
			{Name: "wiki", URL: "https://wiki.x", Access: "guests", State: agent.StateRunning, Node: "cellar", Reason: "why"},
			{Name: "diary", URL: "https://diary.x", Access: "private", State: agent.StateRunning},
			{Name: "database", State: agent.StateRunning},
		}, nil
	}}
	s := New(svc, Options{Sessions: sessions, Tokens: owned})
	for _, c := range []struct {
		token string
		sees  int
	}{{agent.RoleGuest, 1}, {agent.RoleMember, 3}, {"own", 3}} {
		w := remote(s, "GET", "/v1/apps", c.token)
		body := w.Body.String()
		if w.Code != 200 || strings.Count(body, `"name"`) != c.sees || strings.Contains(body, "cellar") != (c.sees > 1) || !strings.Contains(body, "https://wiki.x") {
			t.Errorf("%s gets %d %s", c.token, w.Code, body)
		}
	}
}

func TestWhatAnAppIsSetToIsForThoseWhoCouldChangeIt(t *testing.T) {
	svc := &fake{app: func(context.Context, string) (agent.AppDetail, error) {
		return agent.AppDetail{App: agent.App{Name: "mail"}, Settings: map[string]string{"relay_password": "hunter2"}}, nil
	}}
	s := New(svc, Options{Sessions: sessions, Tokens: owned})
	for token, sees := range map[string]bool{agent.RoleMember: false, agent.RoleAdmin: true, "own": true} {
		w := remote(s, "GET", "/v1/apps/mail", token)
		if w.Code != 200 || strings.Contains(w.Body.String(), "hunter2") != sees {
			t.Errorf("%s gets %d %s", token, w.Code, w.Body)
		}
	}
}

func TestAStreamEndsWithTheSessionThatOpenedIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	s := unhurried(&fake{events: (&history{}).events}, Options{Sessions: func(context.Context, string) (agent.Session, error) {
		select {
		case <-ended:
			return agent.Session{}, agent.Errorf(agent.CodeUnauthorized, "no session")
		default:
			return agent.Session{User: "ada", Role: agent.RoleMember}, nil
		}
	}})
	s.sessionCheck = 5 * time.Millisecond
	serveAt(t, s, l)
	c, err := Dial("http://"+l.Addr().String(), "token")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	events, err := c.Events(t.Context(), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	close(ended)
	select {
	case _, open := <-events:
		if open {
			t.Error("an event came of nothing")
		}
	case <-time.After(patient):
		t.Error("the stream goes on")
	}
}
