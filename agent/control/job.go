package control

import (
	"context"
	"encoding/json"
	"fmt"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs/export"
)

// Job is an app's job as Nomad has it, in the form in which Nomad's API takes one, and in
// Nomad's own language.
// Secrets are references in it: the tasks' own templates fetch them.
func (s *Service) Job(ctx context.Context, name string) (_ agent.JobText, err error) {
	defer s.tell(&err)
	if _, _, err := s.installed(ctx, name); err != nil {
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
	written, err := export.Job(job)
	if err != nil {
		return agent.JobText{}, fmt.Errorf("write down the job of %s: %w", name, err)
	}
	return agent.JobText{Name: name, JSON: string(text), HCL: written}, nil
}
