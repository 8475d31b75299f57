package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A static site: nginx, as somebody who is not root.
var _ = add(app{
	entry: "static", images: []string{"static"},
	use: func(t *testing.T, a running) {
		for _, v := range cloud.App(t, "static").Volumes {
			if v.Name == "web/site" {
				if err := os.WriteFile(filepath.Join(v.Path, "index.html"), []byte("<h1>Sage</h1>"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		sage(t, a)
	},
	again: sage,
})

func sage(t *testing.T, a running) {
	if page := visit(t, a).get("/"); !strings.Contains(page, "Sage") {
		t.Errorf("the page is not there: %.200s", page)
	}
}
