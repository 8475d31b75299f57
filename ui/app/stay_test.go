package app

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/dentropy/dcloud/agent"
)

func line(service, text string) agent.LogLine {
	return agent.LogLine{Service: service, Stream: "stdout", Time: time.Unix(1700000000, 0), Text: text}
}

// hostile is what a container may write to harm who reads it.
const hostile = "\x1b]0;owned\x07<script>alert(1)</script>\x1b[2J\x00\xff\u202eevil"

func TestHostileLinesAreShownAsHarmlessText(t *testing.T) {
	b := newBed(t)
	b.lines = []agent.LogLine{line("web", hostile), line("web", strings.Repeat("x", 1<<20))}
	page := b.page("owner", "/apps/wiki/logs")
	b.holds(page, "&lt;script&gt;alert(1)&lt;/script&gt;\ufffd\ufffd\ufffdevil", " … (&#43;")
	b.lacks(page, "<script>alert", "\x1b", "\x00", "owned", "\u202e", strings.Repeat("x", longest+1))
	file := b.page("owner", "/apps/wiki/logs.txt")
	b.lacks(file, "\x1b", "\x00", "\u202e", strings.Repeat("x", longest+1))
	b.holds(b.reads(b.stream("owner", "/apps/wiki/logs/live"), "(+"), `\u003cscript\u003ealert(1)`)
}

func TestLinesAreSearchedAndChosenByServiceWithoutAScript(t *testing.T) {
	b := newBed(t)
	b.lines = []agent.LogLine{line("web", "GET /index OK"), line("db", "ready"), line("web", "hushed")}
	page := b.page("owner", "/apps/wiki/logs?q=ge")
	b.holds(page, "<mark>GE</mark>T /index", "one line")
	b.lacks(page, "hushed", "ready")
	page = b.page("owner", "/apps/wiki/logs?service=db")
	b.holds(page, "ready", "logs.txt?service=db", `value="db" selected`)
	b.lacks(page, "hushed")
	b.holds(b.page("owner", "/apps/wiki/logs?q=nowhere"), "Nothing of “nowhere”")
}

func TestOnlyTheLastLinesAreOnThePageAndAllInTheFile(t *testing.T) {
	b := newBed(t)
	for k := range 5000 {
		l := line("web", fmt.Sprintf("line-%04d.", k))
		l.Time = l.Time.Add(time.Duration(k) * time.Second)
		b.lines = append(b.lines, l)
	}
	page := b.page("owner", "/apps/wiki/logs")
	b.holds(page, "line-4800.", "line-4999.", "200 lines")
	b.lacks(page, "line-4799.")
	status, file, h := b.do("owner", http.MethodGet, "/apps/wiki/logs.txt", nil)
	if status != http.StatusOK || strings.Count(file, "\n") != 5000 || h.Get("Content-Disposition") != `attachment; filename="wiki.log.txt"` {
		t.Errorf("the file is %d with %d lines, %s", status, strings.Count(file, "\n"), h.Get("Content-Disposition"))
	}
}

func TestNewLinesComeAtOnceAndAConnectionBeginsAnew(t *testing.T) {
	b := newBed(t)
	b.lines = []agent.LogLine{line("web", "old")}
	for range 2 {
		s := b.stream("owner", "/apps/wiki/logs/live")
		told := b.reads(s, `"old"`)
		if !strings.HasPrefix(told, "event: begin\n") {
			t.Errorf("it begins with %q", told)
		}
		b.more <- line("web", "fresh")
		b.reads(s, `"fresh"`)
		b.mu.Lock()
		close(b.more) // that connection ends
		b.more = make(chan agent.LogLine)
		b.mu.Unlock()
	}
}

func TestTheLinesEndWhenTheSignInDoes(t *testing.T) {
	b := newBed(t)
	s := b.stream("owner", "/apps/wiki/logs/live")
	b.reads(s, "begin")
	b.mu.Lock()
	delete(b.sessions, "owner")
	b.mu.Unlock()
	rest, err := io.ReadAll(s)
	if err != nil || !strings.Contains(string(rest), "not signed in any more") {
		t.Errorf("it ended with %v: %s", err, rest)
	}
}

func TestWhyThereAreNoLinesIsSaidInWords(t *testing.T) {
	b := newBed(t)
	b.refuse = agent.Errorf(agent.CodeUnavailable, "pi1 does not answer")
	b.holds(b.page("owner", "/apps/wiki/logs"), "pi1 does not answer")
	b.holds(b.reads(b.stream("owner", "/apps/wiki/logs/live"), "problem"), "pi1 does not answer")
}

// shell opens a terminal as a browser would.
func (b *bed) shell(who, origin string, headers ...string) (*websocket.Conn, *http.Response, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	b.t.Cleanup(cancel)
	h := http.Header{"Cookie": {"dcloud_session=" + who}}
	if origin != "" {
		h.Set("Origin", origin)
	}
	for k := 0; k+1 < len(headers); k += 2 {
		h.Set(headers[k], headers[k+1])
	}
	conn, resp, err := websocket.Dial(ctx, b.url+"/apps/wiki/terminal/socket?service=db&width=100&height=30", &websocket.DialOptions{HTTPHeader: h})
	if conn != nil {
		b.t.Cleanup(func() { conn.CloseNow() })
	}
	return conn, resp, err
}

func message(t *testing.T, conn *websocket.Conn) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), enough)
	defer cancel()
	_, m, err := conn.Read(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return string(m)
}

func TestATerminalCarriesWhatIsTypedTheSizeAndTheEnd(t *testing.T) {
	b := newBed(t)
	b.exec = func(_ context.Context, req agent.ExecRequest, s agent.ExecStreams) (int, error) {
		fmt.Fprintf(s.Stdout, "%s %v %t %dx%d", req.Service, req.Command, req.TTY, req.Width, req.Height)
		typed, _ := bufio.NewReader(s.Stdin).ReadString('\n')
		size := <-s.Resize
		fmt.Fprintf(s.Stdout, "%s%v", typed, size)
		return 3, nil
	}
	conn, _, err := b.shell("owner", b.url)
	if err != nil {
		t.Fatal(err)
	}
	if got := message(t, conn); got != "db [sh] true 100x30" {
		t.Errorf("it ran %q", got)
	}
	conn.Write(t.Context(), websocket.MessageText, []byte(`{"width":90,"height":20}`))
	conn.Write(t.Context(), websocket.MessageBinary, []byte("ls\n"))
	if got := message(t, conn); got != "ls\n[90 20]" {
		t.Errorf("it got %q", got)
	}
	if got := message(t, conn); got != `{"end":"The shell has ended with code 3."}` {
		t.Errorf("it ended with %s", got)
	}
}

func TestATerminalSaysInWordsWhyThereIsNone(t *testing.T) {
	for _, c := range []struct {
		code int
		err  error
		want string
	}{
		{0, nil, "The shell has ended."},
		{127, nil, "There is no shell in this container."},
		{0, agent.Errorf(agent.CodeConflict, "wiki does not run").WithHint("start it"), "Wiki does not run."},
		{0, io.ErrUnexpectedEOF, "The connection to the shell broke."},
	} {
		b := newBed(t)
		b.exec = func(context.Context, agent.ExecRequest, agent.ExecStreams) (int, error) { return c.code, c.err }
		conn, _, err := b.shell("owner", b.url)
		if err != nil {
			t.Fatal(err)
		}
		if got := message(t, conn); !strings.Contains(got, c.want) || strings.Contains(got, "EOF") {
			t.Errorf("%d, %v ended with %s", c.code, c.err, got)
		}
	}
}

func TestNoOtherSiteOpensATerminalAndNobodyWithoutAFreshProof(t *testing.T) {
	b := newBed(t)
	b.exec = func(context.Context, agent.ExecRequest, agent.ExecStreams) (int, error) {
		t.Error("a command ran")
		return 0, nil
	}
	host := strings.TrimPrefix(b.url, "http://")
	for _, c := range []struct{ who, origin string }{
		{"owner", ""}, {"owner", "https://evil.example"}, {"owner", "http://wiki." + host}, {"owner", "https://" + host}, {"owner", "null"},
		{"admin", b.url}, {"member", b.url}, {"nobody", b.url},
	} {
		if _, resp, err := b.shell(c.who, c.origin); err == nil || resp == nil || resp.StatusCode == http.StatusSwitchingProtocols {
			t.Errorf("%s from %q got a terminal (%v)", c.who, c.origin, err)
		}
	}
}

func TestATerminalWorksThroughTheFrontDoor(t *testing.T) {
	b := newBed(t)
	b.exec = func(context.Context, agent.ExecRequest, agent.ExecStreams) (int, error) { return 0, nil }
	// As Traefik says what a browser speaks to it.
	for _, c := range [][]string{
		{"X-Forwarded-Proto", "ws"},
		{"X-Forwarded-Proto", "wss", "Origin", strings.Replace(b.url, "http://", "https://", 1), "Cookie", "__Host-dcloud_session=owner"},
	} {
		conn, _, err := b.shell("owner", b.url, c...)
		if err != nil {
			t.Fatalf("%s: %v", c[1], err)
		}
		if got := message(t, conn); got != `{"end":"The shell has ended."}` {
			t.Errorf("%s: it ended with %s", c[1], got)
		}
	}
	if _, _, err := b.shell("owner", b.url, "X-Forwarded-Proto", "wss", "Cookie", "__Host-dcloud_session=owner"); err == nil {
		t.Error("a page without encryption opened a terminal with it")
	}
}

// waits is a shell that ends with its context.
func waits(ended chan<- struct{}) func(ctx context.Context, _ agent.ExecRequest, s agent.ExecStreams) (int, error) {
	return func(ctx context.Context, _ agent.ExecRequest, s agent.ExecStreams) (int, error) {
		s.Stdout.Write([]byte("$ "))
		<-ctx.Done()
		close(ended)
		return 0, ctx.Err()
	}
}

func TestAShellEndsWithTheSignInAndSaysSo(t *testing.T) {
	b := newBed(t)
	ended := make(chan struct{})
	b.exec = waits(ended)
	conn, _, err := b.shell("owner", b.url)
	if err != nil {
		t.Fatal(err)
	}
	message(t, conn)
	b.mu.Lock()
	delete(b.sessions, "owner")
	b.mu.Unlock()
	if got := message(t, conn); !strings.Contains(got, "You are not signed in any more") {
		t.Errorf("it ended with %s", got)
	}
	<-ended
}

func TestAShellEndsWithItsPage(t *testing.T) {
	b := newBed(t)
	ended := make(chan struct{})
	b.exec = waits(ended)
	conn, _, err := b.shell("owner", b.url)
	if err != nil {
		t.Fatal(err)
	}
	message(t, conn)
	conn.CloseNow()
	select {
	case <-ended:
	case <-time.After(enough):
		t.Fatal("the shell runs on though its page is gone")
	}
}

func TestTheTerminalsPageKeepsThePolicyWhole(t *testing.T) {
	b := newBed(t)
	_, page, h := b.do("owner", http.MethodGet, "/apps/wiki/terminal?service=db", nil)
	b.holds(page, "/apps/wiki/terminal/socket?service=db", "terminal.", "dcloud app exec wiki -- sh", `value="db" selected`)
	if policy := h.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") {
		t.Errorf("the policy is %s", policy)
	}
	if status, _, h := b.do("admin", http.MethodGet, "/apps/wiki/terminal", nil); status != http.StatusSeeOther || !strings.HasPrefix(h.Get("Location"), "/sudo?next=") {
		t.Errorf("without a fresh proof it is %d to %s", status, h.Get("Location"))
	}
}

func TestOnlyWhatWasChangedIsSet(t *testing.T) {
	b := newBed(t)
	b.config = agent.Config{Name: "wiki", Settings: []agent.ConfigSetting{
		{Name: "base_url", Title: "Address", Type: "url", Value: "https://a.b"}, {Name: "open", Title: "Open", Type: "bool", Value: "true"},
		{Name: "csrf", Title: "A hostile name", Type: "string", Value: "x"}, {Name: "workers", Title: "Workers", Type: "number", Default: "2", Advanced: true}}}
	b.holds(b.page("admin", "/apps/wiki/settings"), `value="https://a.b"`, "Save and start anew", "away for some seconds", "More settings", "set-workers")
	status, _, h := b.do("admin", http.MethodPost, "/apps/wiki/settings", url.Values{"set-base_url": {"https://c.d"}, "set-csrf": {"x"}, "set-workers": {""}})
	if status != http.StatusSeeOther || h.Get("Location") != "/apps/wiki" || fmt.Sprint(b.set) != "map[base_url:https://c.d open:false]" {
		t.Errorf("%d to %s, set %v", status, h.Get("Location"), b.set)
	}
	b.do("admin", http.MethodPost, "/apps/wiki/settings", url.Values{"set-base_url": {"https://a.b"}, "set-open": {"true"}})
	if b.done() != "configure wiki" {
		t.Errorf("what is as it was was set all the same: %s", b.done())
	}
}

func TestASettingThatIsRefusedKeepsWhatWasTypedWithTheReasonAtItsField(t *testing.T) {
	b := newBed(t)
	b.config = agent.Config{Settings: []agent.ConfigSetting{{Name: "base_url", Title: "Address", Type: "url"}, {Name: "workers", Title: "Workers", Type: "number", Advanced: true}}}
	b.refuse = agent.Errorf(agent.CodeInvalid, "a setting is not right: base_url: must be a URL; like https://a.b; workers: must be a number")
	status, page, _ := b.do("admin", http.MethodPost, "/apps/wiki/settings", url.Values{"set-base_url": {"<nonsense>"}, "set-workers": {"many"}})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("status is %d", status)
	}
	b.holds(page, "Must be a URL; like https://a.b.", "Must be a number.", `value="&lt;nonsense&gt;"`, `value="many"`, `aria-invalid="true"`)
	b.lacks(page, "a setting is not right")
	b.refuse = agent.Errorf(agent.CodeConflict, "wiki is busy: restart is under way")
	_, page, _ = b.do("admin", http.MethodPost, "/apps/wiki/settings", url.Values{"set-base_url": {"https://x.y"}})
	b.holds(page, "Wiki is busy", `value="https://x.y"`)
}

func TestPasswordsAreShownOnRequestAloneAndNeverKept(t *testing.T) {
	b := newBed(t)
	b.lacks(b.page("owner", "/apps/wiki/settings"), "tr0ub4dor")
	if status, page, h := b.do("admin", http.MethodPost, "/apps/wiki/secrets", nil); status != http.StatusSeeOther || !strings.HasPrefix(h.Get("Location"), "/sudo") || strings.Contains(page, "tr0ub4dor") {
		t.Errorf("without a fresh proof: %d to %s", status, h.Get("Location"))
	}
	if b.done() != "" {
		t.Errorf("they were asked for: %s", b.done())
	}
	status, page, h := b.do("owner", http.MethodPost, "/apps/wiki/secrets", nil)
	if status != http.StatusOK || h.Get("Cache-Control") != "no-store" {
		t.Errorf("%d, %s", status, h.Get("Cache-Control"))
	}
	b.holds(page, "admin_password", "tr0ub4dor&lt;&amp;&gt;3", "data-copy")
}

func TestAdvancedShowsServicesVolumesJobAndHistoryInPages(t *testing.T) {
	b := newBed(t)
	for k := 50; k > 0; k-- {
		b.history = append(b.history, agent.Activity{ID: fmt.Sprintf("a%03d", k), App: "wiki", Action: "restart", Actor: "bob", Outcome: agent.OutcomeDone, Started: time.Now(), Detail: fmt.Sprintf("number %d.", k)})
	}
	page := b.page("admin", "/apps/wiki/advanced")
	b.holds(page, "dokuwiki:1", "10.0.0.1:80", "/var/lib/dcloud/wiki", "&#34;ID&#34;: &#34;wiki&#34;", "number 50.", "number 31.", "bob restarted wiki", "?before=a031#history")
	b.lacks(page, "number 30.")
	page = b.page("admin", "/apps/wiki/advanced?before=a011")
	b.holds(page, "number 10.", "number 1.", "The newest")
	b.lacks(page, "number 11.", ">Older<")
}
