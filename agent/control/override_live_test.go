package control

import (
	"context"
	"errors"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs/diff"
	"github.com/dentropy/dcloud/jobs/export"
	"github.com/dentropy/dcloud/jobs/override"
)

// goodOverride changes a variable and some memory, adds a sidecar and removes a
// variable.
const goodOverride = `remove = ["group.miniflux.task.web.env.RUN_MIGRATIONS"]

job "miniflux" {
  group "miniflux" {
    task "web" {
      env {
        POLLING_FREQUENCY = "15"
        NOTE              = "hunter2"
      }
      resources {
        memory = 200
      }
    }
    task "side" {
      driver = "docker"
      config {
        image = "docker.io/library/alpine:3.21.2"
      }
    }
  }
}
`

// stoppedApp is an installed app that is stopped: what can be changed of it needs no
// machine that could run it, which this bed has not.
func stoppedApp(t *testing.T, s *Service, name, entry string) *Intent {
	t.Helper()
	s.DiskFree, s.Pool.Datacenter = func() (int, error) { return 10_000, nil }, "home"
	e, err := s.entry(t.Context(), entry)
	check(t, err)
	i := &Intent{Name: name, Entry: entry, Version: e.Version, Subdomain: name, Hosts: []string{name + ".d"}, Desired: desiredStopped, Manifest: string(e.Text)}
	check(t, s.store.create(t.Context(), i, nil))
	s.awaitIntents(t.Context(), i.index)
	t.Cleanup(func() {
		now, err := s.store.intent(context.Background(), name)
		check(t, err)
		if now != nil {
			check(t, s.store.delete(context.Background(), now, nil))
		}
	})
	return i
}

// settled ends the operation under way, as the worker would.
func settled(t *testing.T, s *Service, name string) *Intent {
	t.Helper()
	i, err := s.store.intent(t.Context(), name)
	check(t, err)
	i.Op = nil
	check(t, s.store.update(t.Context(), i))
	s.awaitIntents(t.Context(), i.index)
	return i
}

func overridesAreHeldToNomadsOwnParser(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), agent.WithActor(t.Context(), "ada")
	i := stoppedApp(t, s, "miniflux", "miniflux")
	set := func(text string, privileged bool) error {
		_, err := s.SetOverride(ctx, "miniflux", agent.OverrideChange{Text: text, File: "mine.hcl", AllowPrivileged: privileged})
		return err
	}
	in := func(body string) string {
		return "job \"miniflux\" {\n  group \"miniflux\" {\n    task \"web\" {\n      " + body + "\n    }\n  }\n}\n"
	}
	host := in("config {\n        network_mode = \"host\"\n      }")
	for text, line := range map[string]int{
		"job \"miniflux\" {":                                               1, // no HCL
		in("reosurces {\n        memory = 3\n      }"):                     4, // no field of Nomad's
		in("kill_timeout = \"5 parsecs\""):                                 4, // no duration
		in("env {\n        A = file(\"/etc/shadow\")\n}"):                  5,
		strings.Replace(in("user = \"1\""), `"web"`, `"weB"`, 1):           3,
		"job \"other\" {}":                                                 1,
		"job \"miniflux\" {\n  type = \"batch\"\n}":                        2,
		"job \"miniflux\" {\n  meta {\n    \"dcloud.app\" = \"x\"\n  }\n}": 3,
		host: 5,
	} {
		err := set(text, false)
		e := agent.AsError(err)
		if e == nil || e.Code != agent.CodeInvalid || e.Hint == "" || len(e.Problems) == 0 {
			t.Errorf("%s\nis not refused with its place: %+v", text, e)
			continue
		}
		if p := e.Problems[0]; p.File != "mine.hcl" || p.Line != line || p.Column == 0 || p.Message == "" {
			t.Errorf("%s\nis told as %+v, want line %d", text, p, line)
		}
		now, err := s.store.intent(ctx, "miniflux")
		check(t, err)
		if now.index != i.index {
			t.Fatalf("%s\nis refused, and changed the record", text)
		}
	}
	wantCode(t, agent.CodeInvalid, set(strings.Repeat("#", maxOverride+1), false))
	wantCode(t, agent.CodeInvalid, set("", false)) // there is none to take away
	_, err := s.SetOverride(ctx, "nobody", agent.OverrideChange{Text: goodOverride})
	wantCode(t, agent.CodeNotFound, err)

	check(t, set(goodOverride, false))
	wantCode(t, agent.CodeConflict, set(host, true)) // one at a time
	settled(t, s, "miniflux")
	wantCode(t, agent.CodeInvalid, set(goodOverride, false)) // it is that already
	got, err := s.Override(ctx, "miniflux")
	check(t, err)
	if got.Text != goodOverride || got.Actor != "ada" || got.Updated.IsZero() || len(got.Problems)+len(got.Risks) > 0 {
		t.Errorf("%+v", got)
	}
	for _, a := range history(t, s, agent.ActivityQuery{App: "miniflux"}) {
		if a.Action != opOverride || a.Detail != "changed the override" {
			t.Errorf("the history says %+v", a)
		}
	}
	check(t, set(host, true))
	settled(t, s, "miniflux")
	d, err := s.App(ctx, "miniflux")
	check(t, err)
	if !d.Override || len(d.Risks) != 1 || !strings.Contains(d.Risks[0], "network") {
		t.Errorf("host networking is told as %+v", d.Risks)
	}
}

func plansSayWhatWouldChange(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	i := stoppedApp(t, s, "miniflux", "miniflux")
	plan := func(req agent.PlanRequest) agent.Plan {
		t.Helper()
		p, err := s.PlanApp(ctx, "miniflux", req)
		check(t, err)
		return p
	}
	if p := plan(agent.PlanRequest{}); len(p.Diff)+len(p.Changes) > 0 || p.Verdict.Do != agent.VerdictNothing {
		t.Errorf("nothing is asked for, and %+v %v %+v", p.Diff, p.Changes, p.Verdict)
	}
	over := &agent.OverrideChange{Text: goodOverride}
	p := plan(agent.PlanRequest{Override: over})
	var said []string
	for _, c := range p.Diff {
		said = append(said, c.Op+" "+c.Address+" "+c.Old+" "+c.New)
	}
	for _, want := range []string{
		`changed group.miniflux.task.web.env.POLLING_FREQUENCY "60" "15"`,
		`removed group.miniflux.task.web.env.RUN_MIGRATIONS "1" `,
		`changed group.miniflux.task.web.resources.memory 128 200`,
		`added group.miniflux.task.side.config.image  "docker.io/library/alpine:3.21.2"`,
	} {
		if !slices.Contains(said, want) {
			t.Errorf("the plan does not say %s:\n%s", want, strings.Join(said, "\n"))
		}
	}
	if !slices.Contains(p.Images, "docker.io/library/alpine:3.21.2") || p.Memory < 200+192 {
		t.Errorf("the sidecar does not count: %v, %d MiB", p.Images, p.Memory)
	}
	now, err := s.store.intent(ctx, "miniflux")
	check(t, err)
	if now.index != i.index {
		t.Error("a plan changed the record")
	}
	p = plan(agent.PlanRequest{Settings: map[string]string{"polling_minutes": "15"}})
	if len(p.Diff) != 1 || p.Diff[0].Address != "group.miniflux.task.web.env.POLLING_FREQUENCY" {
		t.Errorf("another setting is %+v", p.Diff)
	}
	_, err = s.PlanApp(ctx, "miniflux", agent.PlanRequest{Settings: map[string]string{"polling_minutes": "often"}})
	wantCode(t, agent.CodeInvalid, err)
	_, err = s.PlanApp(ctx, "miniflux", agent.PlanRequest{Override: &agent.OverrideChange{Text: "job \"x\" {}"}})
	wantCode(t, agent.CodeInvalid, err)

	// The version that it has, one that there is not, and the catalog's of today.
	if p := plan(agent.PlanRequest{Version: i.Version}); len(p.Diff) > 0 {
		t.Errorf("the version that it has is %+v", p.Diff)
	}
	_, err = s.PlanApp(ctx, "miniflux", agent.PlanRequest{Version: "0.0.1"})
	wantCode(t, agent.CodeNotFound, err)
	older := *now
	older.Version = "0.0.1"
	older.Manifest = strings.ReplaceAll(now.Manifest, now.Version, "0.0.1")
	check(t, s.store.update(ctx, &older))
	s.awaitIntents(ctx, older.index)
	p = plan(agent.PlanRequest{Version: i.Version})
	if !slices.ContainsFunc(p.Diff, func(c agent.Change) bool {
		return c.Address == "group.miniflux.task.web.config.image" && strings.HasSuffix(c.New, ":"+i.Version+`"`)
	}) || p.Version != i.Version {
		t.Errorf("the catalog's version is %s, %+v", p.Version, p.Diff)
	}
}

func overridesOutliveTheirEntry(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	stoppedApp(t, s, "miniflux", "miniflux")
	_, err := s.SetOverride(ctx, "miniflux", agent.OverrideChange{Text: goodOverride})
	check(t, err)
	i := settled(t, s, "miniflux")
	// The entry of tomorrow calls its service otherwise.
	i.Manifest = strings.NewReplacer(`service "web"`, `service "front"`, "service.web.", "service.front.").Replace(i.Manifest)
	check(t, s.store.update(ctx, i))
	s.awaitIntents(ctx, i.index)

	o, err := s.Override(ctx, "miniflux")
	check(t, err)
	if !slices.ContainsFunc(o.Problems, func(p agent.Problem) bool { return p.Line == 5 && strings.Contains(p.Message, "web") }) || o.Text != goodOverride {
		t.Errorf("what does not fit any more is told as %+v", o.Problems)
	}
	d, err := s.App(ctx, "miniflux")
	check(t, err)
	if !slices.ContainsFunc(d.Risks, func(r string) bool { return strings.Contains(r, "line 5") && strings.Contains(r, "runs on as it did") }) {
		t.Errorf("its page says %q", d.Risks)
	}
	_, err = s.deploy(ctx, i, s.Now(), &progress{s: s, op: "o", app: "miniflux"})
	var own *appError
	if !errors.As(err, &own) || !strings.Contains(own.told.Message, "line 5") || len(own.told.Problems) == 0 {
		t.Errorf("its next start ends with %v", err)
	}
	for what, change := range map[string]func() (agent.Operation, error){
		"start":   func() (agent.Operation, error) { return s.Start(ctx, "miniflux") },
		"restart": func() (agent.Operation, error) { return s.Restart(ctx, "miniflux") },
		"configure": func() (agent.Operation, error) {
			return s.Configure(ctx, "miniflux", map[string]string{"polling_minutes": "9"})
		},
	} {
		if _, err := change(); err == nil || !strings.Contains(err.Error(), "line 5") || len(agent.AsError(err).Problems) == 0 {
			t.Errorf("%s ends with %v", what, err)
		}
	}
	p, err := s.PlanApp(ctx, "miniflux", agent.PlanRequest{Override: &agent.OverrideChange{}})
	check(t, err)
	if len(p.Changes) == 0 || !strings.Contains(p.Changes[0], "line 5") {
		t.Errorf("taking it away is planned as %q %+v", p.Changes, p.Diff)
	}
	_, err = s.PlanApp(ctx, "miniflux", agent.PlanRequest{})
	wantCode(t, agent.CodeInvalid, err)
	_, err = s.SetOverride(ctx, "miniflux", agent.OverrideChange{})
	check(t, err)
	if i := settled(t, s, "miniflux"); i.Override != nil {
		t.Error("it is not taken away")
	}
}

// example is a fenced block of the documents.
var example = regexp.MustCompile("(?ms)^```hcl ?(\\w*)\n(.*?)^```$")

func examplesOfTheDocumentsWork(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	text, err := os.ReadFile("../../docs/overrides.md")
	check(t, err)
	i := stoppedApp(t, s, "miniflux", "miniflux")
	kinds := map[string]int{}
	for _, m := range example.FindAllStringSubmatch(string(text), -1) {
		kind, text := m[1], m[2]
		kinds[kind]++
		if w, problems := override.Parse("", []byte(text)); w == nil { // one that is refused shows its rule, not a slip
			t.Errorf("is no override: %v in\n%s", problems, text)
		}
		p, err := s.PlanApp(ctx, i.Name, agent.PlanRequest{Override: &agent.OverrideChange{Text: text, AllowPrivileged: kind == "privileged"}})
		switch {
		case kind == "refused" && (err == nil || len(agent.AsError(err).Problems) == 0):
			t.Errorf("is taken:\n%s", text)
		case kind != "refused" && err != nil:
			t.Errorf("%v in\n%s", agent.AsError(err).Problems, text)
		case kind != "refused" && len(p.Diff) == 0:
			t.Errorf("changes nothing:\n%s", text)
		case kind == "" && len(p.Warnings) > 0, kind == "privileged" && len(p.Warnings) == 0:
			t.Errorf("the risks are %q of\n%s", p.Warnings, text)
		}
		if kind == "privileged" {
			_, err := s.PlanApp(ctx, i.Name, agent.PlanRequest{Override: &agent.OverrideChange{Text: text}})
			wantCode(t, agent.CodeInvalid, err)
		}
	}
	if kinds[""] < 7 || kinds["refused"] < 3 || kinds["privileged"] < 1 {
		t.Errorf("found %v examples; is the search for them broken?", kinds)
	}
}

// exportsAreTheSameJob holds what is exported to Nomad's own parser, and each address of
// a difference to what an override may remove.
func exportsAreTheSameJob(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	s.Pool.Datacenter = "home"
	for _, name := range []string{"miniflux", "whoami"} {
		i := &Intent{Name: name, Entry: name, Subdomain: name, Hosts: []string{name + ".d"}, Desired: desiredStopped}
		entry, err := s.entry(ctx, name)
		check(t, err)
		if name == "miniflux" {
			i.Override = &Overriding{Text: goodOverride}
		}
		a := asked{intent: i, entry: entry}
		check(t, s.prepare(ctx, &a))
		check(t, s.build(&a, ""))
		text, err := export.Job(a.job)
		check(t, err)
		said, err := s.parser.parse(ctx, s.Nomad, text)
		check(t, err)
		if said.complaint != "" {
			t.Fatalf("Nomad does not read what is exported of %s: %s\n%s", name, said.complaint, text)
		}
		back, err := s.Nomad.Jobs().ParseHCL(text, false)
		check(t, err)
		// The parser fills in one default, and no other.
		d := slices.DeleteFunc(diff.Jobs(a.job, back), func(c diff.Change) bool { return strings.HasSuffix(c.Address, ".splay") && c.New == `"5s"` })
		if len(d) > 0 {
			t.Errorf("%s comes back otherwise: %+v", name, d)
		}
		validity, _, err := s.Nomad.Jobs().Validate(back, nil)
		check(t, err)
		if len(validity.ValidationErrors) > 0 || validity.Error != "" {
			t.Errorf("%s: %v %s", name, validity.ValidationErrors, validity.Error)
		}
		for _, c := range diff.Jobs(nil, a.job) {
			if _, problems := override.Parse("f", []byte("remove = ["+quoted(c.Address)+"]\n")); problems.Err() != nil {
				t.Errorf("%s is no address: %v", c.Address, problems)
			}
		}
	}
}

// exportsAreWhatWasBuilt holds that an export has nothing in it that nobody wrote, as
// long as it can be known what was.
func exportsAreWhatWasBuilt(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	i := stoppedApp(t, s, "miniflux", "miniflux")
	i.Override = &Overriding{Text: goodOverride}
	check(t, s.store.update(ctx, i))
	s.awaitIntents(ctx, i.index)
	entry, err := s.entry(ctx, "miniflux")
	check(t, err)
	a := asked{intent: i, entry: entry}
	check(t, s.prepare(ctx, &a))
	a.in.Intent.SecretsRevision = 42
	check(t, s.build(&a, "11111111-2222-3333-4444-555555555555"))
	a.job.SetMeta(metaIntent, "x")
	_, _, err = b.nomad.Jobs().Register(a.job, nil)
	check(t, err)
	defer func() { check(t, s.deregister(context.Background(), "miniflux", true)) }()
	text, err := s.Job(ctx, "miniflux")
	check(t, err)
	want, err := export.Job(a.job)
	check(t, err)
	if text.HCL != want || !strings.Contains(text.JSON, "\"Job\"") {
		t.Errorf("it is exported as\n%s", text.HCL)
	}
	i.Override = nil // somebody changes it at the moment
	check(t, s.store.update(ctx, i))
	s.awaitIntents(ctx, i.index)
	text, err = s.Job(ctx, "miniflux")
	check(t, err)
	if !strings.Contains(text.HCL, `task "side"`) {
		t.Error("what is exported is not what runs")
	}
}

func quoted(address string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{").Replace(address) + `"`
}

// overridesThatFailAreUndone holds that what was before comes back into the record.
func overridesThatFailAreUndone(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	i := stoppedApp(t, s, "miniflux", "miniflux")
	before := &Overriding{Text: goodOverride}
	op, err := s.newOp(opOverride)
	check(t, err)
	op.Before = before
	i.Op, i.Desired, i.Override = op, desiredRunning, &Overriding{Text: "job \"miniflux\" {\n  priority = 60\n}\n"}
	check(t, s.store.update(ctx, i))
	// No machine of this bed can run it, and that is the app's own fault to whoever asks.
	err = s.undo(ctx, i, &Failure{Stage: agent.StageHealthy, Message: "it ended"}, &progress{s: s, op: op.ID, app: i.Name})
	if err == nil {
		t.Error("a machine without Docker runs it")
	}
	now, err := s.store.intent(ctx, i.Name)
	check(t, err)
	if !now.Override.same(before) || now.Op == nil || now.Op.Undone == nil || now.Op.Undone.Message != "it ended" {
		t.Errorf("the record has %+v %+v", now.Override, now.Op)
	}
}
