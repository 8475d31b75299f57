package control

import (
	"context"
	"slices"

	nomad "github.com/hashicorp/nomad/api"

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
	nowhere := err
	if nowhere == nil && jobs.Tied(d.entry) {
		d.input.Intent.Home = d.place.node.ID
	}
	job, err := s.buildOverridden(d.input, d.intent.Name)
	if err != nil {
		return agent.Plan{}, err
	}
	p, err := planOf(d.input, job)
	if err != nil {
		return agent.Plan{}, err
	}
	p.Entry, p.Store = d.intent.Entry, storeNamed(d.intent.Entry)
	p.Node, p.Nodes, p.Secrets = d.place.names(), d.place.fits, append([]string{}, d.secrets...)
	if nowhere != nil { // the plan says why
		p.Verdict = agent.Verdict{Do: agent.VerdictBlocked, Why: whys(d.place.fits)}
		return p, nil
	}
	return s.judge(ctx, p, withoutVolumes(job), d.input, d.place)
}

// withoutVolumes is a job as it can be planned before its volumes are there, which are
// made with the install: Nomad would say of every machine that it has no such volume.
// Which machine they can be on, and so the app, is known: s.place chose it by what the
// machines have free, and the job is held to that one (jobs.Intent.Home). All else that
// can stand against it, Nomad weighs as it will at the install.
func withoutVolumes(job *nomad.Job) *nomad.Job {
	bare := *job
	bare.TaskGroups = slices.Clone(job.TaskGroups)
	for k, g := range bare.TaskGroups {
		group := *g
		group.Volumes, group.Tasks = nil, slices.Clone(g.Tasks)
		for n, t := range group.Tasks {
			task := *t
			task.VolumeMounts = nil
			group.Tasks[n] = &task
		}
		bare.TaskGroups[k] = &group
	}
	return &bare
}

// risksOf are the entry's, with who passes its doors as it was chosen.
func risksOf(in jobs.Input) []string {
	return in.Entry.RisksBehind(func(x catalog.Expose) string { return jobs.Access(in, x) })
}

// planOf is what can be told of a job without asking anybody.
func planOf(in jobs.Input, job *nomad.Job) (agent.Plan, error) {
	entry := in.Entry
	p := agent.Plan{
		Name: in.Intent.Name, Entry: entry.Name, Version: entry.Version, URL: jobs.AppURL(in),
		Memory: entry.Memory() * max(in.Intent.Replicas, 1), Images: entry.Images(), Risks: append([]string{}, risksOf(in)...), Volumes: []string{}, Secrets: []string{},
		Nodes: []agent.NodeFit{}, Warnings: slices.Clone(entry.Warnings),
	}
	if in.Override != nil {
		p.Memory, p.Images = reserves(job), imagesOf(job, in.Pool.SelfImage)
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

// reserves is the memory that a job asks for in all, in MiB. What runs before the rest
// and ends is not counted: it is there for a moment, and needs less.
func reserves(job *nomad.Job) int {
	sum := 0
	for _, g := range job.TaskGroups {
		count := 1
		if g.Count != nil {
			count = *g.Count
		}
		for _, t := range g.Tasks {
			if passing(t) || t.Resources == nil || t.Resources.MemoryMB == nil {
				continue
			}
			sum += count * *t.Resources.MemoryMB
		}
	}
	return sum
}

// passing tells whether a task runs before the others and ends.
func passing(t *nomad.Task) bool {
	return t.Lifecycle != nil && t.Lifecycle.Hook == nomad.TaskLifecycleHookPrestart && !t.Lifecycle.Sidecar
}

// imagesOf lists the images of a job, each once, but for our own.
func imagesOf(job *nomad.Job, own string) []string {
	images := []string{}
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			if image, _ := t.Config["image"].(string); image != "" && image != own && !slices.Contains(images, image) {
				images = append(images, image)
			}
		}
	}
	return images
}

// Catalog lists the entries that hold all the given words, the best match first.
func (s *Service) Catalog(_ context.Context, words string) ([]agent.Entry, error) {
	found := search(s.Deps.Catalog(), s.shelves.Load(), words)
	out := make([]agent.Entry, len(found))
	fits := s.fitting()
	for k, e := range found {
		out[k] = brief(e)
		out[k].Fits, out[k].Store = fits.names(e), storeNamed(e.Name)
	}
	return out, nil
}

// Entry tells all about an entry.
func (s *Service) Entry(ctx context.Context, name string) (_ agent.Entry, err error) {
	defer s.tell(&err)
	e, err := s.entry(ctx, name)
	if err != nil {
		return agent.Entry{}, err
	}
	out := brief(e)
	out.Name, out.Store, out.Warnings = name, storeNamed(name), e.Warnings
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
