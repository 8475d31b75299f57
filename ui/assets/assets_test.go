package assets

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// sample is a bundle of one stylesheet.
func sample() *bundle {
	var packed strings.Builder
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte("main{}"))
	_ = w.Close()
	return load(fstest.MapFS{
		"dist/manifest.json":      {Data: []byte(`{"panel.css":"panel.0123.css"}`)},
		"dist/brands.idx":         {Data: []byte("gitea fill 609926 0 5\n")},
		"dist/brands.bin":         {Data: []byte("no shape")},
		"dist/panel.0123.css":     {Data: []byte("main{}")},
		"dist/panel.0123.css.br":  {Data: []byte("as brotli")},
		"dist/panel.0123.css.gz":  {Data: []byte(packed.String())},
		"dist/secret.0123.css":    {Data: []byte("not in the manifest")},
		"dist/.panel.0123.css.99": {Data: []byte("half written")},
	}, "dist")
}

func ask(b *bundle, path string, header http.Header) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if header != nil {
		r.Header = header
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	return w.Result()
}

func TestAFileIsKeptForEverAndSentAsSmallAsTheBrowserTakesIt(t *testing.T) {
	for _, c := range []struct{ accept, encoding, body string }{
		{"gzip, deflate, br, zstd", "br", "as brotli"},
		{"gzip;q=1.0, br;q=0", "gzip", ""},
		{"identity", "", "main{}"},
		{"", "", "main{}"},
	} {
		got := ask(sample(), "/panel.0123.css", http.Header{"Accept-Encoding": {c.accept}})
		body, _ := io.ReadAll(got.Body)
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Encoding") != c.encoding || c.body != "" && string(body) != c.body {
			t.Errorf("asked with %q: %d, encoding %q, body %q", c.accept, got.StatusCode, got.Header.Get("Content-Encoding"), body)
		}
		for name, want := range map[string]string{
			"Content-Type": "text/css; charset=utf-8", "Cache-Control": "public, max-age=31536000, immutable",
			"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("asked with %q: %s is %q, want %q", c.accept, name, got.Header.Get(name), want)
			}
		}
		again := ask(sample(), "/panel.0123.css", http.Header{"Accept-Encoding": {c.accept}, "If-None-Match": {got.Header.Get("Etag")}})
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("asked again with %q and its ETag: %d", c.accept, again.StatusCode)
		}
	}
}

func TestARangeOfACompressedFileIsTheWholeOfIt(t *testing.T) {
	got := ask(sample(), "/panel.0123.css", http.Header{"Accept-Encoding": {"br"}, "Range": {"bytes=0-1"}})
	if body, _ := io.ReadAll(got.Body); got.StatusCode != http.StatusOK || string(body) != "as brotli" {
		t.Errorf("%d %q", got.StatusCode, body)
	}
}

func TestOnlyWhatTheManifestNamesIsServed(t *testing.T) {
	for _, path := range []string{
		"/", "/missing/panel.js", "/manifest.json", "/brands.idx", "/brands.bin", "/.keep", "/secret.0123.css", "/panel.css",
		"/panel.0123.css.br", "/.panel.0123.css.99", "/../assets.go", "/..%2fassets.go", "//panel.0123.css/",
	} {
		r := &http.Request{Method: http.MethodGet, URL: httptest.NewRequest(http.MethodGet, "/", nil).URL, Header: http.Header{}}
		r.URL.Path = path
		w := httptest.NewRecorder()
		sample().ServeHTTP(w, r)
		got := w.Result()
		if got.StatusCode != http.StatusNotFound && path != "//panel.0123.css/" {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
		if got.StatusCode == http.StatusNotFound && strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: that there is nothing would be remembered for ever", path)
		}
	}
}

func TestAProgramBuiltWithoutAssetsKnowsSoAndGoesOn(t *testing.T) {
	before := built
	defer func() { built = before }()
	built = load(fstest.MapFS{"dist/.keep": {}}, "dist")
	if Built() {
		t.Error("Built says yes")
	}
	if url := URL("panel.css"); ask(built, strings.TrimPrefix(url, "/assets"), nil).StatusCode != http.StatusNotFound {
		t.Errorf("something is at %s", url)
	}
	if _, err := Open("sw.js"); err == nil {
		t.Error("Open opened something")
	}
	if svg := Icon("gitea"); !strings.Contains(svg, ">G<") {
		t.Errorf("an app without its icon has no letter: %s", svg)
	}
}

func TestABrokenBundleIsNoBundle(t *testing.T) {
	b := load(fstest.MapFS{"dist/manifest.json": {Data: []byte("{")}}, "dist")
	if len(b.names) != 0 {
		t.Errorf("names: %v", b.names)
	}
}

// bundled is what `make assets` made, without which the rest cannot be promised.
func bundled(t *testing.T) *bundle {
	t.Helper()
	if !Built() {
		t.Fatal("there is nothing to test yet: run make assets first")
	}
	return built
}

func TestScriptsAndStylesOfAPageStayBelow45KBCompressed(t *testing.T) {
	b := bundled(t)
	sum := 0
	for _, name := range []string{"panel.js", "panel.css"} {
		info, err := os.Stat(filepath.Join("dist", b.names[name]+".br"))
		if err != nil {
			t.Fatal(err)
		}
		sum += int(info.Size())
	}
	if sum > 45_000 {
		t.Errorf("%d bytes", sum)
	}
}

func FuzzAcceptEncoding(f *testing.F) {
	for _, s := range []string{"gzip, br;q=0.5", "br;q=nan", ";;;,,,", "br;q=", "*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if accepts(header, "br") && !strings.Contains(strings.ToLower(header), "br") {
			t.Errorf("%q takes brotli", header)
		}
	})
}
