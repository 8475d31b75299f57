package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// overrideDetail adds what an override has to do with an app: what it asks for beyond a
// container, what stands against it, and the tasks that it added.
func (s *Service) overrideDetail(ctx context.Context, i *Intent, entry *catalog.App, d *agent.AppDetail) {
	if i.Override == nil {
		return
	}
	d.Override = true
	in, err := s.input(i, entry)
	if err == nil {
		var problems []agent.Problem
		d.Risks, problems, err = s.reviewed(ctx, i, in)
		if conflict := conflictWords(problems); conflict != "" {
			d.Risks = append(d.Risks, conflict)
		}
	}
	if err != nil { // an engine is away: the rest of what is known is still worth telling
		s.Log.Debug("an override cannot be looked at now", "app", i.Name, "err", err)
	}
	s.view.read(func() {
		for _, alloc := range running(s.view.allocs[i.Name], 0) {
			for _, name := range addedTasks(alloc, entry) {
				d.Services = append(d.Services, serviceState(catalog.Service{Name: name}, alloc, s.view.checks[alloc.ID]))
			}
		}
	})
	if job, err := s.job(ctx, i.Name); err == nil && job != nil {
		for k := range d.Services {
			if image := imageIn(job, d.Services[k].Name); image != "" {
				d.Services[k].Image = image
			}
		}
	}
}

// conflictWords tell of an override that does not fit (any more), "" of one that does.
func conflictWords(problems []agent.Problem) string {
	for _, p := range problems {
		switch {
		case strings.HasPrefix(p.Message, warned):
		case p.Line > 0:
			return fmt.Sprintf("its override does not fit, in line %d: %s; it runs on as it did", p.Line, p.Message)
		default:
			return "its override does not fit: " + p.Message + "; it runs on as it did"
		}
	}
	return ""
}

// addedTasks are the tasks of an allocation that no service of the entry stands for.
func addedTasks(alloc *nomad.AllocationListStub, entry *catalog.App) []string {
	var out []string
	for name := range alloc.TaskStates {
		if name != jobs.WaitTask && entry.Service(name) == nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// imageIn is the image of a task, "" if it has none.
func imageIn(job *nomad.Job, task string) string {
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			if t.Name == task {
				image, _ := t.Config["image"].(string)
				return image
			}
		}
	}
	return ""
}

// hasService tells whether an app has a service of a name, also one that its override
// added and that runs.
func (s *Service) hasService(app string, entry *catalog.App, name string) bool {
	if entry.Service(name) != nil {
		return true
	}
	found := false
	s.view.read(func() {
		for _, alloc := range running(s.view.allocs[app], 0) {
			found = found || slices.Contains(addedTasks(alloc, entry), name)
		}
	})
	return found
}
