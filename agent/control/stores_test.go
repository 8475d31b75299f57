package control

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/stores"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// ownManifest is an entry of our own form.
func ownManifest(name, title, more string) string {
	return fmt.Sprintf(`app %q {
  title    = %q
  tagline  = "It is here to be found"
  category = "tools"
  version  = "1.0"
  website  = "https://%s.example.org"
  license  = "MIT"
  %s
  service "web" {
    image = "docker.io/example/%s:1.0"
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/" }
    }
    resources { memory = 64 }
  }
}
`, name, title, name, more, name)
}

func ownFiles(names ...string) []stores.File {
	var files []stores.File
	for _, n := range names {
		files = append(files, stores.File{Path: "apps/" + n + "/app.hcl", Bytes: []byte(ownManifest(n, strings.ToUpper(n[:1])+n[1:], ""))})
	}
	return files
}

// must is check for benchmarks too.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func shelfOf(t testing.TB, name string, items []item) *shelf {
	t.Helper()
	content, err := packItems(items)
	must(t, err)
	s, err := newShelf(storeRecord{Store: agent.Store{Name: name}, Generation: name}, content)
	must(t, err)
	return s
}

func TestAStoreOfOurOwnFormIsReadAndWhatIsWrongSaysWhy(t *testing.T) {
	files := append(ownFiles("alpha", "beta"),
		stores.File{Path: "apps/broken/app.hcl", Bytes: []byte(`app "broken" { titel = "x" }`)},
		stores.File{Path: "old/alpha/app.hcl", Bytes: []byte(ownManifest("alpha", "Another", ""))},
		stores.File{Path: "apps/warned/app.hcl", Bytes: []byte(ownManifest("warned", "Warned", `warnings = ["It needs a look."]`))},
		stores.File{Path: "apps/alpha/docker-compose.yml", Bytes: []byte("services: {}")})
	format, items, err := readStore("", files)
	check(t, err)
	entries, refused := countItems(items)
	if format != agent.StoreDcloud || entries != 3 || refused != 2 {
		t.Fatalf("%s, %d entries, %d refused: %+v", format, entries, refused, items)
	}
	for _, it := range items {
		switch {
		case it.Name == "broken" && !strings.Contains(it.Refused, "app.hcl:1,1: "),
			it.Name == "alpha" && it.Card == nil && !strings.Contains(it.Refused, "already"),
			it.Name == "warned" && (len(it.Notes) != 1 || it.Notes[0].Text != "It needs a look."):
			t.Errorf("%+v", it)
		}
	}
	for _, none := range [][]stores.File{nil, {{Path: "README.json", Bytes: []byte("{}")}}} {
		if _, _, err := readStore("", none); agent.AsError(err) == nil || agent.AsError(err).Hint == "" {
			t.Errorf("a store without apps: %v", err)
		}
	}
}

func TestAStoreOfAnotherFormIsTakenOver(t *testing.T) {
	format, items, err := readStore("", []stores.File{{Path: "s/web/docker-compose.yml", Bytes: []byte(`services:
  web:
    image: traefik/whoami:v1.11.0
    privileged: true
    ports: ["8080:80"]
`)}, {Path: "s/not/docker-compose.yml", Bytes: []byte("services:\n  x: [")}})
	check(t, err)
	entries, _ := countItems(items)
	if format != agent.StoreCompose || entries != 1 || len(items) != 2 {
		t.Fatalf("%s: %+v", format, items)
	}
	for _, it := range items {
		if it.Card == nil && it.Refused == "" || it.Card != nil && (len(it.Notes) == 0 || !strings.Contains(it.Manifest, "traefik/whoami")) {
			t.Errorf("%+v", it)
		}
	}
}

func TestContentComesBackAsItWasAndDamageIsSeen(t *testing.T) {
	var items []item
	for i := range 400 {
		name := fmt.Sprintf("app-%d", i)
		app, problems := catalog.Check(name, []byte(ownManifest(name, name, `description = "`+strings.Repeat("words ", 40)+`"`)))
		check(t, problems.Err())
		items = append(items, item{Name: name, Card: cardOf(app), Manifest: string(app.Text)})
	}
	items = append(items, item{Name: "no", Refused: "because"})
	s := shelfOf(t, "x", items)
	if len(s.apps) != 400 || len(s.blocks) < 2 {
		t.Fatalf("%d apps in %d blocks", len(s.apps), len(s.blocks))
	}
	for _, k := range []int{0, 200, 399} {
		it, err := s.item(items[k].Name)
		check(t, err)
		if it.Manifest != items[k].Manifest {
			t.Errorf("%s came back as %q", items[k].Name, it.Manifest)
		}
	}
	if it, err := s.item("no"); it != nil || err != nil {
		t.Errorf("one that was refused: %v, %v", it, err)
	}
	full, _ := catalog.Check("app-7", []byte(items[7].Manifest))
	slim := s.apps[slices.IndexFunc(s.apps, func(a *catalog.App) bool { return a.Name == "x/app-7" })]
	facts := jobs.NodeFacts{Arch: "amd64", CPUFree: 50, MemoryFree: 10, DiskFree: 10, Devices: []string{}}
	if a, b := jobs.Fit(full, facts), jobs.Fit(slim, facts); !slices.Equal(a, b) || full.Memory() != slim.Memory() {
		t.Errorf("the card fits otherwise than the entry: %v, %v", a, b)
	}
	content, err := packItems(items)
	check(t, err)
	for _, broken := range [][]byte{content[:len(content)-1], content[1:], append(slices.Clone(content), 0)} {
		if _, err := newShelf(storeRecord{}, broken); err == nil {
			t.Error("damaged content is taken")
		}
	}
}

func FuzzStoreContent(f *testing.F) {
	content, err := packItems([]item{{Name: "a", Card: &card{Title: "A"}}, {Name: "b", Refused: "x"}})
	must(f, err)
	f.Add(content)
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := newShelf(storeRecord{Store: agent.Store{Name: "x"}}, b)
		if err == nil {
			search(catalog.New(nil), newShelves([]*shelf{s}), "a store:x")
		}
	})
}

func TestTheCatalogsOwnEntriesComeFirstAndAreNeverReplaced(t *testing.T) {
	own, problems := catalog.Embedded()
	check(t, problems.Err())
	_, items, err := readStore("", append(ownFiles("miniflux", "zeta"), stores.File{Path: "f/feeds/app.hcl", Bytes: []byte(ownManifest("feeds", "Miniflux", ""))}))
	check(t, err)
	sh := newShelves([]*shelf{shelfOf(t, "other", items), shelfOf(t, "casaos", items)})
	names := func(words string) []string {
		var out []string
		for _, a := range search(own, sh, words) {
			out = append(out, a.Name)
		}
		return out
	}
	got := names("miniflux")
	if got[0] != "miniflux" || !slices.Contains(got, "casaos/miniflux") || !slices.Contains(got, "other/miniflux") || !slices.Contains(got, "other/feeds") {
		t.Errorf("miniflux: %v", got)
	}
	for words, want := range map[string][]string{
		"casaos zeta": {"casaos/zeta"}, "zeta store:other": {"other/zeta"}, "store:casaos": {"casaos/feeds", "casaos/miniflux", "casaos/zeta"},
		"STORE:casaos MINIFLUX": {"casaos/feeds", "casaos/miniflux"}, "store:nothing": nil, "store:": nil, "zeta": {"casaos/zeta", "other/zeta"},
	} {
		got := names(words)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", words, got, want)
		}
	}
	if got := search(own, nil, "miniflux"); len(got) == 0 || got[0].Name != "miniflux" {
		t.Error("without stores nothing is found")
	}
}

// manyStores are stores with that many apps, as public ones are: a title, a line and a
// description each.
func manyStores(t testing.TB, n int) *shelves {
	t.Helper()
	words := strings.Fields("photo music feed reader server backup notes wiki chat mail home media stream download torrent book recipe finance budget monitor network proxy password vault code git")
	app, problems := catalog.Check("x", []byte(ownManifest("x", "X", "")))
	must(t, problems.Err())
	var items []item
	for i := range n {
		c := *cardOf(app)
		pick := func(k int) string { return words[(i*7+k*13)%len(words)] }
		c.Title, c.Tagline = fmt.Sprintf("%s %d", pick(0), i), "A "+pick(1)+" for your "+pick(2)
		c.Description = strings.Repeat("It keeps your "+pick(3)+" where it belongs, and shares "+pick(4)+" with others. ", 3)
		items = append(items, item{Name: fmt.Sprintf("%s-%d", pick(0), i), Card: &c, Manifest: ownManifest(fmt.Sprintf("%s-%d", pick(0), i), c.Title, "")})
	}
	return newShelves([]*shelf{shelfOf(t, "many", items)})
}

// BenchmarkSearch finds words among 3,000 entries, and tells which of five machines each
// fits on.
func BenchmarkSearch(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	sh := manyStores(b, 3000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	own, _ := catalog.Embedded()
	s := serviceWithStores(b, own, sh)
	for _, words := range []string{"feed reader", "photo", "nothing-like-it", ""} {
		b.Run("words="+words, func(b *testing.B) {
			for b.Loop() {
				if _, err := s.Catalog(b.Context(), words); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-held")
		})
	}
	runtime.KeepAlive(sh)
}

// serviceWithStores has nothing but a catalog, stores, and five machines in its view.
func serviceWithStores(t testing.TB, own *catalog.Catalog, sh *shelves) *Service {
	s := storeOf(t, own, fiveMachines()...)
	s.shelves.Store(sh)
	return s
}

func TestASearchMakesNothingAnewOfTheThreeThousandEntriesThatItGoesThrough(t *testing.T) {
	own, _ := catalog.Embedded()
	s := serviceWithStores(t, own, manyStores(t, 3000))
	// How long it takes is measured by the benchmark. What makes it fast is that nothing
	// is made anew of the entries that are not found: texts in small letters, say.
	made := testing.AllocsPerRun(3, func() {
		found, err := s.Catalog(t.Context(), "feed reader")
		if err != nil || len(found) == 0 || len(found) > 1000 {
			t.Fatalf("%d found, %v", len(found), err)
		}
	})
	if made > 1000 {
		t.Errorf("%.0f allocations", made)
	}
}
