package control

import (
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/jobs"
)

// earlyCrashes is how often a task may end that starts beside what it needs (jobs.Eager),
// counted from when all of that has been started: some three minutes, in which a
// database on a slow card makes its files.
const earlyCrashes = 30

// early are the tasks of a job that may start before what they need, each with those
// that it may need: all that stay and start in the same step, or before it.
func early(job *nomad.Job) map[string][]string {
	out := map[string][]string{}
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			if !jobs.Eager(t) {
				continue
			}
			out[t.Name] = []string{}
			for _, other := range g.Tasks {
				stays := other.Lifecycle == nil || other.Lifecycle.Sidecar
				if other.Name != t.Name && stays && (t.Lifecycle == nil || other.Lifecycle != nil) {
					out[t.Name] = append(out[t.Name], other.Name)
				}
			}
		}
	}
	return out
}

// limit is how often a task may have ended by itself before an operation is given up.
// Of one that may be early, what it did while an image of what it needs was still
// fetched does not count.
func (w *watcher) limit(alloc *nomad.AllocationListStub, task string) uint64 {
	needs, may := w.early[task]
	if !may {
		return crashes
	}
	for _, name := range needs {
		if t := alloc.TaskStates[name]; t == nil || t.StartedAt.IsZero() {
			w.base[alloc.ID+task] = alloc.TaskStates[task].Restarts
		}
	}
	return earlyCrashes
}
