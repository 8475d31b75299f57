package control

import (
	"context"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// Plan tells what an install would do, and touches nothing.
func (s *Service) Plan(ctx context.Context, req agent.InstallRequest) (_ agent.Plan, err error) {
	defer s.tell(&err)
	d, err := s.draft(ctx, req)
	if err != nil && (d == nil || len(d.place.fits) == 0) {
		return agent.Plan{}, err
	}
	// Where it fits nowhere, the plan says why.
	p, err := planOf(d.entry, d.input)
	p.Node, p.Nodes, p.Secrets = d.place.names(), d.place.fits, append([]string{}, d.secrets...)
	return p, err
}

// PlanApp tells what would happen to an installed app now.
func (s *Service) PlanApp(ctx context.Context, name string, _ agent.PlanRequest) (_ agent.Plan, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.Plan{}, err
	}
	in, err := s.input(i, entry)
	if err != nil {
		return agent.Plan{}, err
	}
	p, err := planOf(entry, in)
	if err != nil {
		return agent.Plan{}, err
	}
	where, err := s.place(ctx, in)
	if err != nil && len(where.fits) == 0 {
		return agent.Plan{}, err
	}
	p.Node, p.Nodes = where.names(), where.fits
	own, err := s.ownJobs(ctx)
	if err != nil {
		return agent.Plan{}, err
	}
	switch job, there := own[name]; {
	case i.Desired == desiredRunning && (!there || job.stopped):
		p.Changes = append(p.Changes, "it would be started")
	case i.Desired == desiredStopped && there && !job.stopped:
		p.Changes = append(p.Changes, "it would be stopped")
	case i.Desired == desiredRunning && job.intent != i.hash(s.door()):
		p.Changes = append(p.Changes, "it would be restarted with other settings")
	}
	return p, nil
}

func planOf(entry *catalog.App, in jobs.Input) (agent.Plan, error) {
	p := agent.Plan{
		Name: in.Intent.Name, Entry: entry.Name, Version: entry.Version, URL: jobs.AppURL(in),
		Memory: entry.Memory() * max(in.Intent.Replicas, 1), Images: entry.Images(), Risks: append([]string{}, entry.Risks()...), Volumes: []string{}, Secrets: []string{},
		Nodes: []agent.NodeFit{},
	}
	if _, err := jobs.Build(in); err != nil {
		return p, agent.Errorf(agent.CodeFailed, "cannot build the job: %w", err)
	}
	volumes, err := jobs.Volumes(entry, in.Intent.Name)
	if err != nil {
		return p, agent.Errorf(agent.CodeFailed, "cannot lay out the data: %w", err)
	}
	for _, v := range volumes {
		p.Volumes = append(p.Volumes, v.Service+"/"+v.Volume)
	}
	return p, nil
}

// Catalog lists the entries that hold all the given words, the best match first.
func (s *Service) Catalog(_ context.Context, words string) ([]agent.Entry, error) {
	found := s.Deps.Catalog().Search(words)
	out := make([]agent.Entry, len(found))
	fits := s.fitting()
	for k, e := range found {
		out[k] = brief(e)
		out[k].Fits = fits.names(e)
	}
	return out, nil
}

// Entry tells all about an entry.
func (s *Service) Entry(_ context.Context, name string) (agent.Entry, error) {
	e, err := s.entry(name)
	if err != nil {
		return agent.Entry{}, err
	}
	out := brief(e)
	out.Description, out.Source, out.Notes = e.Description, e.Source, e.Notes
	out.Images, out.Risks, out.Settings = e.Images(), e.Risks(), append(configSettings(e, nil), replicasSetting(e, nil)...)
	out.Disk, out.Secrets, out.User, out.Screenshots = e.MinDisk, len(e.Secrets), e.DefaultUser, e.Screenshots
	out.Ports, out.Public, out.Access, out.Data = portsOf(e), publicOf(e), accessOf(e), dataOf(e)
	out.Nodes, out.Fits = s.fitsOf(e)
	return out, nil
}

func brief(e *catalog.App) agent.Entry {
	return agent.Entry{
		Name: e.Name, Title: e.Title, Tagline: e.Tagline, Category: e.Category, Version: e.Version, License: e.License,
		Website: e.Website, Architectures: e.Architectures, Memory: e.Memory(),
	}
}
