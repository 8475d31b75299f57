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
	again: func(t *testing.T, a running) {
		sage(t, a)
		// Who passes its door can be changed when it is there.
		cloud.Must(t, "app", "config", "static", "--set", "access=private")
		if got := cloud.App(t, "static").Access; got != "private" {
			t.Errorf("its access is %q after it was made private", got)
		}
		sage(t, a)
	},
})

func sage(t *testing.T, a running) {
	if page := visit(t, a).get("/"); !strings.Contains(page, "Sage") {
		t.Errorf("the page is not there: %.200s", page)
	}
}
