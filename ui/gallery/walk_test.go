package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui"
	"github.com/dentropy/dcloud/ui/assets"
)

// tabs keep two processors busy, also while one waits for the browser.
const tabs = 3

// TestEveryPageInEveryStateIsAccessibleFitsAPhoneAndIsQuiet opens every page that there
// is, to everybody who may see it, in every state, and holds it to axe-core, to 360 px
// and to an empty console, in dark and in light. DCLOUD_SHOTS names a folder for
// pictures, DCLOUD_SCENES a part of the names of those to look at alone.
func TestEveryPageInEveryStateIsAccessibleFitsAPhoneAndIsQuiet(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a browser")
	}
	if !assets.Built() {
		t.Fatal("the panel's scripts and styles are missing (make assets makes them)")
	}
	began := time.Now()
	jobs := make(chan scene)
	ctx := browser(t)
	shared := still(t.Context())
	var looks, whole atomic.Int64
	var work sync.WaitGroup
	for range tabs {
		work.Go(func() {
			b, err := newTab(ctx)
			if err != nil {
				t.Error(err)
			}
			h := open(t)
			for s := range jobs {
				if err == nil {
					whole.Add(walk(t, b, s, h, shared))
					looks.Add(int64(len(looksAt)))
				}
			}
		})
	}
	count := 0
	only := os.Getenv("DCLOUD_SCENES")
	ask := func(s scene) {
		if strings.Contains(s.name, only) {
			jobs <- s
			count++
		}
	}
	for _, s := range scenes() {
		ask(s)
	}
	found := 0
	for s := range addresses(t) {
		ask(s)
		found++
	}
	if found < 100 {
		t.Errorf("only %d pages were found", found)
	}
	close(jobs)
	work.Wait()
	t.Logf("%d pages in %s, in %d looks, %d of which by all rules", count, time.Since(began).Round(time.Second), looks.Load(), whole.Load())
}

// still is a gallery in which nothing moves by itself, so that a page in the middle of
// something stays there while it is judged.
func still(ctx context.Context) *stage {
	s := newStage(ctx, agent.RoleOwner, slog.New(slog.DiscardHandler))
	s.pace = time.Hour
	return s
}

// house serves one stage after the other at one address, so that a tab's browser can
// keep its process, and what it fetched and compiled of the panel's scripts and styles.
type house struct {
	url string
	on  atomic.Pointer[stage]
}

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.on.Load().ServeHTTP(w, r) }

// open serves a house until the test ends.
func open(t *testing.T) *house {
	h := &house{}
	server := httptest.NewServer(h)
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	h.url = server.URL
	return h
}

// looksAt are the looks in which each page is judged. Of two of one width the second
// differs in its colours alone (see judging).
var looksAt = []struct {
	width  int64
	scheme string
}{{360, "light"}, {360, "dark"}, {1280, "light"}, {1280, "dark"}}

// walk brings a page to its state and judges it in each look, and tells in how many by
// all rules.
func walk(t *testing.T, b *tab, s scene, h *house, at *stage) (whole int64) {
	if len(s.steps) > 0 { // which may change the cloud
		ctx, end := context.WithCancel(t.Context())
		defer end()
		at = still(ctx)
	}
	h.on.Store(at)
	cookies := map[string]string{stateCookie: s.state, roleCookie: s.role}
	if s.role == unproven {
		cookies["dcloud_session"] = at.panel(s.state).accounts.Token(agent.RoleOwner, false)
	}
	err := b.look(looksAt[0].width, looksAt[0].scheme)
	if err == nil {
		err = b.open(h.url+s.path, cookies)
	}
	for _, step := range s.steps {
		if err == nil && step.leads {
			err = b.submit(step.script)
		} else if err == nil {
			_, err = b.eval(helpers + step.script)
		}
		if step.moves {
			at.panel(s.state).cloud.Step()
		}
	}
	found, width := map[finding][]string{}, int64(0)
	for _, l := range looksAt {
		if err == nil {
			err = b.look(l.width, l.scheme)
		}
		var here []finding
		var all bool
		if err == nil {
			here, all, err = b.judge()
		}
		if err == nil && !all && l.width != width {
			err = fmt.Errorf("%d wide it was not judged by all rules", l.width)
		}
		if width = l.width; all {
			whole++
		}
		for _, f := range here {
			found[f] = append(found[f], fmt.Sprintf("%d %s", l.width, l.scheme))
		}
		if err == nil {
			err = b.picture(fmt.Sprintf("%s %d %s", s.name, l.width, l.scheme))
		}
	}
	if err != nil {
		_ = b.picture("broken " + s.name)
		t.Errorf("%s: %v", s.name, err)
	}
	for f, looks := range found {
		t.Errorf("%s, at %s: %s: %s", s.name, strings.Join(looks, ", "), f.Rule, f.Where)
	}
	for _, c := range b.complaints() {
		t.Errorf("%s: the browser complains: %s", s.name, c)
	}
	// Before the cloud that it follows goes.
	if err := b.do(chromedp.Navigate("about:blank")); err != nil {
		t.Errorf("leave %s: %v", s.name, err)
	}
	b.complaints()
	return whole
}

// differs is what two renderings of one page differ in.
var differs = regexp.MustCompile(`name="csrf" value="[^"]*"|X-CSRF-Token":"[^"]*"|[?&;]v=\d+|datetime="[^"]*"|title="[^"]*(?:UTC|Z)"|\d\d:\d\d:\d\d|\d{8}T\d{6}-\w+`)

// within is what is in the frame that all pages have.
var within = regexp.MustCompile(`(?s)<title>.*?</title>|<main.*</main>`)

// addresses are all pages by address, state and role, each rendering once.
func addresses(t *testing.T) iter.Seq[scene] {
	s := newStage(t.Context(), agent.RoleOwner, slog.New(slog.DiscardHandler))
	s.pace = time.Hour
	get := func(state, role, path string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.AddCookie(&http.Cookie{Name: stateCookie, Value: state})
		r.AddCookie(&http.Cookie{Name: roleCookie, Value: role})
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Body.String()
	}
	paths := append(places(ui.Routes()), "/gallery", "/no/such/page", "/store/nothing", "/machines/nothing", "/people/nothing", "/activity/nothing")
	for _, app := range []string{"nextcloud", "jellyfin", "gitea", "vaultwarden", "syncthing"} {
		for _, part := range []string{"logs", "terminal", "settings", "advanced", "override", "remove"} {
			paths = append(paths, "/apps/"+app+"/"+part)
		}
	}
	activity := get("well", "owner", "/activity")
	for _, m := range regexp.MustCompile(`href="(/activity/[^"?]+)"`).FindAllStringSubmatch(activity, -1) {
		paths = append(paths, m[1])
	}
	return func(yield func(scene) bool) {
		seen, frames := map[[32]byte]bool{}, map[string]int{}
		for _, state := range states {
			for _, role := range slices.Backward(agent.Roles()) {
				for _, path := range paths {
					body := get(state.Name, role, path)
					if main := strings.Join(within.FindAllString(body, -1), ""); frames[role] > 2 && main != "" {
						body = main // the frame around it was judged
					}
					key := sha256.Sum256([]byte(differs.ReplaceAllString(body, "")))
					if seen[key] || body == "" {
						continue
					}
					seen[key] = true
					frames[role]++
					if !yield(scene{name: fmt.Sprintf("%s %s %s", state.Name, role, path), state: state.Name, role: role, path: path}) {
						return
					}
				}
			}
		}
	}
}
