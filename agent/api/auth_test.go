package api

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// tcpServer serves with one token, "right", called laptop, until the returned function
// is called. Its guard's clock stands still: nobody is forgiven for being slow.
func tcpServer(t *testing.T, log *bytes.Buffer) (address string, stop func()) {
	t.Helper()
	opts := Options{Tokens: func(context.Context) (map[string]TokenHash, error) {
		return map[string]TokenHash{"laptop": TokenSum("right"), "phone": TokenSum("other")}, nil
	}}
	if log != nil {
		opts.Log = slog.New(slog.NewTextHandler(log, nil))
	}
	f := &fake{status: func(ctx context.Context) (agent.Status, error) { return agent.Status{Domain: agent.Actor(ctx)}, nil }}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := unhurried(f, opts)
	s.guard = newGuard(stopped)
	return "http://" + l.Addr().String(), serveAt(t, s, l)
}

func stopped() time.Time { return time.Unix(0, 0) }

func TestOverTCPTheRightTokenSaysWhoAsks(t *testing.T) {
	base, _ := tcpServer(t, nil)
	c, err := Dial(base, "right")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	status, err := c.Status(context.Background())
	if err != nil || status.Domain != "token:laptop" {
		t.Errorf("got %q, %v", status.Domain, err)
	}
}

func TestOverTCPNothingButPingIsAnsweredWithoutAToken(t *testing.T) {
	base, _ := tcpServer(t, nil)
	c, _ := Dial(base, "")
	defer c.Close()
	if err := c.Ping(context.Background()); err != nil {
		t.Error(err)
	}
	for _, r := range New(&fake{}, Options{}).table {
		if r.action == open {
			continue
		}
		w := httptest.NewRecorder()
		New(&fake{}, Options{}).Handler().ServeHTTP(w, httptest.NewRequest(r.method, strings.NewReplacer(":name", "a", ":entry", "a", ":id", "a").Replace(r.path), nil))
		if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s answered %d", r.method, r.path, w.Code)
		}
	}
}

func TestWrongTokensAreRefusedSlowedDownAndNeverLogged(t *testing.T) {
	var log bytes.Buffer
	base, stop := tcpServer(t, &log)
	c, _ := Dial(base, "guess-hunter2")
	defer c.Close()
	for range guardBurst {
		_, err := c.Status(context.Background())
		if e := wantCode(t, err, agent.CodeUnauthorized); !strings.Contains(e.Message, "wrong") || e.Hint == "" {
			t.Fatalf("refused with %+v", e)
		}
	}
	_, err := c.Status(context.Background())
	if e := wantCode(t, err, agent.CodeUnauthorized); !strings.Contains(e.Message, "too many") {
		t.Errorf("refused with %+v", e)
	}
	stop() // and with it who writes to the log
	if text := log.String(); !strings.Contains(text, "127.0.0.1") || strings.Contains(text, "hunter2") {
		t.Errorf("log is %s", text)
	}
}

func TestTheGuardForgivesWithTimeAndStaysSmall(t *testing.T) {
	now := time.Unix(0, 0)
	g := newGuard(func() time.Time { return now })
	for range guardBurst {
		g.wrong("10.0.0.1")
	}
	if g.open("10.0.0.1") || !g.open("10.0.0.2") {
		t.Error("it is not the address that is slowed down")
	}
	now = now.Add(2 * time.Second)
	if !g.open("10.0.0.1") {
		t.Error("it does not forgive")
	}
	for i := range guardMost + 100 {
		g.wrong(net.IPv4(10, 1, byte(i>>8), byte(i)).String())
	}
	if len(g.seen) > guardMost {
		t.Errorf("it remembers %d addresses", len(g.seen))
	}
}

func TestOnTheSocketOnlyRootAndTheAgentsOwnUserComeIn(t *testing.T) {
	if actor, err := (peer{uid: 0}).actor(); err != nil || actor != "unix:root" {
		t.Errorf("root is %q, %v", actor, err)
	}
	_, err := peer{uid: 4_000_000}.actor()
	wantCode(t, err, agent.CodeUnauthorized)
}

func TestTheSocketIsPrivateAndASecondAgentIsRefused(t *testing.T) {
	path := socketPath(t)
	stop := serveOn(t, path, &fake{})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket is %v, %v", info, err)
	}
	_, err := ListenUnix(path)
	wantCode(t, err, agent.CodeConflict)
	if err := dial(t, path).Ping(context.Background()); err != nil {
		t.Errorf("the first agent is cut off: %v", err)
	}
	stop()
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestASocketThatWasLeftBehindIsReplacedButAFileIsNot(t *testing.T) {
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	again, err := ListenUnix(path)
	if err != nil {
		t.Fatalf("stale socket: %v", err)
	}
	again.Close()
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = ListenUnix(path)
	wantCode(t, err, agent.CodeConflict)
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("the file is gone")
	}
	_, err = ListenUnix(filepath.Join(filepath.Dir(path), strings.Repeat("x", 120)))
	wantCode(t, err, agent.CodeInvalid)
}

func TestACloudThatDoesNotRunIsToldInWordsWithTheCommandThatStartsIt(t *testing.T) {
	path := socketPath(t)
	_, err := dial(t, path).Status(context.Background())
	if e := wantCode(t, err, agent.CodeUnavailable); e.Message != "the cloud is not running" || e.Hint != "start it with: dcloud up" {
		t.Errorf("missing socket: %+v", e)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
	for what, call := range map[string]func(*Client) error{
		"events": func(c *Client) error { _, err := c.Events(context.Background(), "", 0); return err },
		"logs":   func(c *Client) error { return c.Logs(context.Background(), "a", agent.LogOptions{}, nil) },
		"exec": func(c *Client) error {
			_, err := c.Exec(context.Background(), "a", agent.ExecRequest{}, ExecStreams{})
			return err
		},
	} {
		if e := wantCode(t, call(dial(t, path)), agent.CodeUnavailable); e.Message != "the cloud is not running" {
			t.Errorf("%s on a dead socket: %+v", what, e)
		}
	}
}

func TestAnAddressThatIsNoneIsRefused(t *testing.T) {
	for _, addr := range []string{"", "unix://", "unix://host/x", "ftp://x", "http://", "http://x/path", "http://u:hunter2@x", "::"} {
		_, err := Dial(addr, "")
		if e := wantCode(t, err, agent.CodeInvalid); strings.Contains(e.Message, "hunter2") {
			t.Errorf("%s is told", addr)
		}
	}
}
