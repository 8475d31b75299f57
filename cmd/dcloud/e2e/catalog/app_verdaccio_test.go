package catalog

import (
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
)

// Verdaccio: a program in Node.js, whose first account a service that runs once makes.
var _ = add(app{
	entry: "verdaccio", images: []string{"verdaccio"},
	use: func(t *testing.T, a running) {
		if out := visit(t, a).do(http.MethodGet, "/garden", "", nil); out.status != http.StatusUnauthorized {
			t.Errorf("a stranger is answered with %d", out.status)
		}
		content := []byte("not looked into")
		signInAtVerdaccio(t, a).api(http.MethodPut, "/garden", map[string]any{
			"_id": "garden", "name": "garden", "dist-tags": map[string]string{"latest": "1.0.0"},
			"versions": map[string]any{"1.0.0": map[string]any{
				"name": "garden", "version": "1.0.0", "dist": map[string]string{"tarball": a.url + "/garden/-/garden-1.0.0.tgz", "shasum": fmt.Sprintf("%x", sha1.Sum(content))},
			}},
			"_attachments": map[string]any{"garden-1.0.0.tgz": map[string]any{
				"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(content), "length": len(content),
			}},
		}, nil)
	},
	again: func(t *testing.T, a running) {
		p := signInAtVerdaccio(t, a)
		var got struct{ Versions map[string]any }
		if p.api(http.MethodGet, "/garden", nil, &got); len(got.Versions) != 1 {
			t.Errorf("the package is gone: %+v", got)
		}
		if text := p.get("/garden/-/garden-1.0.0.tgz"); text != "not looked into" {
			t.Errorf("the package holds %q", text)
		}
	},
})

func signInAtVerdaccio(t *testing.T, a running) *person {
	p := visit(t, a)
	p.as("admin", a.secrets["admin_password"])
	return p
}
