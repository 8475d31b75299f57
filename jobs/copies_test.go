package jobs

import (
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/catalog"
)

func entryOf(t *testing.T, service string) *catalog.App {
	t.Helper()
	entry, problems := catalog.Parse("app.hcl", []byte(`app "test" {
  title = "A test"
  tagline = "A test"
  category = "tools"
  version = "1.0.0"
  license = "MIT"
  website = "https://example.com"
  source = "https://example.com"
  service "web" {
    image = "docker.io/library/nginx:1.27.3"
    expose "web" {
      port = 80
      health { path = "/up" }
    }
`+service+`
  }
}`))
	if entry == nil {
		t.Fatal(problems)
	}
	return entry
}

func builtWith(t *testing.T, entry *catalog.App, replicas int) (in Input) {
	t.Helper()
	return Input{Entry: entry, Intent: Intent{Name: "test", Replicas: replicas}, Pool: Pool{Domain: "d", Scheme: "http", HTTPPort: 80, Datacenter: "home"}}
}

func TestOnlyAnAppThatSharesNothingRunsInCopies(t *testing.T) {
	for service, want := range map[string]string{
		``:                         "",
		`volume "d" { path="/d" }`: "keeps data; copies of it would not share it",
		`devices = ["/dev/dri"]`:   "uses /dev/dri of its machine",
		`port "sync" {
		   port = 22000
		   host = 22001
		   protocol = "tcp"
		 }`: "has port 22001 of its machine to itself; copies of it would not share it",
	} {
		entry := entryOf(t, service)
		if got := OneCopy(entry); got != want {
			t.Errorf("%s: %q, want %q", service, got, want)
		}
		_, err := Build(builtWith(t, entry, 2))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: two copies: %v", service, err)
		}
		if _, err := Build(builtWith(t, entry, 1)); err != nil {
			t.Errorf("%s: one copy: %v", service, err)
		}
	}
}

func TestAllCopiesHaveTheSameRouteAndTakeRequestsOnlyWhileTheyAnswer(t *testing.T) {
	entry := entryOf(t, "")
	one, err := Build(builtWith(t, entry, 1))
	if err != nil {
		t.Fatal(err)
	}
	three, err := Build(builtWith(t, entry, 3))
	if err != nil {
		t.Fatal(err)
	}
	service := three.TaskGroups[0].Tasks[0].Services[0]
	if *three.TaskGroups[0].Count != 3 || strings.Join(service.Tags, "\n") != strings.Join(one.TaskGroups[0].Tasks[0].Services[0].Tags, "\n") {
		t.Errorf("%d copies with the tags %q", *three.TaskGroups[0].Count, service.Tags)
	}
	for _, tag := range append(service.CanaryTags, service.Tags...) {
		if strings.Contains(tag, "${") { // one value for each copy: Traefik would drop the route
			t.Errorf("copies differ in %s", tag)
		}
	}
	if c := service.Checks[0]; c.InitialStatus != "" || c.Interval > 3*time.Second {
		t.Errorf("a copy that does not answer yet is asked: %q, first checked within %s", c.InitialStatus, c.Interval)
	}
	if u := three.TaskGroups[0].Update; *u.Canary != 1 || !*u.AutoPromote || *u.MaxParallel != 1 {
		t.Errorf("copies are not changed one by one, a new one first: %+v", u)
	}
	if !InPlace(three) || *three.TaskGroups[0].Update.Canary != 0 || InPlace(three) || InPlace(one) {
		t.Error("a job without room for one more copy still asks for it")
	}
}

func TestAnAppWithDataIsWaitedForAndOneWithoutIsReplaced(t *testing.T) {
	kept, err := Build(builtWith(t, entryOf(t, `volume "d" { path="/d" }`), 1))
	if err != nil {
		t.Fatal(err)
	}
	d := kept.TaskGroups[0].Disconnect
	if d == nil || d.Replace == nil || *d.Replace || *d.LostAfter < 365*24*time.Hour || d.StopOnClientAfter != nil {
		t.Errorf("%+v", d)
	}
	free, err := Build(builtWith(t, entryOf(t, ""), 1))
	if err != nil {
		t.Fatal(err)
	}
	if free.TaskGroups[0].Disconnect != nil {
		t.Errorf("%+v", free.TaskGroups[0].Disconnect)
	}
}
