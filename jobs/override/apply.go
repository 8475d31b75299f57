package override

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// Apply merges the override onto a generated job. The result is a new job; the
// input is never changed. With any problem worse than a warning (Problems.Err) the
// result is the input, as it was, and there are no risks. Risks are what is in the
// result only because of allow.Privileged. No override (nil) gives the input.
func (o *Override) Apply(job *api.Job, allow Allow) (*api.Job, []Risk, Problems) {
	if o == nil {
		return job, nil, nil
	}
	m := &merger{job: clone(job), places: map[string]place{}, created: map[string]bool{}}
	joinPorts(m.job)
	var problems Problems
	var whole place
	for _, l := range o.layers {
		whole = place{file: l.written.file}
		problems = append(problems, l.problems...)
		if name := l.written.Job(); l.written.job != nil && name != deref(job.ID) {
			at := placeOf(l.written.job.LabelRanges[0])
			return job, nil, append(problems, at.problem(fmt.Sprintf("write job %q {", deref(job.ID)), "the override is for %q, and the app is %s", name, deref(job.ID))).tidy()
		}
		for _, r := range l.written.removals {
			if p := m.remove(r); p != nil {
				problems = append(problems, *p)
			}
		}
		for _, w := range l.writes {
			m.write(w)
		}
		fillDefaults(m)
	}
	splitPorts(m.job)
	if ps := incomplete(m, job); len(ps) > 0 {
		return job, nil, append(problems, ps...).tidy() // what is wrong with the rest follows from it
	}
	c := &checker{allow: allow, base: job, job: m.job, places: m.places, whole: whole}
	c.check()
	problems = append(problems, c.problems...).tidy()
	if problems.Err() != nil {
		return job, nil, problems
	}
	slices.SortStableFunc(c.risks, func(a, b Risk) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return m.job, slices.Compact(c.risks), problems
}

// incomplete finds groups and tasks that the override names, that the job does not
// have, and that could not stand alone either: most likely their names are wrong.
func incomplete(m *merger, base *api.Job) Problems {
	var ps Problems
	if len(m.job.TaskGroups) == 0 {
		return nil // told by the rules: no group is removed
	}
	for _, g := range m.job.TaskGroups {
		name := deref(g.Name)
		group := "group" + Key(name)
		before := groupNamed(base, name)
		var bad []*api.Task
		for _, t := range g.Tasks {
			if m.created[group+".task"+Key(t.Name)] && (t.Driver == "" || len(t.Config) == 0) {
				bad = append(bad, t)
			}
		}
		switch at := m.places[group]; {
		case before == nil && len(bad) == len(g.Tasks):
			ps = append(ps, at.problem(firstOf(didYouMean(name, groupNames(base)), "a new group needs a task with its driver and config"), "there is no group %s", name))
			continue
		case len(g.Tasks) == 0:
			ps = append(ps, firstPlace(m, group).problem("remove the app instead: dcloud app remove "+deref(base.ID), "the group %s would have no task left", name))
		}
		for _, t := range bad {
			at := m.places[group+".task"+Key(t.Name)]
			ps = append(ps, at.problem(firstOf(didYouMean(t.Name, taskNames(before)), "a new task needs its driver and config"), "there is no task %s in group %s", t.Name, name))
		}
	}
	return ps
}

// firstPlace is the first place in the text that has to do with an address.
func firstPlace(m *merger, address string) place {
	var best place
	for a, at := range m.places {
		if strings.HasPrefix(a, address) && (best.line == 0 || at.line < best.line || at.line == best.line && at.column < best.column) {
			best = at
		}
	}
	return best
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func groupNames(job *api.Job) []string {
	var names []string
	for _, g := range job.TaskGroups {
		names = append(names, deref(g.Name))
	}
	return names
}

func taskNames(g *api.TaskGroup) []string {
	if g == nil {
		return nil
	}
	var names []string
	for _, t := range g.Tasks {
		names = append(names, t.Name)
	}
	return names
}
