package e2e

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

const miniflux = "http://miniflux.dcloud.localhost"

// reader is a person at Miniflux, with a browser's cookies.
type reader struct{ client *http.Client }

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func signIn(password string) (*reader, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	r := &reader{cloud.HTTPClient()}
	r.client.Jar = jar
	return r, r.submit("/", "/login", url.Values{"username": {"admin"}, "password": {password}})
}

func (r *reader) page(path string) (string, error) {
	res, err := r.client.Get(miniflux + path)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s is answered with %d: %s", path, res.StatusCode, Clip(string(body)))
	}
	return string(body), err
}

// submit fills in the form of a page, with its token, and sends it.
func (r *reader) submit(page, action string, fields url.Values) error {
	form, err := r.page(page)
	if err != nil {
		return err
	}
	m := csrfField.FindStringSubmatch(form)
	if m == nil {
		return fmt.Errorf("%s has no form with a token", page)
	}
	fields.Set("csrf", m[1])
	res, err := r.client.PostForm(miniflux+action, fields)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusFound {
		err = fmt.Errorf("%s is answered with %d: %s", action, res.StatusCode, Clip(string(body)))
	}
	return err
}

// subscribe has a person add a feed.
func subscribe(password, feed string) error {
	r, err := signIn(password)
	if err != nil {
		return err
	}
	return r.submit("/subscribe", "/subscribe", url.Values{"url": {feed}, "category_id": {"1"}})
}

// findsFeed is nil where a person who signs in finds the feed.
func findsFeed(password string) error {
	r, err := signIn(password)
	if err != nil {
		return err
	}
	body, err := r.page("/feeds")
	if err == nil && !strings.Contains(body, feedTitle) {
		err = fmt.Errorf("the feed is gone")
	}
	return err
}

const feedTitle = "News of the lab"

// serveFeed publishes a feed on the host's LAN address and returns its URL.
func serveFeed(t *testing.T) string {
	t.Helper()
	l, err := cloud.Listen("tcp", net.JoinHostPort(lab.LANAddress, "0"))
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml")
		fmt.Fprintf(w, `<?xml version="1.0"?><rss version="2.0"><channel><title>%s</title><link>%s/</link>
<item><title>First</title><link>%[2]s/1</link><guid>1</guid></item></channel></rss>`, feedTitle, address)
	})}
	go srv.Serve(l)
	t.Cleanup(func() { srv.Close() })
	return address + "/feed.xml"
}

func adminPassword(t *testing.T) string {
	t.Helper()
	return Decode[map[string]string](t, cloud.Must(t, "app", "secrets", "miniflux", "--reveal", "--json"))["admin_password"]
}

func TestMinifluxIsInstalledAndKeepsItsDataThroughRestartsAndKills(t *testing.T) {
	out := cloud.Must(t, "app", "install", "miniflux")
	if strings.TrimSpace(out) != miniflux {
		t.Errorf("the install printed %q, want the URL alone", out)
	}
	if err := cloud.Serves(miniflux + "/healthcheck"); err != nil {
		t.Fatalf("the route does not answer when the install ends: %v", err)
	}
	password := adminPassword(t)
	if len(password) < 16 {
		t.Fatalf("the administrator's password has %d characters", len(password))
	}
	if err := subscribe(password, serveFeed(t)); err != nil {
		t.Fatal(err)
	}
	before := Decode[agent.AppDetail](t, cloud.Must(t, "app", "status", "miniflux", "--json"))

	// Whatever happened, the same person finds the same feed with the same password.
	check := func(t *testing.T) {
		t.Helper()
		cloud.AwaitReady(t)
		cloud.AwaitRoute(t, miniflux+"/healthcheck")
		if now := adminPassword(t); now != password {
			t.Error("the password is another one now")
		}
		// Nomad notes the network of an app of several containers once a minute, and when
		// it ends in order (PersistState in its alloc_runner.go). Killed before, it starts
		// the app anew, and the front door may still have answered for the old one.
		Await(t, "the feed is found", HealTime, func() error { return findsFeed(password) })
		after := Decode[agent.AppDetail](t, cloud.Must(t, "app", "status", "miniflux", "--json"))
		if !maps.Equal(before.Settings, after.Settings) || fmt.Sprint(before.Volumes) != fmt.Sprint(after.Volumes) || !before.Created.Equal(after.Created) {
			t.Errorf("the app was %+v and is %+v", before, after)
		}
	}
	check(t)
	t.Run("app restart", func(t *testing.T) {
		cloud.Must(t, "app", "restart", "miniflux")
		check(t)
	})
	for _, engine := range []string{"consul", "nomad", "traefik"} {
		t.Run("kill -9 of "+engine, func(t *testing.T) {
			old := cloud.PIDs(t)[engine]
			Kill(t, engine, old)
			awaitNewEngine(t, engine, old)
			check(t)
		})
	}
	t.Run("kill -9 of the agent", func(t *testing.T) {
		pids := cloud.PIDs(t)
		killAgent(t, pids["agent"])
		cloud.Must(t, "up")
		check(t)
		now := cloud.PIDs(t)
		for _, engine := range []string{"consul", "nomad", "traefik"} {
			if now[engine] != pids[engine] {
				t.Errorf("%s was process %d and is %d: the new agent did not adopt it", engine, pids[engine], now[engine])
			}
		}
	})
	t.Run("kill -9 of all at once", func(t *testing.T) {
		pids := cloud.PIDs(t)
		for name, pid := range pids {
			Kill(t, name, pid)
		}
		for _, pid := range pids {
			AwaitEnd(t, pid) // until then the kernel still has its ports
		}
		cloud.Must(t, "up")
		check(t)
	})
}

// awaitNewEngine waits until another process is ready in an engine's place.
func awaitNewEngine(t *testing.T, engine string, old int) {
	t.Helper()
	Await(t, "another "+engine, HealTime, func() error {
		for _, e := range cloud.Status(t).Engines {
			if e.Name == engine && (e.PID == old || e.PID == 0 || e.State != agent.EngineReady) {
				return fmt.Errorf("%+v", e)
			}
		}
		return nil
	})
}

func killAgent(t *testing.T, pid int) {
	t.Helper()
	Kill(t, "agent", pid)
	AwaitEnd(t, pid)
}
