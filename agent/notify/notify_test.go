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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/loopback"
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

// pipes are machines by their names, which a client reaches without a network: so time
// can stand still while they speak.
type pipes map[string]chan net.Conn

func (p pipes) client() *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
		here, there := net.Pipe()
		select {
		case p[address] <- there:
			return here, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}}}
}

// serve answers those who come to a name until the test ends.
func (p pipes) serve(t *testing.T, name string, answer http.HandlerFunc) {
	p[name] = make(chan net.Conn)
	l := &pipeListener{come: p[name], closed: make(chan struct{})}
	s := &http.Server{Handler: answer}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { s.Close(); <-done })
}

type pipeListener struct {
	come   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.come:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func TestAPlaceThatDoesNotAnswerHoldsNothingUpAndTheOthersAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, told := pipes{}, 0
		p.serve(t, "slow:80", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then is it noticed that who asked has gone
			<-r.Context().Done()
		})
		p.serve(t, "good:80", func(http.ResponseWriter, *http.Request) { told++ })
		begun := time.Now()
		const limit = 100 * time.Millisecond
		err := Sender{Client: p.client(), Timeout: limit}.Send(t.Context(), agent.Notify{Webhook: "http://slow", Ntfy: "http://good/t"}, crash())
		if err == nil || err.Error() != "the webhook: it did not answer in time" || told != 1 {
			t.Errorf("%v; the other was told %d times", err, told)
		}
		if took := time.Since(begun); took != limit {
			t.Errorf("it took %s", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := (Sender{Client: p.client(), Pause: []time.Duration{time.Hour}}).Send(ctx, agent.Notify{Webhook: "http://slow"}, crash()); err == nil {
			t.Error("it was told after the end")
		}
	})
}

func TestPlacesThatFailAreNamedInOneOrderWhicheverFailsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, slow := range []string{"a:80", "b:80"} {
			p := pipes{}
			for _, name := range []string{"a:80", "b:80"} {
				p.serve(t, name, func(w http.ResponseWriter, _ *http.Request) {
					if name == slow {
						time.Sleep(time.Second) // which no clock but the bubble's sees
					}
					w.WriteHeader(http.StatusNotFound)
				})
			}
			err := Sender{Client: p.client()}.Send(t.Context(), agent.Notify{Webhook: "http://a", Ntfy: "http://b/t"}, crash())
			if want := "the webhook: it answered 404 Not Found\nntfy: it answered 404 Not Found"; err == nil || err.Error() != want {
				t.Errorf("with %s slow: %q", slow, err)
			}
		}
	})
}

func TestAnErrorDoesNotTellTheAddressThatIsASecretByItself(t *testing.T) {
	address := "http://user:hunter2@" + loopback.Unused() + "/very-secret"
	err := Sender{}.Send(t.Context(), agent.Notify{Webhook: address, Ntfy: address}, crash())
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
