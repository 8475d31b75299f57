package control

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/export"
)

// Job is an app's job as Nomad has it, in the form in which Nomad's API takes one, and in
// Nomad's own language.
// Secrets are references in it: the tasks' own templates fetch them.
func (s *Service) Job(ctx context.Context, name string) (_ agent.JobText, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.JobText{}, err
	}
	job, err := s.job(ctx, name)
	if err != nil {
		return agent.JobText{}, err
	}
	if job == nil {
		return agent.JobText{}, agent.Errorf(agent.CodeConflict, "%s has not been given to the scheduler", name).
			WithHint("see what it waits for with: dcloud app status %s", name)
	}
	text, err := json.MarshalIndent(struct{ Job *nomad.Job }{job}, "", "  ")
	if err != nil {
		return agent.JobText{}, fmt.Errorf("write down the job of %s: %w", name, err)
	}
	written, err := export.Job(s.asBuilt(ctx, i, entry, job))
	if err != nil {
		return agent.JobText{}, fmt.Errorf("write down the job of %s: %w", name, err)
	}
	return agent.JobText{Name: name, JSON: string(text), HCL: written}, nil
}

// asBuilt is a job as it was given to Nomad, which adds each of its defaults and some
// constraints: four lines of five that nobody wrote. Where the same cannot be built any
// more (the job carries the sum of what was built), it is what Nomad has.
func (s *Service) asBuilt(ctx context.Context, i *Intent, entry *catalog.App, has *nomad.Job) *nomad.Job {
	a := asked{intent: i, entry: entry, file: overrideFile}
	if err := s.prepare(ctx, &a); err != nil {
		return has
	}
	revision, err := strconv.ParseUint(has.Meta[jobs.MetaSecrets], 10, 64)
	if err == nil {
		a.in.Intent.SecretsRevision = revision
	}
	home := ""
	for _, c := range has.Constraints {
		if c.LTarget == attrNode {
			home = c.RTarget
		}
	}
	if err := s.build(&a, home); err != nil || a.job.Meta[jobs.MetaHash] != has.Meta[jobs.MetaHash] {
		return has
	}
	a.job.SetMeta(metaIntent, has.Meta[metaIntent])
	return a.job
}
