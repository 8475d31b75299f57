package sample

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestNothingButTestsAndTheGalleryImportsTheSample(t *testing.T) {
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // just removed, by another test
		}
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return nil // half written; the compiler says so
		}
		read++
		for _, i := range f.Imports {
			if strings.Trim(i.Path.Value, `"`) == "github.com/dentropy/dcloud/ui/sample" && filepath.Base(filepath.Dir(path)) != "gallery" {
				t.Errorf("%s imports the sample, which is for development and tests alone", path)
			}
		}
		return nil
	})
	if err != nil || read < 100 {
		t.Fatalf("%d files read: %v", read, err)
	}
}

func TestTheSampleIsTheSameEachTimeAndHasEveryState(t *testing.T) {
	a, b := New(At(noon)), New(At(noon))
	apps, _ := a.Apps(t.Context())
	again, _ := b.Apps(t.Context())
	seen := map[string]bool{}
	for k := range apps {
		if apps[k] != again[k] {
			t.Errorf("%v is %v the second time", apps[k], again[k])
		}
		seen[apps[k].State] = true
	}
	for _, s := range []string{agent.StateInstalling, agent.StateRunning, agent.StateDegraded, agent.StateStopped, agent.StateFailed} {
		if !seen[s] {
			t.Errorf("no app is %s", s)
		}
	}
	a.Fill(100)
	a.Entries(2000)
	if apps, _ = a.Apps(t.Context()); len(apps) != 100 {
		t.Errorf("%d apps", len(apps))
	}
	entries, _ := a.Catalog(t.Context(), "")
	names := map[string]bool{}
	for _, e := range entries {
		names[e.Name] = true
	}
	if len(names) != 2000 {
		t.Errorf("%d entries of different names", len(names))
	}
}

func TestAnInstallTellsItsStepsUntilItRunsAndOneThatIsToFailDoes(t *testing.T) {
	c := New(At(noon))
	ctx, cancel := context.WithCancel(agent.WithActor(t.Context(), "owner"))
	defer cancel()
	settings := map[string]string{"admin_email": "a@example.org"}
	for _, name := range []string{"code", "fail-code"} {
		if _, err := c.Install(ctx, agent.InstallRequest{Entry: "pocketbase", Name: name, Settings: settings}); err != nil {
			t.Fatal(err)
		}
	}
	events, err := c.Events(ctx, "code", 0)
	if err != nil {
		t.Fatal(err)
	}
	watch, _ := c.Watch(ctx)
	<-watch
	c.Finish()
	<-watch
	var last agent.Event
	for e := range events {
		if last = e; e.Final {
			break
		}
	}
	if last.URL != "https://code.ada.xyz" {
		t.Errorf("ended with %+v", last)
	}
	if a, err := c.App(ctx, "code"); err != nil || a.State != agent.StateRunning {
		t.Errorf("%v %v", a.State, err)
	}
	if _, err := c.App(ctx, "fail-code"); err == nil {
		t.Error("a failed install left its app")
	}
	past, _ := c.Activity(ctx, agent.ActivityQuery{App: "fail-code"})
	if len(past) != 1 || past[0].Outcome != agent.OutcomeFailed || past[0].Error == nil || past[0].Request == nil {
		t.Errorf("%+v", past)
	}
}

func TestEverybodySignsInWithThePassword(t *testing.T) {
	a := New(At(noon)).Accounts()
	for _, name := range agent.Roles() {
		in, err := a.SignIn(t.Context(), agent.SignIn{Name: name, Password: Password})
		if err != nil {
			t.Fatal(err)
		}
		if s, err := a.Session(t.Context(), in.Token); err != nil || s.Role != name {
			t.Errorf("%v %v", s, err)
		}
	}
	var e *agent.Error
	if _, err := a.SignIn(t.Context(), agent.SignIn{Name: "owner", Password: "wrong"}); !errors.As(err, &e) || e.Code != agent.CodeUnauthorized {
		t.Error(err)
	}
	if in, err := a.SignIn(t.Context(), agent.SignIn{Name: "hedy", Password: Password}); err != nil || in.Pending == "" {
		t.Errorf("%+v %v", in, err)
	}
}

func TestAPlanTellsItsChangesInOneOrder(t *testing.T) {
	set := map[string]string{}
	for _, name := range []string{"e", "b", "a", "d", "c", "f"} {
		set[name] = "other"
	}
	c := New(At(noon))
	for range 20 {
		p, err := c.PlanApp(t.Context(), "miniflux", agent.PlanRequest{Settings: set})
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, d := range p.Diff {
			told = append(told, d.Address[strings.LastIndexByte(d.Address, '.')+1:])
		}
		if got := strings.Join(told, ""); got != "ABCDEF" {
			t.Fatalf("in the order %s", got)
		}
	}
}
