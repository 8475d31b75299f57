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
	changed, _, problems := in.Override.Apply(job, in.Allow)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	before := map[string]*api.Resources{}
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			before[*g.Name+"/"+t.Name] = t.Resources
		}
	}
	for _, g := range changed.TaskGroups {
		for _, t := range g.Tasks {
			label(in.Intent.Name, t)
			headroom(before[*g.Name+"/"+t.Name], t.Resources)
		}
	}
	return changed, nil
}

// headroom raises the most memory that a task may use along with what is reserved for
// it, where the override names only that: Nomad takes no limit below the reservation,
// and who gives an app more memory has no reason to know that there is a second number.
func headroom(was, is *api.Resources) {
	if was == nil || is == nil || was.MemoryMB == nil || was.MemoryMaxMB == nil || is.MemoryMB == nil || is.MemoryMaxMB == nil {
		return
	}
	if *is.MemoryMaxMB == *was.MemoryMaxMB && *is.MemoryMB > *is.MemoryMaxMB {
		is.MemoryMaxMB = ptr(*is.MemoryMB + *was.MemoryMaxMB - *was.MemoryMB)
	}
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
