package control

import (
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

func TestWhoPassesTheDoorIsASettingOfEveryInstalledAppWithOne(t *testing.T) {
	whoami := embedded(t, "whoami")
	for given, want := range map[string]string{"": "private", "app": "app", "public": "public", "members": "members"} {
		i := &Intent{Name: "x", Entry: "whoami", Access: "private", Manifest: string(whoami.Text), Settings: map[string]string{"access": given}}
		in, err := (&Service{}).input(i, whoami)
		if err != nil || in.Intent.Access != want {
			t.Errorf("%q: the job is built for %q (%v), want %q", given, in.Intent.Access, err, want)
		}
		if got := accessNow(i); got != want {
			t.Errorf("%q: the list says %q, want %q", given, got, want)
		}
		if shown := accessSetting(whoami, i); len(shown) != 1 || shown[0].Value != want || shown[0].Default != "private" {
			t.Errorf("%q: shown as %+v", given, shown)
		}
	}
	i := &Intent{Name: "x", Entry: "whoami", Access: "private", Settings: map[string]string{"access": "everyone"}}
	if _, err := (&Service{}).input(i, whoami); err == nil {
		t.Error("an access that there is not is taken")
	}
}

func TestAnEntrysOwnSettingNamedAccessStaysItsOwn(t *testing.T) {
	entry, problems := catalog.Parse("app.hcl", []byte(`app "x" {
  setting "access" { title = "Access" }
  service "web" {
    image = "docker.io/x/x:1"
    env   = { ACCESS = setting.access }
    expose "web" { port = 80 }
  }
}`))
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	i := &Intent{Name: "x", Entry: "x", Access: "private", Manifest: string(entry.Text), Settings: map[string]string{"access": "public"}}
	in, err := (&Service{}).input(i, entry)
	if err != nil || in.Intent.Access != "private" || accessNow(i) != "private" || accessSetting(entry, i) != nil {
		t.Errorf("the entry's own setting opens the door: %q %q (%v)", in.Intent.Access, accessNow(i), err)
	}
}

func embedded(t *testing.T, name string) *catalog.App {
	t.Helper()
	c, _ := catalog.Embedded()
	entry, there := c.Get(name)
	if !there {
		t.Fatalf("no %s in the catalog", name)
	}
	return entry
}

func TestAPlanTellsTheRisksOfTheDoorAsItWouldBe(t *testing.T) {
	whoami := embedded(t, "whoami")
	for access, want := range map[string]bool{"private": false, "app": false, "public": true} {
		in, err := (&Service{}).input(&Intent{Name: "x", Entry: "whoami", Access: access}, whoami)
		if err != nil {
			t.Fatal(err)
		}
		in.Pool.Domain = "d"
		in.Pool.SelfImage = "dcloud:test"
		job, err := jobs.Build(in)
		if err != nil {
			t.Fatal(err)
		}
		p, err := planOf(in, job)
		if err != nil {
			t.Fatal(err)
		}
		open := slices.ContainsFunc(p.Risks, func(r string) bool { return strings.Contains(r, "open to everyone") })
		if open != want {
			t.Errorf("%s: the plan says %q", access, p.Risks)
		}
	}
}
