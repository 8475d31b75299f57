package catalog

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Syncthing: pages behind a name and a password, and ports of its own.
var _ = add(app{
	entry: "syncthing", images: []string{"syncthing"},
	use: func(t *testing.T, a running) {
		if out := visit(t, a).do(http.MethodGet, "/", "", nil); out.status != http.StatusUnauthorized {
			t.Errorf("a stranger is answered with %d", out.status)
		}
		signInAtSyncthing(t, a).api(http.MethodPut, "/rest/config/folders/garden",
			map[string]string{"id": "garden", "label": "Garden", "path": "/var/syncthing/garden"}, nil)
	},
	again: func(t *testing.T, a running) {
		var folder struct{ Label string }
		if signInAtSyncthing(t, a).api(http.MethodGet, "/rest/config/folders/garden", nil, &folder); folder.Label != "Garden" {
			t.Errorf("the folder is gone: %+v", folder)
		}
	},
})

func signInAtSyncthing(t *testing.T, a running) *person {
	p := visit(t, a)
	p.as("admin", a.secrets["gui_password"])
	p.get("/")
	at, err := url.Parse(a.url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range p.client.Jar.Cookies(at) {
		if strings.HasPrefix(c.Name, "CSRF-Token-") {
			p.Header.Set("X-"+c.Name, c.Value)
		}
	}
	return p
}
