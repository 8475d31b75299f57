package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// watching is a control service on the bed whose view is kept fresh until the test ends.
func watching(t *testing.T, b *testBed, name string) *Service {
	s := b.service(name)
	ctx, cancel := context.WithCancel(t.Context())
	g, ctx := errgroup.WithContext(ctx)
	s.watchAll(ctx, g)
	t.Cleanup(func() { cancel(); check(t, g.Wait()) })
	return s
}

// history reads it as a person would.
func history(t *testing.T, s *Service, q agent.ActivityQuery) []agent.Activity {
	t.Helper()
	list, err := s.Activity(t.Context(), q)
	check(t, err)
	return list
}

func historyIsTheSameEverywhere(t *testing.T, b *testBed) {
	one, two := watching(t, b, "bed"), watching(t, b, "other")
	ctx := agent.WithActor(t.Context(), "unix:root")
	i := intentOf("told", "told.d")
	op, err := one.newOp(opInstall)
	check(t, err)
	i.Op, i.Actor = op, "unix:root"
	i.note = beginInstall(&draft{intent: i, entry: &catalog.App{Version: "1.2"}}, agent.InstallRequest{Entry: "whoami", Settings: map[string]string{"a": "b"}})
	check(t, one.store.create(ctx, i, nil))
	again := intentOf("told")
	again.Op, again.note = op, i.note
	wantCode(t, agent.CodeConflict, one.store.create(ctx, again, nil)) // and nothing of it is written
	one.Note(ctx, agent.Activity{Action: "user", User: "bob", Detail: "was invited"})
	got := history(t, one, agent.ActivityQuery{})
	if len(got) != 2 || got[0].Action != "user" || got[0].Outcome != agent.OutcomeDone || got[0].Actor != "root" || got[0].Ended.IsZero() {
		t.Fatalf("%+v", got)
	}
	if a := got[1]; a.ID != op.ID || a.Outcome != agent.OutcomeRunning || a.Actor != "root" || a.App != "told" || a.Request == nil || a.Request.Settings["a"] != "b" {
		t.Errorf("%+v", a)
	}
	p := &progress{s: one, op: op.ID, app: "told"}
	p.fail(agent.StagePull, agent.Errorf(agent.CodeFailed, "no image").WithHint("make one"), []string{"web: bang"})
	p.finish(agent.StageRouted, "nothing comes after the end", "")
	eventually(t, "the other server knows", func() error {
		a := history(t, two, agent.ActivityQuery{App: "told"})
		if len(a) != 1 || a[0].Outcome != agent.OutcomeFailed || a[0].Stage != agent.StagePull || a[0].Error.Message != "no image" || a[0].Error.Hint != "make one" || a[0].Logs[0] != "web: bang" || a[0].Request == nil {
			return fmt.Errorf("%+v", a)
		}
		return nil
	})
	check(t, one.store.delete(ctx, i, nil))
	_, err = one.Activity(ctx, agent.ActivityQuery{Limit: mostActivity + 1})
	wantCode(t, agent.CodeInvalid, err)
}

func brokenOffIsFinished(t *testing.T, b *testBed) {
	s := watching(t, b, "bed")
	ctx := t.Context()
	long := time.Now().Add(-time.Minute)
	for _, app := range []string{"busy", "gone"} {
		i := intentOf(app)
		i.Op = &Op{ID: fmt.Sprintf("%012x-%s", long.UnixMilli(), app), Kind: opInstall, Started: long}
		i.note = beginApp(i, opInstall, "")
		check(t, s.store.create(ctx, i, nil))
		if app == "gone" { // its agent died between the two writes
			check(t, s.store.delete(ctx, i, nil))
		}
	}
	eventually(t, "the view is there", func() error {
		if n := len(history(t, s, agent.ActivityQuery{App: "busy"})) + len(history(t, s, agent.ActivityQuery{App: "gone"})); n != 2 {
			return fmt.Errorf("%d records", n)
		}
		return nil
	})
	over := map[string]time.Time{}
	check(t, s.finishActivity(ctx, over))
	if a := history(t, s, agent.ActivityQuery{App: "gone"})[0]; a.Outcome != agent.OutcomeRunning {
		t.Errorf("who carried it out had no time to say more: %+v", a)
	}
	later := time.Now().Add(unsaid)
	s.Now = func() time.Time { return later }
	check(t, s.finishActivity(ctx, over))
	if a := history(t, s, agent.ActivityQuery{App: "gone"})[0]; a.Outcome != agent.OutcomeFailed || a.Error == nil || a.Ended.IsZero() {
		t.Errorf("%+v", a)
	}
	if a := history(t, s, agent.ActivityQuery{App: "busy"})[0]; a.Outcome != agent.OutcomeRunning {
		t.Errorf("what is under way was ended: %+v", a)
	}
}

func oldestAreForgotten(t *testing.T, b *testBed) {
	s := watching(t, b, "bed")
	before := len(history(t, s, agent.ActivityQuery{}))
	for n := range keepsActivity/60 + 3 {
		var steps consul.TxnOps
		for k := range 60 {
			step, err := activityStep(agent.Activity{ID: fmt.Sprintf("0%05d", n*60+k), Action: "old", Outcome: agent.OutcomeDone}, 0)
			check(t, err)
			steps = append(steps, step)
		}
		check(t, s.store.write(t.Context(), steps))
	}
	count := func() int {
		n := 0
		s.view.read(func() { n = len(s.view.activity) })
		return n
	}
	eventually(t, "the view shows all", func() error {
		if n := count(); n < keepsActivity+100 {
			return fmt.Errorf("%d records", n)
		}
		return nil
	})
	check(t, s.trimActivity(t.Context()))
	eventually(t, "the oldest are gone", func() error {
		if n := count(); n != keepsActivity {
			return fmt.Errorf("%d records", n)
		}
		return nil
	})
	list := history(t, s, agent.ActivityQuery{Limit: before})
	if len(list) != before || list[before-1].Action == "old" {
		t.Errorf("of %d new ones %d are there: %+v", before, len(list), list[len(list)-1])
	}
	all, last := 0, ""
	for {
		page := history(t, s, agent.ActivityQuery{Limit: 300, Before: last})
		if len(page) == 0 {
			break
		}
		all, last = all+len(page), page[len(page)-1].ID
	}
	if all != keepsActivity {
		t.Errorf("%d are found page by page", all)
	}
}

func settingsAreKept(t *testing.T, b *testBed) {
	p := func(s string) *string { return &s }
	s, other := watching(t, b, "bed"), watching(t, b, "other")
	ctx := agent.WithActor(t.Context(), "ada")
	first, err := s.Settings(ctx)
	check(t, err)
	if first.Name != defaultName || first.Domain != "d" {
		t.Errorf("%+v", first)
	}
	_, err = s.ChangeSettings(ctx, agent.SettingsChange{Name: p("Ada’s"), Domain: p("new.example.org")})
	wantCode(t, agent.CodeFailed, err) // nobody can change it from here: and nothing is changed
	if now, err := s.Settings(ctx); err != nil || now.Name != defaultName {
		t.Errorf("%+v, %v", now, err)
	}
	domain := ""
	s.SetDomain = func(_ context.Context, d string) error { domain = d; return nil }
	got, err := s.ChangeSettings(ctx, agent.SettingsChange{Name: p("Ada’s"), Domain: p("New.example.org")})
	check(t, err)
	if got.Name != "Ada’s" || got.Domain != "new.example.org" || domain != "new.example.org" {
		t.Errorf("%+v, %q", got, domain)
	}
	var wg sync.WaitGroup // two at once change different things, and neither is lost
	errs := make([]error, 2)
	wg.Go(func() { _, errs[0] = s.ChangeSettings(ctx, agent.SettingsChange{Accent: p("rose")}) })
	wg.Go(func() { _, errs[1] = other.ChangeSettings(ctx, agent.SettingsChange{Name: p("Bob’s")}) })
	wg.Wait()
	check(t, errors.Join(errs...))
	eventually(t, "both servers know both", func() error {
		one, _ := s.Settings(ctx)
		two, _ := other.Settings(ctx)
		if one.Name != "Bob’s" || one.Accent != "rose" || one != two {
			return fmt.Errorf("%+v and %+v", one, two)
		}
		return nil
	})
	if a := history(t, s, agent.ActivityQuery{Limit: 5}); a[0].Action != "settings" || a[0].Actor != "ada" {
		t.Errorf("%+v", a[0])
	}
}

func mailPasswordIsNotAmongTheSettings(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	n := agent.Notify{Email: "ada@example.org", SMTP: "smtp://ada@127.0.0.1:1", SMTPPassword: "sesame-open"}
	got, err := s.ChangeSettings(ctx, agent.SettingsChange{Notify: &n})
	check(t, err)
	if got.Notify.SMTPPassword != "" || !got.Notify.HasPassword {
		t.Errorf("%+v", got.Notify)
	}
	pairs, _, err := b.consul.KV().List("", nil)
	check(t, err)
	for _, pair := range pairs {
		if strings.Contains(string(pair.Value), "sesame") {
			t.Errorf("the password lies in %s", pair.Key)
		}
	}
	kept := func(want string) {
		t.Helper()
		if p, err := s.smtpPassword(ctx); p != want || err != nil {
			t.Errorf("the password is %q, %v", p, err)
		}
	}
	kept("sesame-open")
	n.SMTPPassword, n.Webhook = "", "http://127.0.0.1:1/hook"
	got, err = s.ChangeSettings(ctx, agent.SettingsChange{Notify: &n})
	check(t, err)
	if kept("sesame-open"); !got.Notify.HasPassword {
		t.Errorf("%+v", got.Notify)
	}
	wantCode(t, agent.CodeFailed, s.TestNotify(ctx)) // nobody listens there
	n.SMTP = "smtp://ada@mail.evil.example:587"
	got, err = s.ChangeSettings(ctx, agent.SettingsChange{Notify: &n})
	check(t, err)
	if kept(""); got.Notify.HasPassword {
		t.Errorf("another server is given the password: %+v", got.Notify)
	}
	_, err = s.ChangeSettings(ctx, agent.SettingsChange{Notify: &agent.Notify{}})
	check(t, err)
	wantCode(t, agent.CodeConflict, s.TestNotify(ctx))
}

func failuresAreTold(t *testing.T, b *testBed) {
	s, next := watching(t, b, "bed"), watching(t, b, "next")
	hook, told := webhook(t)
	ctx := t.Context()
	_, err := s.ChangeSettings(ctx, agent.SettingsChange{Notify: &agent.Notify{Webhook: hook}})
	check(t, err)
	check(t, s.TestNotify(ctx))
	if a := <-told; a.Action != "test" {
		t.Errorf("%+v", a)
	}
	crashOf := func(app string) {
		s.Note(ctx, agent.Activity{Action: actionCrash, App: app, Outcome: agent.OutcomeFailed, Error: agent.Errorf(agent.CodeFailed, "it ended")})
	}
	want := func(apps ...string) {
		t.Helper()
		for _, app := range apps {
			for a := (agent.Activity{}); a.Action != actionCrash; { // what failed just before is told too
				select {
				case a = <-told:
				case <-time.After(patient):
					t.Fatalf("%s is not told", app)
				}
				if a.Action == actionCrash && a.App != app {
					t.Errorf("%s is told, not %s", a.App, app)
				}
			}
		}
	}
	leads := func(s *Service) (end func()) {
		ctx, cancel := context.WithCancel(ctx)
		over := make(chan struct{})
		go func() { defer close(over); s.tellFailures(ctx) }()
		return func() { cancel(); <-over }
	}
	end := leads(s)
	crashOf("one")
	crashOf("one")
	s.Note(ctx, agent.Activity{Action: opStop, App: "one"})
	crashOf("two")
	want("one", "two")
	end()
	crashOf("three") // while nobody leads
	end = leads(next)
	want("three")
	crashOf("two") // was told by the one before
	crashOf("four")
	want("four")
	end()
	_, err = s.ChangeSettings(ctx, agent.SettingsChange{Notify: &agent.Notify{}})
	check(t, err)
}

func jobIsShownWithoutSecrets(t *testing.T, b *testBed) {
	s, ctx := watching(t, b, "bed"), t.Context()
	entry, err := s.entry(t.Context(), "miniflux")
	check(t, err)
	i := intentOf("reader")
	i.Entry, i.Manifest, i.Subdomain = "miniflux", string(entry.Text), "reader"
	check(t, s.store.create(ctx, i, nil))
	_, err = s.Job(ctx, "reader")
	wantCode(t, agent.CodeConflict, err)
	_, revision, err := s.ensureSecrets(ctx, "reader", entry, nil)
	check(t, err)
	in, err := s.input(i, entry)
	check(t, err)
	in.Intent.SecretsRevision, in.Pool.Datacenter = revision, "dc"
	job, err := jobs.Build(in)
	check(t, err)
	_, _, err = b.nomad.Jobs().Register(job, nil)
	check(t, err)
	got, err := s.Job(ctx, "reader")
	check(t, err)
	secrets, err := s.readSecrets(ctx, "reader")
	check(t, err)
	if len(secrets.Items) == 0 || !strings.Contains(got.JSON, "nomad/jobs/reader") || !strings.Contains(got.JSON, "\n  \"Job\": {") {
		t.Errorf("%d secrets; %.300s", len(secrets.Items), got.JSON)
	}
	for name, value := range secrets.Items {
		if strings.Contains(got.JSON, value) {
			t.Errorf("the secret %s is in the job", name)
		}
	}
	_, err = s.Job(ctx, "nothing-of-that-name")
	wantCode(t, agent.CodeNotFound, err)
	check(t, s.deregister(ctx, "reader", true))
	check(t, s.deleteSecrets(ctx, "reader"))
	check(t, s.store.delete(ctx, i, nil))
}

// machinesAreInTheHistory looks at what the tests before it left there.
func machinesAreInTheHistory(t *testing.T, p *testPool) {
	seen := map[string]agent.Activity{}
	for _, a := range history(t, p.s, agent.ActivityQuery{Limit: mostActivity}) {
		if a.Outcome == agent.OutcomeRunning {
			t.Errorf("it does not end: %+v", a)
		}
		if a.Ended.Before(a.Started) || a.ID == "" || a.App != "" {
			t.Errorf("%+v", a)
		}
		seen[a.Action+" "+a.Outcome] = a
	}
	for _, want := range []string{"token done", "node-join done", "node-join failed", "drain done", "undrain done", "node-remove done"} {
		if a := seen[want]; a.ID == "" || a.Node == "" && a.Action != "token" {
			t.Errorf("%s: %+v", want, a)
		}
	}
	if a := seen["drain done"]; a.Op != a.ID || a.Node != "bed" || !strings.Contains(a.Detail, "drained") {
		t.Errorf("%+v", a)
	}
}

func machineGoesAndIsBack(t *testing.T, p *testPool) {
	m := p.joined(t, 7, "pi7", "worker")
	began := time.Now().Add(-time.Hour)
	apps, nodes := newVigil(began), newVigil(began)
	looks := func(later time.Duration, status string) []agent.Activity {
		t.Helper()
		p.setLater(later)
		stub := &nomad.NodeListStub{Name: "pi7", ID: m.ID, Status: status, SchedulingEligibility: nomad.NodeSchedulingEligible}
		p.s.view.set("nodes", func() {
			others := slices.DeleteFunc(slices.Clone(p.s.view.nodes), func(n *nomad.NodeListStub) bool { return n.Name == "pi7" })
			p.s.view.nodes = append(others, stub)
		})
		p.s.noteHealth(t.Context(), apps, nodes)
		return slices.DeleteFunc(history(t, p.s, agent.ActivityQuery{Node: "pi7"}), func(a agent.Activity) bool { return a.Action == "node-join" })
	}
	defer p.setLater(0)
	p.stopClock() // what Consul takes for an answer does not count
	defer p.startClock()
	looks(0, nomad.NodeStatusReady)
	looks(time.Second, nomad.NodeStatusDown)
	if got := looks(illFor, nomad.NodeStatusDown); len(got) != 0 {
		t.Errorf("after less than %s: %+v", illFor, got)
	}
	for range 2 {
		got := looks(illFor+2*time.Second, nomad.NodeStatusDown)
		if len(got) != 1 || got[0].Action != actionNodeDown || got[0].Outcome != agent.OutcomeFailed || got[0].Error == nil || got[0].Error.Hint == "" {
			t.Errorf("%+v", got)
		}
	}
	looks(illFor+3*time.Second, nomad.NodeStatusReady)
	if got := looks(illFor+wellFor+4*time.Second, nomad.NodeStatusReady); len(got) != 2 || got[0].Action != actionNodeUp || !strings.HasPrefix(got[0].Detail, "after ") {
		t.Errorf("%+v", got)
	}
}
