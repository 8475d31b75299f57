package web

import (
	"bytes"
	"encoding/json"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/ui/assets"
	"github.com/dentropy/dcloud/ui/live"
)

// visit asks a panel of no pages but its own, as nobody.
func visit(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	k := New(Options{Live: live.New(nil, nil)}, nil)
	w := httptest.NewRecorder()
	k.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestAPhoneCanKeepThePanelAsAnApp(t *testing.T) {
	w := visit(t, "/manifest.webmanifest")
	var m webManifest
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Header().Get("Content-Type") != "application/manifest+json" {
		t.Fatalf("%v, %s", err, w.Header().Get("Content-Type"))
	}
	if m.Name == "" || m.ShortName == "" || m.StartURL != "/" || m.Scope != "/" || m.Display != "standalone" {
		t.Errorf("%+v", m)
	}
	// What Chromium asks for before it offers to install: 192 and 512, and one of
	// them to be cut to the phone's shape.
	sizes := map[string]bool{}
	for _, icon := range m.Icons {
		got := visit(t, icon.Src)
		if icon.Type == "image/svg+xml" && !assets.Built() {
			continue
		}
		if got.Code != http.StatusOK || got.Header().Get("Content-Type") != icon.Type {
			t.Errorf("%s: %d %s", icon.Src, got.Code, got.Header().Get("Content-Type"))
			continue
		}
		sizes[icon.Sizes+" "+icon.Purpose] = true
		if icon.Type == "image/png" {
			picture, err := png.Decode(bytes.NewReader(got.Body.Bytes()))
			if err != nil || icon.Sizes != strconv.Itoa(picture.Bounds().Dx())+"x"+strconv.Itoa(picture.Bounds().Dy()) {
				t.Errorf("%s is not %s: %v", icon.Src, icon.Sizes, err)
			}
		}
	}
	for _, want := range []string{"192x192 any", "512x512 any", "512x512 maskable"} {
		if !sizes[want] {
			t.Errorf("no icon of %s", want)
		}
	}
}

func TestTheServiceWorkerMayLookAfterTheWholePanelAndIsAskedForAnew(t *testing.T) {
	if !assets.Built() {
		t.Fatal("there is nothing to test yet: run make assets first")
	}
	w := visit(t, "/sw.js")
	if w.Code != http.StatusOK || w.Header().Get("Service-Worker-Allowed") != "/" || w.Header().Get("Cache-Control") != "no-cache" ||
		!strings.HasPrefix(w.Header().Get("Content-Type"), "text/javascript") {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestTheOfflinePageIsNobodys(t *testing.T) {
	w := visit(t, "/offline")
	body := w.Body.String()
	if w.Code != http.StatusOK || strings.Contains(body, `class="places"`) || strings.Contains(body, `class="bell"`) {
		t.Errorf("%d\n%s", w.Code, body)
	}
	if !strings.Contains(body, assets.URL("panel.css")) {
		t.Error("the service worker does not find the styles that the page needs")
	}
}

func TestIconsAndTheirLikeAreWhereNothingElseIs(t *testing.T) {
	for path, want := range map[string]int{
		"/icons/miniflux.svg": 200, "/icons/nobody-knows.svg": 200, "/icons/miniflux": 404, "/icons/miniflux.png": 404, "/icons/.svg": 404,
		"/icons/..%2f..%2fetc.svg": 404, "/icons/UPPER.svg": 404, "/app-icon/192.png": 200, "/app-icon/192": 404, "/app-icon/1.png": 404,
		"/app-icon/99999999999999999999.png": 404,
	} {
		if got := visit(t, path); got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
	}
}
