package web

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/assets"
)

// ownRoutes are what makes the panel an app on a phone, and the icons of apps. Nobody
// needs to be signed in for them: they tell nothing of this cloud but its name.
func ownRoutes() []Route {
	return []Route{
		{Method: http.MethodGet, Path: "/icons/:file", Action: Open, Handle: appIcon},
		{Method: http.MethodGet, Path: "/app-icon/:file", Action: Open, Handle: panelIcon},
		{Method: http.MethodGet, Path: "/manifest.webmanifest", Action: Open, Handle: manifest},
		{Method: http.MethodGet, Path: "/sw.js", Action: Open, Handle: serviceWorker},
		{Method: http.MethodGet, Path: "/offline", Action: Open, Handle: offline},
	}
}

func appIcon(c *Ctx) error {
	entry, svg := strings.CutSuffix(c.Param("file"), ".svg")
	if !svg {
		return errNothing()
	}
	assets.ServeIcon(c.Echo.Response(), c.Echo.Request(), entry)
	return nil
}

func panelIcon(c *Ctx) error {
	size, err := strconv.Atoi(strings.TrimSuffix(c.Param("file"), ".png"))
	image := assets.AppIcon(size)
	if err != nil || image == nil || !strings.HasSuffix(c.Param("file"), ".png") {
		return errNothing()
	}
	h := c.Echo.Response().Header()
	h.Set("Cache-Control", "public, max-age=86400")
	// By it the page that is left when the cloud moves finds that the panel is here
	// (Ctx.Moving); it is the same everywhere and tells nothing.
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	return c.Echo.Blob(http.StatusOK, "image/png", image)
}

func errNothing() error {
	return &statusError{http.StatusNotFound, agent.Errorf(agent.CodeNotFound, "there is nothing here")}
}

// manifestIcon and webManifest are as the W3C's Web Application Manifest has them.
type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose,omitempty"`
}

type webManifest struct {
	ID         string         `json:"id"`
	Name       string         `json:"name"`
	ShortName  string         `json:"short_name"`
	StartURL   string         `json:"start_url"`
	Scope      string         `json:"scope"`
	Display    string         `json:"display"`
	Lang       string         `json:"lang"`
	Background string         `json:"background_color"`
	Theme      string         `json:"theme_color"`
	Icons      []manifestIcon `json:"icons"`
}

func manifest(c *Ctx) error {
	name := c.CloudName()
	short := name
	if len([]rune(short)) > 12 {
		short = c.T("Cloud")
	}
	m := webManifest{ID: "/", Name: name, ShortName: short, StartURL: "/", Scope: "/", Display: "standalone", Lang: c.Lang(),
		Background: "#0e0f13", Theme: "#4f46e5"}
	for _, size := range []int{192, 512} {
		at, sizes := "/app-icon/"+strconv.Itoa(size)+".png", strconv.Itoa(size)+"x"+strconv.Itoa(size)
		m.Icons = append(m.Icons, manifestIcon{at, sizes, "image/png", "any"}, manifestIcon{at, sizes, "image/png", "maskable"})
	}
	m.Icons = append(m.Icons, manifestIcon{assets.URL("icon.svg"), "any", "image/svg+xml", "any"})
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	c.Echo.Response().Header().Set("Cache-Control", "no-cache")
	return c.Echo.Blob(http.StatusOK, "application/manifest+json", body)
}

// serviceWorker is the bundled script at an address from which it may look after the
// whole panel. Its page asks for it with the build's mark, so that a new one is taken.
func serviceWorker(c *Ctx) error {
	file, err := assets.Open("sw.js")
	if err != nil {
		return errNothing()
	}
	defer file.Close()
	h := c.Echo.Response().Header()
	h.Set("Service-Worker-Allowed", "/")
	h.Set("Cache-Control", "no-cache")
	return c.Echo.Stream(http.StatusOK, "text/javascript; charset=utf-8", io.Reader(file))
}

// offline is what a browser shows where there is no network. It is kept by the service
// worker, which asks for it as nobody.
func offline(c *Ctx) error { return c.Page(ownPages, "offline.html", nil) }
