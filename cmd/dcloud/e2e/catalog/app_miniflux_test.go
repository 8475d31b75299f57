package catalog

import (
	"net/http"
	"testing"
)

// Miniflux: a program in Go, with PostgreSQL.
var _ = add(app{
	entry: "miniflux", images: []string{"miniflux", "postgres"},
	use: func(t *testing.T, a running) {
		signedInAtMiniflux(t, a).api(http.MethodPost, "/v1/categories", map[string]string{"title": "Gardening"}, nil)
	},
	again: func(t *testing.T, a running) {
		var list []struct{ Title string }
		signedInAtMiniflux(t, a).api(http.MethodGet, "/v1/categories", nil, &list)
		for _, c := range list {
			if c.Title == "Gardening" {
				return
			}
		}
		t.Errorf("the category is gone: %v", list)
	},
})

func signedInAtMiniflux(t *testing.T, a running) *person {
	p := visit(t, a)
	p.as("admin", a.secrets["admin_password"])
	return p
}
