package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func demo(name, more string) string {
	return fmt.Sprintf(`app %q {
  title    = "The %s"
  tagline  = "Shows one thing"
  category = "tools"
  version  = "1.0"
  website  = "https://example.org"
  license  = "MIT"
  architectures = ["amd64"]
  %s
  service "web" {
    image = "docker.io/library/demo:1.0"
    expose "web" {
      port = 80
      health { path = "/" }
    }
  }
}
`, name, name, more)
}

func names(apps []*App) string {
	var all []string
	for _, a := range apps {
		all = append(all, a.Name)
	}
	return strings.Join(all, " ")
}

func TestABrokenEntryIsToldAndDoesNotHideTheOthers(t *testing.T) {
	fsys := fstest.MapFS{
		"apps/zebra/app.hcl":   {Data: []byte(demo("zebra", ""))},
		"apps/ant/app.hcl":     {Data: []byte(demo("ant", ""))},
		"apps/ant/icon.svg":    {Data: []byte("<svg/>")},
		"apps/broken/app.hcl":  {Data: []byte("app {")},
		"apps/other/app.hcl":   {Data: []byte(demo("another", ""))},
		"apps/empty/README":    {Data: []byte("x")},
		"apps/.git/config":     {Data: []byte("x")},
		"apps/_drafts/app.hcl": {Data: []byte("x")},
		"apps/README.md":       {Data: []byte("x")},
	}
	c, problems := LoadFS(fsys, "apps")
	if got := names(c.Entries()); got != "ant zebra" {
		t.Errorf("loaded %q", got)
	}
	text := problems.Error()
	for _, want := range []string{"apps/broken/app.hcl:1,", "apps/empty/app.hcl: cannot be read: there is no such file",
		`apps/other/app.hcl:1,1: app "another" stands in the folder "other"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if len(problems.Errors()) < 3 || strings.Contains(text, "drafts") || strings.Contains(text, ".git") {
		t.Errorf("problems:\n%s", text)
	}
}

func TestAnEntryIsFoundByNameAndItsNeighbourSuggested(t *testing.T) {
	c, _ := Embedded()
	if a, ok := c.Get("miniflux"); !ok || a.Title != "Miniflux" {
		t.Errorf("miniflux: %v", ok)
	}
	if _, ok := c.Get("minflux"); ok || c.Nearest("minflux") != "miniflux" {
		t.Errorf("nearest to minflux is %q", c.Nearest("minflux"))
	}
	if near := c.Nearest("something-else"); near != "" {
		t.Errorf("nearest to nothing is %q", near)
	}
}

func TestSearchRanksNameAndTitleOverTaglineOverCategoryOverDescription(t *testing.T) {
	app := func(name, title, tagline, category, description string) *App {
		return &App{Name: name, Title: title, Tagline: tagline, Category: category, Description: description}
	}
	c := newCatalog([]*App{
		app("e", "E", "nothing", "tools", "Keeps your photo albums"),
		app("d", "D", "nothing", "photos", ""),
		app("c", "C", "A photo album", "tools", ""),
		app("b", "Photo Two", "nothing", "tools", ""),
		app("photoprism", "Prism", "nothing", "tools", ""),
		app("photo", "One", "nothing", "tools", ""),
		app("telephoto", "Zoom", "nothing", "tools", ""),
		app("other", "Other", "nothing", "tools", ""),
	})
	for words, want := range map[string]string{
		"PHOTO":        "photo b photoprism c telephoto d e",
		"photo album":  "c e",
		"photo tools":  "photo b photoprism c telephoto e",
		"nosuchthing":  "",
		"":             "b c d e other photo photoprism telephoto",
		"  photo two ": "b",
	} {
		if got := names(c.Search(words)); got != want {
			t.Errorf("search %q: got %q, want %q", words, got, want)
		}
	}
}

func TestLintTakesAFileAFolderOfOneEntryAndAFolderOfMany(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	draft := write("draft.hcl", demo("whatever", ""))
	one := write("apps/one/app.hcl", demo("one", ""))
	two := write("apps/two/app.hcl", demo("zwei", ""))
	for _, c := range []struct{ path, apps, problem string }{
		{draft, "whatever", ""},
		{one, "one", ""},
		{filepath.Dir(one), "one", ""},
		{two, "", two + `:1,1: app "zwei" stands in the folder "two"`},
		{filepath.Join(dir, "apps"), "one", two + `:1,1: app "zwei" stands in the folder "two"`},
		{filepath.Join(dir, "nowhere"), "", filepath.Join(dir, "nowhere") + ": cannot be read: there is no such file"},
	} {
		got, problems := LintPath(c.path)
		if names(got.Entries()) != c.apps || !strings.HasPrefix(problems.Error(), c.problem) || (c.problem == "") != (len(problems) == 0) {
			t.Errorf("%s: entries %q, problems %v", c.path, names(got.Entries()), problems)
		}
	}
	t.Chdir(filepath.Join(dir, "apps", "one"))
	for _, path := range []string{".", "app.hcl", "../one", "../../draft.hcl"} {
		if got, problems := LintPath(path); len(got.Entries()) != 1 || len(problems) > 0 {
			t.Errorf("%s: %v", path, problems)
		}
	}
}

func TestLinksOutOfTheFolderAreNotFollowed(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "secret.hcl")
	if err := os.WriteFile(outside, []byte(demo("one", "")), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "one"), 0o755); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"one/app.hcl": outside, "two": filepath.Dir(outside)} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	c, problems := LintPath(dir)
	if len(c.Entries()) != 0 || len(problems) != 2 {
		t.Errorf("entries %q, problems:\n%v", names(c.Entries()), problems)
	}
}

// BenchmarkLoad1000 loads and lints a catalog of a thousand entries of the size of
// real ones.
func BenchmarkLoad1000(b *testing.B) {
	entries, err := filepath.Glob("apps/*/app.hcl")
	if err != nil || len(entries) == 0 {
		b.Fatal("no entries")
	}
	fsys := fstest.MapFS{}
	size := 0
	for i := range 1000 {
		file := entries[i%len(entries)]
		text, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		old := filepath.Base(filepath.Dir(file))
		name := fmt.Sprintf("%s-%d", old, i)
		text = []byte(strings.Replace(string(text), fmt.Sprintf("app %q", old), fmt.Sprintf("app %q", name), 1))
		fsys["apps/"+name+"/app.hcl"] = &fstest.MapFile{Data: text}
		size += len(text)
	}
	b.ReportMetric(float64(size)/1000, "bytes/entry")
	for b.Loop() {
		c, problems := LoadFS(fsys, "apps")
		if problems.Err() != nil || len(c.Entries()) != 1000 {
			b.Fatalf("%d entries, %v", len(c.Entries()), problems)
		}
	}
}
