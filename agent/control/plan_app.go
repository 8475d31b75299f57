package control

import (
	"context"
	"fmt"
	"slices"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/diff"
)

// asked is the job that an intent asks for.
type asked struct {
	intent *Intent
	entry  *catalog.App
	file   string // how problems name the override
	in     jobs.Input
	job    *nomad.Job
}

// PlanApp tells what would happen to an installed app: as it is asked for now, or with
// changes. Nothing is changed.
func (s *Service) PlanApp(ctx context.Context, name string, req agent.PlanRequest) (_ agent.Plan, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.Plan{}, err
	}
	next, err := s.proposed(ctx, i, entry, req)
	if err != nil {
		return agent.Plan{}, err
	}
	if err := s.prepare(ctx, &next); err != nil {
		return agent.Plan{}, err
	}
	where, nowhere := s.place(ctx, next.in)
	if nowhere != nil && len(where.fits) == 0 && i.Desired == desiredRunning {
		return agent.Plan{}, nowhere
	}
	home := ""
	if where.node != nil && jobs.Tied(next.entry) {
		home = where.node.ID
	}
	if err := s.build(&next, home); err != nil {
		return agent.Plan{}, err
	}
	if next.in.Override != nil {
		if err := s.valid(ctx, next.job, next.file); err != nil {
			return agent.Plan{}, err
		}
	}
	p, err := planOf(next.in, next.job)
	if err != nil {
		return agent.Plan{}, err
	}
	p.Entry, p.Store = i.Entry, storeNamed(i.Entry)
	p.Node, p.Nodes = where.names(), where.fits
	risks, notes, err := jobs.OverrideRisks(next.in)
	if err != nil {
		return agent.Plan{}, err
	}
	for _, r := range risks {
		p.Warnings = append(p.Warnings, r.Message)
	}
	for _, n := range notes {
		p.Warnings = append(p.Warnings, briefly(n))
	}
	before, broken, err := s.present(ctx, i, entry, home)
	if err != nil {
		return agent.Plan{}, err
	}
	if broken != "" {
		p.Changes = append(p.Changes, broken)
	}
	for _, c := range diff.Jobs(before, next.job) {
		p.Diff = append(p.Diff, agent.Change{Address: c.Address, Op: c.Op, Old: c.Old, New: c.New})
	}
	return s.outlook(ctx, p, i, next, where, nowhere)
}

// present is the job that an app's intent asks for now, as it would be built: of what
// Nomad gives back each default that it filled in would be a difference. Where the
// override does not fit any more it is the job without, and broken says so.
func (s *Service) present(ctx context.Context, i *Intent, entry *catalog.App, home string) (job *nomad.Job, broken string, err error) {
	a := asked{intent: i, entry: entry, file: overrideFile}
	if err = s.prepare(ctx, &a); err == nil {
		err = s.build(&a, home)
	}
	if e := agent.AsError(err); e == nil || len(e.Problems) == 0 {
		return a.job, "", err
	}
	plain := *i
	plain.Override = nil
	a.intent = &plain
	broken = agent.AsError(err).Message
	if err = s.prepare(ctx, &a); err == nil {
		err = s.build(&a, home)
	}
	return a.job, broken, err
}

// outlook adds what would happen to what runs.
func (s *Service) outlook(ctx context.Context, p agent.Plan, i *Intent, next asked, where placement, nowhere error) (agent.Plan, error) {
	own, err := s.ownJobs(ctx)
	if err != nil {
		return agent.Plan{}, err
	}
	job, there := own[i.Name]
	runs := there && !job.stopped
	p.Verdict = agent.Verdict{Do: agent.VerdictNothing, Node: p.Node}
	switch {
	case i.Desired == desiredStopped && runs:
		p.Changes = append(p.Changes, "it would be stopped")
		p.Verdict = agent.Verdict{Do: agent.VerdictStop}
		return p, nil
	case i.Desired == desiredStopped && len(p.Diff) > 0:
		p.Changes = append(p.Changes, "it is stopped, and would start with this")
		return p, nil
	case i.Desired != desiredRunning || runs && job.intent == next.intent.hash(s.door()):
		return p, nil
	case !runs:
		p.Changes = append(p.Changes, "it would be started")
	case len(p.Diff) == 0:
		p.Changes = append(p.Changes, "it would be restarted with other settings")
	}
	if nowhere != nil {
		p.Verdict = agent.Verdict{Do: agent.VerdictBlocked, Why: whys(where.fits)}
		return p, nil
	}
	next.job.SetMeta(metaIntent, next.intent.hash(s.door()))
	return s.judge(ctx, p, next.job, next.in, where)
}

// proposed is an intent with what a plan asks for.
func (s *Service) proposed(ctx context.Context, i *Intent, entry *catalog.App, req agent.PlanRequest) (asked, error) {
	next := *i
	a := asked{intent: &next, entry: entry, file: overrideFile}
	if req.Version != "" {
		newer, err := s.entryAt(i, entry, req.Version)
		if err != nil {
			return a, err
		}
		if newer != nil {
			a.entry = newer
			next.Version, next.Manifest = newer.Version, string(newer.Text)
		}
	}
	if len(req.Settings) > 0 {
		// Where the passwords among them would be kept is made up: they are not kept.
		settings, _, err := mergeSettings(a.entry, i.Settings, req.Settings, s.Rand)
		if err != nil {
			return a, err
		}
		next.Settings = settings
	}
	if req.Override != nil {
		over, err := s.overriding(ctx, *req.Override)
		if err != nil {
			return a, err
		}
		if !over.same(i.Override) {
			next.Override = over
		}
		if req.Override.File != "" {
			a.file = req.Override.File
		}
	}
	return a, nil
}

// entryAt is the entry of a version: the catalog's of today, nil for the one that the
// app has. There are no others.
func (s *Service) entryAt(i *Intent, entry *catalog.App, version string) (*catalog.App, error) {
	newest, there := s.current(i.Entry)
	switch {
	case there && newest.Version == version && string(newest.Text) != i.Manifest:
		return newest, nil
	case entry.Version == version:
		return nil, nil
	case !there:
		return nil, agent.Errorf(agent.CodeNotFound, "%s cannot become version %s: the catalog has no %s any more", i.Name, clip(version, 60), i.Entry).
			WithHint("it has version %s", entry.Version)
	case newest.Version == entry.Version:
		return nil, agent.Errorf(agent.CodeNotFound, "there is no version %s of %s here", clip(version, 60), i.Entry).
			WithHint("%s has %s, and the catalog has no other", i.Name, entry.Version)
	}
	return nil, agent.Errorf(agent.CodeNotFound, "there is no version %s of %s here", clip(version, 60), i.Entry).
		WithHint("%s has %s, the catalog %s", i.Name, entry.Version, newest.Version)
}

// prepare makes the input of what is asked for, with its override.
func (s *Service) prepare(ctx context.Context, a *asked) (err error) {
	if a.in, err = s.input(a.intent, a.entry); err != nil {
		return err
	}
	a.in, err = s.overridden(ctx, a.intent, a.in, a.file)
	return err
}

// build makes the job, once it is known which machine (ID) it hangs on, "" for none.
func (s *Service) build(a *asked, home string) (err error) {
	a.in.Intent.Home = home
	a.job, err = s.buildOverridden(a.in, a.intent.Name)
	return err
}

// whys are the reasons why an app fits on no machine: "pi1: 300 MB of memory short".
func whys(fits []agent.NodeFit) []string {
	var out []string
	for _, f := range fits {
		for _, why := range f.Why {
			if line := fmt.Sprintf("%s: %s", f.Name, why); !slices.Contains(out, line) {
				out = append(out, line)
			}
		}
	}
	return out
}
