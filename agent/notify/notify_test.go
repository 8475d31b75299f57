package notify

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dentropy/dcloud/agent"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// crash is a failure as control has it.
func crash() Message {
	return Message{Cloud: "Ada’s cloud", Domain: "ada.example", Panel: "https://panel.ada.example", Activity: agent.Activity{
		ID: "01", Action: "install", App: "miniflux", Actor: "ada", Started: noon, Ended: noon, Outcome: agent.OutcomeFailed,
		Stage: agent.StageHealthy, Error: agent.Errorf(agent.CodeFailed, "miniflux did not become healthy").WithHint("see what it says with: dcloud app logs miniflux"),
		Logs:    []string{"web: what somebody wrote"},
		Request: &agent.InstallRequest{Entry: "miniflux", Settings: map[string]string{"admin": "what somebody set"}},
	}}
}

// asked is one request that a server got.
type asked struct {
	header http.Header
	path   string
	body   string
}

// listen serves with answer, and remembers what was asked.
func listen(t *testing.T, answer http.HandlerFunc) (*httptest.Server, func() []asked) {
	t.Helper()
	var mu sync.Mutex
	var all []asked
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		all = append(all, asked{r.Header, r.URL.Path, string(body)})
		mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s, func() []asked {
		mu.Lock()
		defer mu.Unlock()
		return append([]asked{}, all...)
	}
}

func TestAWebhookGetsTheActivityAsJSON(t *testing.T) {
	s, got := listen(t, nil)
	if err := (Sender{}).Send(t.Context(), agent.Notify{Webhook: s.URL + "/hook"}, crash()); err != nil {
		t.Fatal(err)
	}
	if len(got()) != 1 || got()[0].path != "/hook" || got()[0].header.Get("Content-Type") != "application/json" {
		t.Fatalf("%+v", got())
	}
	var a agent.Activity
	if err := json.Unmarshal([]byte(got()[0].body), &a); err != nil {
		t.Fatal(err)
	}
	want := crash().Activity
	if a.Error.Error() != want.Error.Error() || a.Error.Hint != want.Error.Hint {
		t.Errorf("%+v", a.Error)
	}
	if want.Request, want.Logs = nil, nil; strings.Contains(got()[0].body, "what somebody") {
		t.Error("what the app was set to is told to others")
	}
	a.Error, want.Error = nil, nil
	if d := cmp.Diff(want, a); d != "" {
		t.Error(d)
	}
}

func TestNtfyGetsATitleAPriorityAndTagsAndNotTheLog(t *testing.T) {
	s, got := listen(t, nil)
	m := crash()
	if err := (Sender{}).Send(t.Context(), agent.Notify{Ntfy: s.URL + "/topic"}, m); err != nil {
		t.Fatal(err)
	}
	h := got()[0].header
	title, err := new(mime.WordDecoder).DecodeHeader(h.Get("Title"))
	if err != nil || title != "Ada’s cloud: miniflux could not be installed" || h.Get("Priority") != "3" || h.Get("Tags") != "warning,install" || h.Get("Click") != m.Panel {
		t.Errorf("%q, %v, %v", title, h, err)
	}
	want := "Miniflux did not become healthy.\nSee what it says with: dcloud app logs miniflux\nAsked for by ada."
	if got()[0].path != "/topic" || got()[0].body != want {
		t.Errorf("%q", got()[0].body)
	}
	m.Activity.Action = "node-down"
	if m.priority() != "4" {
		t.Error("that a machine is away is as pressing as an install")
	}
}

func TestWhatIsBusyIsAskedAgainAndWhatRefusesIsNot(t *testing.T) {
	busy := 2
	s, got := listen(t, func(w http.ResponseWriter, _ *http.Request) {
		if busy--; busy >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	again := Sender{Pause: []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}}
	if err := again.Send(t.Context(), agent.Notify{Webhook: s.URL}, crash()); err != nil || len(got()) != 3 {
		t.Errorf("%v after %d tries", err, len(got()))
	}
	busy = 100
	if err := again.Send(t.Context(), agent.Notify{Webhook: s.URL}, crash()); err == nil || len(got()) != 3+4 {
		t.Errorf("%v after %d tries", err, len(got()))
	}
	s, got = listen(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no such\n\x1b[31mhook", http.StatusNotFound)
	})
	err := again.Send(t.Context(), agent.Notify{Webhook: s.URL}, crash())
	if err == nil || err.Error() != "the webhook: it answered 404 Not Found: no such [31mhook" || len(got()) != 1 {
		t.Errorf("%q after %d tries", err, len(got()))
	}
}

func TestAPlaceThatDoesNotAnswerHoldsNothingUpAndTheOthersAreTold(t *testing.T) {
	release := make(chan struct{})
	slow, _ := listen(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	defer close(release)
	good, got := listen(t, nil)
	begun := time.Now()
	err := Sender{Timeout: 100 * time.Millisecond}.Send(t.Context(), agent.Notify{Webhook: slow.URL, Ntfy: good.URL + "/t"}, crash())
	if err == nil || err.Error() != "the webhook: it did not answer in time" || len(got()) != 1 {
		t.Errorf("%v; the other was told %d times", err, len(got()))
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (Sender{Pause: []time.Duration{time.Hour}}).Send(ctx, agent.Notify{Webhook: slow.URL}, crash()); err == nil {
		t.Error("it was told after the end")
	}
}

func TestAnErrorDoesNotTellTheAddressThatIsASecretByItself(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close() // nobody listens
	address := "http://user:hunter2@" + l.Addr().String() + "/very-secret"
	err = Sender{}.Send(t.Context(), agent.Notify{Webhook: address, Ntfy: address}, crash())
	if err == nil || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "refused") {
		t.Errorf("%v", err)
	}
}

func TestRedirectsAreFewAndNeverOutOfEncryption(t *testing.T) {
	var s *httptest.Server
	s, got := listen(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, s.URL+"/on", http.StatusTemporaryRedirect)
	})
	err := Sender{}.Send(t.Context(), agent.Notify{Webhook: s.URL}, crash())
	if err == nil || len(got()) != mostRedirects+1 {
		t.Errorf("%v after %d requests", err, len(got()))
	}
	plain, told := listen(t, nil)
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusTemporaryRedirect))
	defer secure.Close()
	client := secure.Client()
	client.CheckRedirect = fewRedirects
	if err := (Sender{Client: client}).Send(t.Context(), agent.Notify{Webhook: secure.URL}, crash()); err == nil || len(told()) != 0 {
		t.Errorf("%v; it was told in the open %d times", err, len(told()))
	}
}

func TestAnAnswerWithoutEndIsNotReadToIt(t *testing.T) {
	s, _ := listen(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, strings.Repeat("endless ", 1000)); err != nil {
				return
			}
		}
	})
	err := Sender{Timeout: 20 * time.Second}.Send(t.Context(), agent.Notify{Webhook: s.URL}, crash())
	if err == nil || len(err.Error()) > 300 || !strings.Contains(err.Error(), "400") {
		t.Errorf("%.400v", err)
	}
}

func FuzzAnAnswerIsToldOnOneLineOfText(f *testing.F) {
	f.Add([]byte("no\nsuch \x1b[31mthing"))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, said []byte) {
		text := quoted(said)
		if len(text) > 610 || strings.ContainsAny(text, "\n\r\x1b\x00") {
			t.Errorf("%q", text)
		}
	})
}
