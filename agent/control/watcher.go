package control

import (
	"maps"
	"slices"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// watcher turns task events into progress, each told once.
type watcher struct {
	p        *progress
	pulls    *pulls // nil where nobody asks Docker how far they are
	services map[string]bool
	early    map[string][]string // tasks whose first ends mean nothing, with those that they may need
	copies   int                 // that the job has
	told     map[string]int64    // allocation and task: the time of the last event that was told; Nomad keeps but ten
	since    int64               // nanoseconds; what was before is not this operation's
	base     map[string]uint64
}

// newWatcher watches an operation that began at a time.
func newWatcher(job *nomad.Job, since time.Time, p *progress) *watcher {
	return &watcher{p: p, services: serviceTasks(job), early: early(job), copies: countOf(job), told: map[string]int64{}, since: since.UnixNano(), base: map[string]uint64{}}
}

// restarts counts those during the operation. An allocation that is older than it
// may have had its share in months.
func (w *watcher) restarts(alloc *nomad.AllocationListStub, task string, now uint64) uint64 {
	key := alloc.ID + task
	if _, known := w.base[key]; !known && alloc.CreateTime >= w.since {
		return now
	} else if !known {
		w.base[key] = now
	}
	return now - min(now, w.base[key])
}

// look tells what is new of an allocation, and fails when it cannot come up.
func (w *watcher) look(alloc *nomad.AllocationListStub) (news bool, err error) {
	for _, task := range slices.Sorted(maps.Keys(alloc.TaskStates)) {
		state := alloc.TaskStates[task]
		events := state.Events
		for _, e := range events {
			if e.Time <= max(w.told[alloc.ID+task], w.since) {
				continue
			}
			news, w.told[alloc.ID+task] = true, e.Time
			if err := w.tell(alloc.NodeName, task, w.name(alloc, task), e); err != nil {
				return news, err
			}
		}
		if limit := w.limit(alloc, task); w.restarts(alloc, task, state.Restarts) >= limit {
			return news, failed(agent.Errorf(agent.CodeFailed, "%s ended again and again right after its start: %s", w.name(alloc, task), lastEnd(events)).
				WithHint("its last lines say more; is every setting right? dcloud app show ENTRY lists them"))
		}
	}
	if alloc.ClientStatus == nomad.AllocClientStatusFailed {
		return news, failed(agent.Errorf(agent.CodeFailed, "it failed: %s", lastWord(alloc)))
	}
	return news, nil
}

// name is a task's name, and where it runs if there are several of it.
func (w *watcher) name(alloc *nomad.AllocationListStub, task string) string {
	if w.copies > 1 {
		return task + " on " + alloc.NodeName
	}
	return task
}

func (w *watcher) tell(node, task, name string, e *nomad.TaskEvent) error {
	switch e.Type {
	case nomad.TaskDriverMessage:
		if strings.HasPrefix(e.DisplayMessage, "Downloading image") { // Nomad's Docker driver, at each pull
			w.pulls.begin(node, task)
		}
		w.tellDriver(name, e.DisplayMessage)
	case nomad.TaskStarted:
		w.pulls.done(node, task)
		if w.services[task] {
			w.p.start(agent.StageStart, "starting")
			w.p.update(agent.StageStart, name+" started", percentAt[agent.StageStart])
		}
	case nomad.TaskTerminated:
		if w.services[task] {
			w.p.update(agent.StageStart, name+" ended: "+e.DisplayMessage, percentAt[agent.StageStart])
		}
	case nomad.TaskDriverFailure, nomad.TaskSetupFailure:
		return driverFailure(name, e)
	}
	return nil
}

// driverFailure tells failures that will not pass by themselves. The words are
// Docker's, through Nomad's event.
func driverFailure(task string, e *nomad.TaskEvent) error {
	text := e.DisplayMessage
	if text == "" {
		text = e.Details["driver_error"]
	}
	low := strings.ToLower(text)
	if strings.Contains(low, "pull") {
		return failed(agent.Errorf(agent.CodeFailed, "the image of %s cannot be fetched: %s", task, clip(text, 300)).
			WithHint("check the image's name and this machine's connection; where no registry can be reached, build it with: make images"))
	}
	return failed(agent.Errorf(agent.CodeFailed, "%s cannot be started: %s", task, clip(text, 300)))
}

func lastEnd(events []*nomad.TaskEvent) string {
	for n := len(events) - 1; n >= 0; n-- {
		if events[n].Type == nomad.TaskTerminated {
			return events[n].DisplayMessage
		}
	}
	return "no reason given"
}

// lastWord is the latest event of an allocation that says what went wrong.
func lastWord(alloc *nomad.AllocationListStub) string {
	word, at := "no reason given", int64(0)
	for _, task := range slices.Sorted(maps.Keys(alloc.TaskStates)) {
		for _, e := range alloc.TaskStates[task].Events {
			bad := e.Type == nomad.TaskTerminated || e.Type == nomad.TaskDriverFailure || e.Type == nomad.TaskSetupFailure || e.Type == nomad.TaskNotRestarting
			if bad && e.Time > at {
				word, at = task+": "+e.DisplayMessage, e.Time
			}
		}
	}
	return word
}

// running tells whether every task that should stay up does.
func (w *watcher) running(alloc *nomad.AllocationListStub) bool {
	if alloc.ClientStatus == nomad.AllocClientStatusUnknown {
		return false // its machine is away: this is what it told last
	}
	up := 0
	for task, state := range alloc.TaskStates {
		if w.services[task] {
			if state.State != "running" {
				return false
			}
			up++
		}
	}
	return up == len(w.services)
}
