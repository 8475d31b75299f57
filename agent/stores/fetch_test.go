package stores

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/loopback"
)

// anywhere lets a test fetch from its own server, which is on loopback.
func anywhere(netip.Addr) error { return nil }

func fetcher(t *testing.T) Fetcher {
	return Fetcher{Limits: Defaults(), Allow: anywhere, Temp: t.TempDir(), Within: 5 * time.Minute}
}

func fetch(t *testing.T, f Fetcher, address string) (Files, error) {
	t.Helper()
	src, err := ParseSource(address)
	check(t, err)
	return f.Fetch(t.Context(), src)
}

func TestAnArchiveIsFetchedWhateverItIsCalled(t *testing.T) {
	files := []entry{{name: "s/a/app.hcl", text: "a"}}
	served := map[string][]byte{"/x.tar.gz": tarOf(t, files...), "/download": zipOf(t, files...), "/really.zip": tarOf(t, files...)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, "/download", http.StatusFound)
			return
		}
		body, ok := served[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	}))
	defer server.Close()
	for _, path := range []string{"/x.tar.gz", "/download", "/really.zip", "/elsewhere"} {
		got, err := fetch(t, fetcher(t), server.URL+path)
		if err != nil || len(got.Files) != 1 || got.Files[0].Path != "s/a/app.hcl" || !strings.HasPrefix(got.Revision, "sha256:") {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	_, err := fetch(t, fetcher(t), server.URL+"/nothing")
	if err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("nothing there: %v", err)
	}
}

func TestWhatAServerDoesWrongIsSaidInWords(t *testing.T) {
	stall := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "/password":
			w.WriteHeader(http.StatusUnauthorized)
		case "/secret":
			http.Redirect(w, r, "http://ada:hunter2@"+r.Host+"/x", http.StatusFound)
		case "/cut":
			w.Header().Set("Content-Length", "100000")
			w.Write(tarOf(t, entry{name: "a/app.hcl", text: "a"}))
			panic(http.ErrAbortHandler)
		case "/slow":
			w.Write([]byte{0x1f, 0x8b})
			w.(http.Flusher).Flush()
			select { // until the test is over, however it ends
			case <-stall:
			case <-r.Context().Done():
			}
		case "/large":
			w.Header().Set("Content-Length", fmt.Sprint(1<<40))
			w.WriteHeader(http.StatusOK)
		default:
			fmt.Fprint(w, "<html>")
		}
	}))
	defer server.Close()
	for path, want := range map[string]string{
		"/loop": "from one address to the next", "/file": "https:// or http://", "/password": "401", "/secret": "a name or a password",
		"/slow": "too long", "/large": "larger than 256 MiB", "/page": "neither a .tar.gz nor a .zip",
	} {
		f := fetcher(t)
		if path == "/slow" {
			f.Within = 300 * time.Millisecond
		}
		_, err := fetch(t, f, server.URL+path)
		var e *agent.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, want) || strings.Contains(e.Message+e.Hint, "hunter2") {
			t.Errorf("%s: %v; want %q", path, err, want)
		}
	}
	if _, err := fetch(t, fetcher(t), server.URL+"/cut"); err == nil {
		t.Error("half an archive is taken")
	}
	close(stall)
	if _, err := fetch(t, fetcher(t), "http://"+loopback.Unused()); err == nil || !strings.Contains(err.Error(), "refused") {
		t.Errorf("nobody there: %v", err)
	}
}

func TestNothingIsFetchedFromTheMachineItselfOrTheCloudsOwnNetwork(t *testing.T) {
	guard := Guard(netip.MustParsePrefix("10.213.0.0/16"))
	for _, closed := range []string{"127.0.0.1", "127.8.8.8", "::1", "::", "0.0.0.0", "0.1.2.3", "169.254.169.254", "fe80::1", "fe80::1%eth0", "10.213.0.1", "10.213.255.1",
		"::ffff:127.0.0.1", "::ffff:10.213.0.1", "::ffff:169.254.169.254", "224.0.0.1", "255.255.255.255", "ff02::1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::"} {
		if err := guard(netip.MustParseAddr(closed)); err == nil {
			t.Errorf("%s may be fetched from", closed)
		}
	}
	for _, open := range []string{"192.168.1.20", "10.0.0.7", "172.16.4.4", "93.184.215.14", "fd00::7", "2606:2800:21f::1", "100.64.0.1"} {
		if err := guard(netip.MustParseAddr(open)); err != nil {
			t.Errorf("%s may not be fetched from: %v", open, err)
		}
	}
}

// TestTheAddressIsCheckedWhenItIsDialled has names and redirects lead to loopback: what
// counts is where they lead, not how they look.
func TestTheAddressIsCheckedWhenItIsDialled(t *testing.T) {
	var asked sync.Map
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked.Store(r.URL.Path, true) }))
	defer inside.Close()
	_, port, err := net.SplitHostPort(strings.TrimPrefix(inside.URL, "http://"))
	check(t, err)
	f := fetcher(t)
	f.Allow = Guard()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "2130706433"} {
		_, err := fetch(t, f, "http://"+net.JoinHostPort(strings.Trim(host, "[]"), port)+"/direct")
		if err == nil {
			t.Errorf("fetched from %s", host)
		}
	}
	// The first answer comes from an address that is allowed here, and sends on to one
	// that is not.
	var first netip.Addr
	outside := httptest.NewServer(http.RedirectHandler("http://localhost:"+port+"/redirected", http.StatusFound))
	defer outside.Close()
	var calls atomic.Int32 // of two addresses of one name two may be asked for at once
	f.Allow = func(a netip.Addr) error {
		if calls.Add(1) == 1 {
			first = a
			return nil
		}
		return Guard()(a)
	}
	if _, err := fetch(t, f, outside.URL); err == nil || !strings.Contains(err.Error(), "nothing is fetched from") {
		t.Errorf("a redirect inside: %v (the first was %s)", err, first)
	}
	asked.Range(func(path, _ any) bool { t.Errorf("%s was asked for", path); return true })
}

func TestAnAddressIsReadAsPeopleWriteIt(t *testing.T) {
	for text, want := range map[string]Source{
		"https://github.com/IceWhaleTech/CasaOS-AppStore":            {URL: &url.URL{Path: "/IceWhaleTech/CasaOS-AppStore.git"}, Git: true},
		"https://github.com/a/b/archive/refs/heads/main.zip":         {URL: &url.URL{Path: "/a/b/archive/refs/heads/main.zip"}},
		"https://git.example.org/me/apps.git#beta":                   {URL: &url.URL{Path: "/me/apps.git"}, Git: true, Branch: "beta"},
		"http://192.168.1.7:3000/me/apps.git":                        {URL: &url.URL{Path: "/me/apps.git"}, Git: true},
		"https://stores.example/casaos.tar.gz":                       {URL: &url.URL{Path: "/casaos.tar.gz"}},
		"https://codeberg.org/a/b/":                                  {URL: &url.URL{Path: "/a/b.git"}, Git: true},
		"https://gitlab.com/a/b/-/archive/main/b-main.tar.gz?x=1#v2": {URL: &url.URL{Path: "/a/b/-/archive/main/b-main.tar.gz"}, Git: true, Branch: "v2"},
	} {
		got, err := ParseSource(text)
		if err != nil || got.URL.Path != want.URL.Path || got.Git != want.Git || got.Branch != want.Branch || got.URL.Fragment != "" {
			t.Errorf("%s: %v %+v, %v", text, got.URL, got, err)
		}
	}
	for text, want := range map[string]string{
		"ssh://git@github.com/a/b": "https:// or http://", "git@github.com:a/b.git": "address", "file:///etc": "https:// or http://",
		"ext::sh -c x": "", "https://ada:hunter2@git.example.org/a.git": "a name or a password", "https://": "names no machine", "http:x": "", "-u https://x": "",
		"https://x/a.git#--upload-pack=x": "branch", "https://x/a.git#a..b": "branch", "https://x/\n": "line break", "https://x/" + strings.Repeat("a", 1100): "longer than", "": "",
	} {
		_, err := ParseSource(text)
		var e *agent.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, want) || strings.Contains(e.Message+e.Hint, "hunter2") {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

func TestANameIsMadeOfWhatAnAddressSays(t *testing.T) {
	for source, want := range map[string]string{
		"https://github.com/IceWhaleTech/CasaOS-AppStore": "casaos-appstore", "https://github.com/a/b/archive/refs/heads/main.zip": "b",
		"https://gitlab.com/a/b/-/archive/main/b-main.tar.gz": "b", "https://x.example/stores/casaos.tar.gz": "casaos", "https://apps.example.org": "apps-example-org",
		"../shared/stores/casaos": "casaos", "/srv/My Store/": "my-store", "42": "", "https://x/a.git#beta": "a", "/": "", "": "",
		"x/" + strings.Repeat("ab-", 30): strings.Repeat("ab-", 13) + "a",
	} {
		if got := Name(source); got != want {
			t.Errorf("%q is called %q, want %q", source, got, want)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	for _, s := range []string{"https://github.com/a/b", "https://x.example/a.git#b", "http://[::1]:80/x", "https://a:b@c/", "x", "//x", "https://x/%00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src, err := ParseSource(text)
		if err == nil && (src.URL.User != nil || src.URL.Hostname() == "" || src.URL.Scheme != "https" && src.URL.Scheme != "http") {
			t.Errorf("%q is %v", text, src.URL)
		}
		if name := Name(text); name != fit(name) || len(name) > 40 {
			t.Errorf("%q is called %q", text, name)
		}
	})
}
