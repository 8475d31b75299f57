package welcome

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"
)

func get(t *testing.T, cfg WelcomeConfig, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	Welcome(cfg).ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func TestThePageSaysThatTheCloudRunsAndWhatToDoNext(t *testing.T) {
	w := get(t, WelcomeConfig{Domain: "cloud.example.org"}, "GET", "/")
	for _, want := range []string{"<h1>Your cloud is running</h1>", "<strong>cloud.example.org</strong>", "miniflux.cloud.example.org",
		"dcloud app install miniflux", "dcloud app search", `lang="en"`, "width=device-width"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if w.Code != 200 {
		t.Errorf("status = %d", w.Code)
	}
}

func TestTheHeadlineIsTextAndNeverMarkup(t *testing.T) {
	cfg := WelcomeFromEnv(func(name string) string {
		return map[string]string{"DCLOUD_HEADLINE": "  <script>alert(1)</script>\n\"Ada\" \xff & co  ", "DCLOUD_DOMAIN": "a.b<b>"}[name]
	})
	body := get(t, cfg, "GET", "/").Body.String()
	if strings.Contains(body, "<script") || strings.Contains(body, "a.b<b>") {
		t.Error("markup came through")
	}
	if !strings.Contains(body, "<h1>&lt;script&gt;alert(1)&lt;/script&gt; &#34;Ada&#34; &amp; co</h1>") {
		t.Errorf("the headline is not there as text:\n%s", body)
	}
}

func TestAVeryLongHeadlineIsCut(t *testing.T) {
	body := get(t, WelcomeConfig{Headline: strings.Repeat("ä", 5000)}, "GET", "/").Body.String()
	h := regexp.MustCompile(`<h1>(.*)</h1>`).FindStringSubmatch(body)[1]
	if n := utf8.RuneCountInString(h); n != 120 || !strings.HasSuffix(h, "…") {
		t.Errorf("%d characters: %s", n, h)
	}
}

func TestPagesNeedNothingFromElsewhereAndAllowNothing(t *testing.T) {
	for _, path := range []string{"/", "/nowhere"} {
		w := get(t, WelcomeConfig{Domain: "x.y"}, "GET", path)
		csp := w.Header().Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "style-src 'sha256-", "frame-ancestors 'none'", "form-action 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %q: %s", path, want, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers = %v", path, w.Header())
		}
		body := w.Body.String()
		// The policy's sum is of the style between the tags, byte for byte.
		if !strings.Contains(body, "<style>"+styleCSS+"</style>") {
			t.Errorf("%s: the style is not what the policy allows", path)
		}
		if m := regexp.MustCompile(`(?i)<script|style="|\son[a-z]+="|(src|href)="(https?:)?//|url\(`).FindString(body); m != "" {
			t.Errorf("%s: the page has %q", path, m)
		}
		if len(body) > 10_000 {
			t.Errorf("%s: %d bytes", path, len(body))
		}
	}
}

func TestHealthIsPlainAndOtherPathsAndMethodsAreRefused(t *testing.T) {
	for _, c := range []struct {
		method, path string
		status       int
		says         string
	}{
		{"GET", "/healthz", 200, "ok\n"}, {"HEAD", "/", 200, ""}, {"GET", "/x/../y", 307, ""},
		{"GET", "/nowhere", 404, "There is nothing here"}, {"POST", "/", 405, "only be read"},
		{"DELETE", "/healthz", 405, "only be read"}, {"POST", "/nowhere", 405, "only be read"},
	} {
		w := get(t, WelcomeConfig{}, c.method, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s: %d %s", c.method, c.path, w.Code, w.Body)
		}
	}
}

// Contrast of AA: 4.5 for text (WCAG 2.2, 1.4.3).
func TestTextCanBeReadInLightAndDark(t *testing.T) {
	blocks := regexp.MustCompile(`(?s):root \{(.*?)\}`).FindAllStringSubmatch(styleCSS, -1)
	if len(blocks) != 2 {
		t.Fatalf("%d sets of colours", len(blocks))
	}
	for i, b := range blocks {
		colours := map[string]float64{}
		for _, m := range regexp.MustCompile(`--(\w+): (#[0-9a-f]{3,6})`).FindAllStringSubmatch(b[1], -1) {
			colours[m[1]] = luminance(t, m[2])
		}
		for _, pair := range [][2]string{{"ink", "ground"}, {"ink", "card"}, {"ink", "code"}, {"soft", "ground"}, {"soft", "card"}, {"accent", "ground"}, {"well", "ground"}} {
			a, b := colours[pair[0]]+.05, colours[pair[1]]+.05
			if ratio := max(a, b) / min(a, b); ratio < 4.5 {
				t.Errorf("set %d: %s on %s has a contrast of %.2f", i, pair[0], pair[1], ratio)
			}
		}
	}
}

// told is a listener that says when it is closed.
type told struct {
	net.Listener
	closed chan struct{}
	once   sync.Once
}

func (l *told) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

func TestServingEndsWellOnSIGTERMAfterTheLastAnswer(t *testing.T) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &told{Listener: plain, closed: make(chan struct{})}
	inside, ended := make(chan struct{}), make(chan error, 1)
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-listener.closed // it goes on while the signal has its effect
		io.WriteString(w, "done")
	})
	go func() {
		ended <- serveUntilTold(context.Background(), func() (net.Listener, error) { return listener, nil }, slow, time.Minute)
	}()
	answer := make(chan string, 1)
	go func() {
		res, err := http.Get("http://" + listener.Addr().String() + "/")
		if err != nil {
			answer <- err.Error()
			return
		}
		body, _ := io.ReadAll(res.Body)
		answer <- string(body)
	}()
	<-inside
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if body := <-answer; body != "done" {
		t.Errorf("the request in flight got %q", body)
	}
}

func TestAPortThatIsTakenIsAnError(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = ListenAndServe(t.Context(), listener.Addr().String(), Welcome(WelcomeConfig{}))
	if err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("err = %v", err)
	}
}

// luminance of a colour as #rgb or #rrggbb (WCAG 2.2, "relative luminance").
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	hex := colour[1:]
	if len(hex) == 3 {
		hex = hex[:1] + hex[:1] + hex[1:2] + hex[1:2] + hex[2:] + hex[2:]
	}
	v, err := strconv.ParseUint(hex, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(c uint64) float64 {
		f := float64(c&0xff) / 255
		if f <= 0.04045 {
			return f / 12.92
		}
		return math.Pow((f+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(v>>16) + 0.7152*linear(v>>8) + 0.0722*linear(v)
}
