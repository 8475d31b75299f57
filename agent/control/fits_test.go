package control

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// bigCatalog is one of n entries that differ in what they need.
func bigCatalog(tb testing.TB, n int) *catalog.Catalog {
	tb.Helper()
	files := fstest.MapFS{}
	for k := range n {
		text := fmt.Sprintf(`app "app-%[1]d" {
  title       = "Thing %[1]d"
  tagline     = "Keeps your number %[1]d in order"
  description = %[3]q
  category    = "files"
  version     = "1.0"
  website     = "https://example.org"
  source      = "https://example.org/source"
  license     = "MIT"
  service "web" {
    image = "docker.io/library/thing:%[1]d"
    expose "web" {
      port   = 80
      access = "members"
    }
    resources {
      cpu    = 100
      memory = %[2]d
    }
  }
}
`, k, 64+k%2000, strings.Repeat("It does one thing and does it well. ", 12))
		files[fmt.Sprintf("app-%d/app.hcl", k)] = &fstest.MapFile{Data: []byte(text)}
	}
	c, problems := catalog.LoadFS(files, ".")
	if got := len(c.Entries()); got != n {
		tb.Fatalf("%d entries of %d: %v", got, n, problems)
	}
	return c
}

// storeOf is a service that knows some machines and a catalog, and nothing else.
func storeOf(tb testing.TB, c *catalog.Catalog, nodes ...*nomad.NodeListStub) *Service {
	tb.Helper()
	s := &Service{Deps: Deps{
		Log: slog.New(slog.DiscardHandler), Node: "pi1", Now: time.Now, Catalog: func() *catalog.Catalog { return c },
		DiskFree: func() (int, error) { return 9000, nil },
	}, view: newView()}
	s.uses.begin()
	s.view.set("nodes", func() { s.view.nodes = nodes })
	return s
}

func fiveMachines() []*nomad.NodeListStub {
	return []*nomad.NodeListStub{
		nomadNode("pi1", nil), nomadNode("pi2", memory(2000)), nomadNode("pi3", memory(300)),
		nomadNode("vps1", func(n *nomad.NodeListStub) { n.Attributes["cpu.arch"] = "amd64" }),
		nomadNode("away", func(n *nomad.NodeListStub) { n.Status = nomad.NodeStatusDown }),
	}
}

func TestAListOfEntriesSaysWhereEachFitsAsAnInstallWould(t *testing.T) {
	c := bigCatalog(t, 300)
	s := storeOf(t, c, fiveMachines()...)
	list, err := s.Catalog(t.Context(), "")
	check(t, err)
	if len(list) != 300 {
		t.Fatalf("%d entries", len(list))
	}
	for _, e := range list {
		one, err := s.Entry(t.Context(), e.Name)
		check(t, err)
		if diff := cmp.Diff(one.Fits, e.Fits); diff != "" {
			t.Fatalf("%s in the list and by itself: %s", e.Name, diff)
		}
		if len(one.Nodes) != 5 || slices.Contains(e.Fits, "away") {
			t.Fatalf("%s fits %v of %+v", e.Name, e.Fits, one.Nodes)
		}
	}
}

// The quick answer is the thorough one's, whatever the machines and the entry are.
func TestWhatFitsIsThatOfWhichNothingSpeaksAgainst(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var nodes []*nomad.NodeListStub
		for k := range 1 + r.IntN(5) {
			nodes = append(nodes, nomadNode(fmt.Sprint("pi", k), memory(r.Int64N(1200))))
		}
		machines := machinesOf(nodes...)
		f := newFitting(machines, "pi0")
		for range 5 {
			e := entryWith(func(a *catalog.App) {
				a.Services[0].Resources.Memory = r.IntN(1200)
				a.MinMemory = r.IntN(1500)
				if r.IntN(3) == 0 {
					a.Architectures = []string{"amd64"}
				}
				if r.IntN(4) == 0 {
					a.Services[0].Devices = []string{"/dev/null", "/dev/nothing-is-called-this"}[:1+r.IntN(2)]
				}
			}).Entry
			want := []string{}
			for _, m := range machines {
				if m.node.Name == "pi0" {
					m.facts.Devices = devices(e)
				}
				if len(jobs.Fit(e, m.facts)) == 0 {
					want = append(want, m.node.Name)
				}
			}
			if got := f.names(e); !slices.Equal(got, want) {
				t.Fatalf("%v, want %v for %+v", got, want, e)
			}
		}
	}
}

func TestAnEntryTellsAllThatItDoes(t *testing.T) {
	c, problems := catalog.LoadFS(fstest.MapFS{"sync/app.hcl": &fstest.MapFile{Data: []byte(`app "sync" {
  title        = "Sync"
  tagline      = "Keeps folders alike"
  description  = "On all your machines."
  category     = "files"
  version      = "1.0"
  website      = "https://example.org"
  source       = "https://example.org/source"
  license      = "MIT"
  default_user = "admin"
  min_disk     = 500
  secret "password" {
    title  = "Password"
    reveal = true
  }
  setting "size" {
    title    = "Size"
    type     = "number"
    default  = 3
    min      = 1
    max      = 9
    help     = "How large"
    advanced = true
  }
  service "web" {
    image = "docker.io/library/sync:1"
    expose "web" {
      port   = 80
      access = "members"
      public = ["/share"]
    }
    port "sync" {
      port     = 22000
      protocol = "tcp"
      title    = "Sync"
    }
    volume "files" {
      path = "/files"
      kind = "media"
    }
    env = {
      SIZE = setting.size
      PASSWORD = secret.password
    }
    resources {
      cpu    = 100
      memory = 100
    }
  }
}
`)}}, ".")
	s := storeOf(t, c, nomadNode("pi1", nil))
	e, err := s.Entry(t.Context(), "sync")
	if err != nil {
		t.Fatal(err, problems)
	}
	one, nine := 1.0, 9.0
	got := agent.Entry{Fits: e.Fits, Disk: e.Disk, Ports: e.Ports, Public: e.Public, Access: e.Access, Data: e.Data, Secrets: e.Secrets, User: e.User, Settings: e.Settings[:1]}
	want := agent.Entry{
		Fits: []string{"pi1"}, Disk: 500, Ports: []string{"22000/tcp: Sync"}, Public: []string{"/share"}, Access: "members", Data: []string{"media: /files"},
		Secrets: 1, User: "admin",
		Settings: []agent.ConfigSetting{{Name: "size", Title: "Size", Type: "number", Value: "3", Default: "3", Help: "How large", Min: &one, Max: &nine, Advanced: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkASearchOf2000EntriesOn5Machines(b *testing.B) {
	c := bigCatalog(b, 2000)
	s := storeOf(b, c, fiveMachines()...)
	for _, words := range []string{"", "thing", "number order", "app-77"} {
		b.Run(strings.ReplaceAll("all "+words, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if list, err := s.Catalog(b.Context(), words); err != nil || len(list) == 0 {
					b.Fatal(err)
				}
			}
		})
	}
}
