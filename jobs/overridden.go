package jobs

import (
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/hashicorp/nomad/api"
)

// overridden is a generated job with the input's override applied. What is wrong with
// that is override.Problems.
func overridden(in Input, job *api.Job) (*api.Job, error) {
	if in.Override == nil {
		return job, nil
	}
	job, _, problems := in.Override.Apply(job, in.Allow)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			label(in.Intent.Name, t)
		}
	}
	return job, nil
}

// label marks the container of a task that an override added, so that its logs and what
// it uses are found as those of the others are.
func label(app string, t *api.Task) {
	if t.Driver != "docker" {
		return
	}
	own := map[string]any{LabelApp: app, LabelService: t.Name}
	if t.Config == nil {
		t.Config = map[string]any{}
	}
	switch labels := t.Config["labels"].(type) { // a list of maps to Docker's driver, all of which count
	case []map[string]any:
		for _, l := range labels {
			if l[LabelApp] == app && l[LabelService] == t.Name {
				return
			}
		}
		t.Config["labels"] = append(labels[:len(labels):len(labels)], own)
	case []any: // as what was read from JSON is
		t.Config["labels"] = append(labels[:len(labels):len(labels)], any(own))
	case map[string]any:
		t.Config["labels"] = []map[string]any{labels, own}
	default:
		t.Config["labels"] = []map[string]any{own}
	}
}

// OverrideRisks are what the input's job holds only because privileges are allowed, and
// what is to be said of its override beside: removals that find nothing.
func OverrideRisks(in Input) ([]override.Risk, override.Problems, error) {
	if in.Override == nil {
		return nil, nil, nil
	}
	plain := in
	plain.Override = nil
	job, err := Build(plain)
	if err != nil {
		return nil, nil, err
	}
	_, risks, problems := in.Override.Apply(job, in.Allow)
	return risks, problems, nil
}
