package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

func TestAPageIsHeldToTheEventsThatItShows(t *testing.T) {
	at := func(n int) time.Time { return time.UnixMilli(1_000_000 + int64(n)) }
	events := []agent.Event{
		{Message: "planning", Time: at(0)}, // before the page was there
		{Message: "db started", Time: at(100)},
		{Message: "web started", Time: at(120)}, // with the one above in one patch
		{Message: "running", Time: at(300), Final: true},
	}
	seen := []snapshot{
		{At: ms(at(50)), Stages: []string{"now: Starting planning"}},
		{At: ms(at(180)), Stages: []string{"now: Starting web started"}},
		{At: ms(at(390)), State: "Running"},
	}
	if diff := cmp.Diff(map[int]float64{1: 80, 2: 60, 3: 90}, delays(events, seen)); diff != "" {
		t.Error(diff)
	}
	if late := delays(events, nil); len(late) != 0 {
		t.Errorf("a page that showed nothing was in time: %v", late)
	}
	// The state from before the operation is not its end.
	early := []snapshot{{At: ms(at(50))}, {At: ms(at(60)), State: "Running"}}
	if late := delays(events, early); len(late) != 0 {
		t.Errorf("the end was shown before it came: %v", late)
	}
}

func TestGeneratedEntriesAreAsGoodAsTheirModels(t *testing.T) {
	c, problems := catalog.Embedded()
	if len(problems) > 0 {
		t.Fatal(problems.Err())
	}
	dir := t.TempDir()
	for n, model := range c.Entries() {
		name := model.Name + "x"
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "app.hcl"), []byte(renamed(model, name, n)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	made, problems := catalog.LintPath(dir)
	if len(problems) > 0 || len(made.Entries()) != len(c.Entries()) {
		t.Fatalf("%d of %d: %v", len(made.Entries()), len(c.Entries()), problems.Err())
	}
	for _, e := range made.Entries() {
		if !strings.EqualFold(e.Title, e.Name) {
			t.Errorf("%s is called %s", e.Name, e.Title)
		}
	}
}

func FuzzReadAudit(f *testing.F) {
	f.Add(`{"categories":{"performance":{"score":0.97}}}`)
	f.Add(`{"categories":{"performance":{"score":null}}}`)
	f.Add(`{"runtimeError":{"code":"NO_FCP","message":"no paint"},"categories":{}}`)
	f.Fuzz(func(t *testing.T, text string) {
		scores, err := readAudit([]byte(text))
		if err != nil && scores != nil {
			t.Errorf("scores %v with an error", scores)
		}
	})
}

func TestAPageThatDidNotLoadHasNoScore(t *testing.T) {
	if got, err := readAudit([]byte(`{"categories":{"performance":{"score":0.97}}}`)); err != nil || got["performance"] != 97 {
		t.Errorf("%v, %v", got, err)
	}
	for _, text := range []string{`{"runtimeError":{"message":"no paint"}}`, `{"categories":{"performance":{"score":null}}}`, "<html>"} {
		if got, err := readAudit([]byte(text)); err == nil {
			t.Errorf("%s has scores %v", text, got)
		}
	}
}
