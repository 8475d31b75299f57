package live

import (
	"fmt"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func told(evs ...agent.Event) ops {
	o := newOps()
	for _, ev := range evs {
		o.take(ev)
	}
	return o
}

func names(op Op) (list []string) {
	for _, s := range op.Stages {
		list = append(list, s.Name+" "+s.State)
	}
	return list
}

func TestAnOperationIsTheListOfItsStagesInTheOrderInWhichTheyCame(t *testing.T) {
	o := told(
		step(1, "op", "news", agent.StageCheck, agent.EventStarted),
		step(2, "op", "news", agent.StageCheck, agent.EventDone),
		step(3, "op", "news", agent.StagePull, agent.EventStarted),
		step(4, "op", "news", agent.StagePull, agent.EventProgress),
		agent.Event{ID: 5, Op: "op", App: "news", Stage: agent.StagePull, State: agent.EventProgress, Time: start.Add(5 * time.Second)})
	op := o.by["news"]
	if got := fmt.Sprint(names(op)); got != "[check done pull progress]" || !op.Began.Equal(start.Add(time.Second)) || op.Last.ID != 5 {
		t.Errorf("it is %s since %v", got, op.Began)
	}
	if op.Stages[1].Message != "pull progress" || !op.Stages[1].Began.Equal(start.Add(3*time.Second)) {
		t.Errorf("the stage under way is %+v", op.Stages[1])
	}
}

func TestAnOperationOnAMachineIsUnderItsName(t *testing.T) {
	o := told(agent.Event{ID: 1, Op: "op", Node: "pi", Stage: agent.StageDrain, Time: start}, agent.Event{ID: 2, Op: "x"}, agent.Event{ID: 3, App: "a"})
	if len(o.by) != 1 || o.by["node:pi"].ID != "op" {
		t.Errorf("it has %+v", o.by)
	}
}

func TestTheNewestOperationStaysThoughEventsAreToldAgain(t *testing.T) {
	all := []agent.Event{
		step(1, "one", "news", agent.StagePull, agent.EventStarted),
		step(2, "two", "news", agent.StageStop, agent.EventStarted),
		step(3, "one", "news", agent.StagePull, agent.EventFailed),
		last(step(4, "two", "news", agent.StageStop, agent.EventDone)),
	}
	o := told(all...)
	for range 2 {
		if op := o.by["news"]; op.ID != "two" || !op.Last.Final || len(op.Stages) != 1 {
			t.Errorf("it is %+v", op)
		}
		for _, ev := range all {
			if o.take(ev) {
				t.Errorf("event %d changed something the second time", ev.ID)
			}
		}
	}
}

func TestOldOperationsAreForgotten(t *testing.T) {
	here := &State{Apps: []agent.App{{Name: "news", State: agent.StateRunning}}, Nodes: []agent.Node{{Name: "pi"}}}
	done := last(step(0, "op", "news", agent.StageRouted, agent.EventDone))
	failed := last(step(0, "op", "gone", agent.StagePull, agent.EventFailed))
	removed := last(step(0, "op", "gone", agent.StageRemove, agent.EventDone))
	silent := step(0, "op", "gone", agent.StagePull, agent.EventProgress)
	for _, c := range []struct {
		what  string
		ev    agent.Event
		after time.Duration
		known bool
		stays bool
	}{
		{"one that is done", done, 9 * time.Minute, true, true},
		{"one that was done long ago", done, 10 * time.Minute, true, false},
		{"one whose app is gone", removed, 0, true, false},
		{"one whose app may be there", removed, 0, false, true},
		{"a failed install", failed, 9 * time.Minute, true, true},
		{"one of an app that is not there yet", silent, 59 * time.Minute, true, true},
		{"one that nobody works on", silent, time.Hour, true, false},
	} {
		o := told(c.ev)
		o.prune(start.Add(c.after), here, c.known)
		if stays := len(o.by) == 1; stays != c.stays {
			t.Errorf("%s: %t after %v", c.what, stays, c.after)
		}
	}
}

func TestAnOperationThatTheAgentForgotIsNotShownForever(t *testing.T) {
	under := step(1, "op", "news", agent.StageStart, agent.EventProgress)
	state := func(s string) *State { return &State{Apps: []agent.App{{Name: "news", State: s}}} }
	o := told(under)
	o.doubtful["op"] = start
	if o.prune(start.Add(keepDoubtful-1), state(agent.StateRunning), true); len(o.by) != 1 {
		t.Error("the agent had no time to tell of it")
	}
	if o.prune(start.Add(keepDoubtful), state(agent.StateInstalling), true); len(o.by) != 1 {
		t.Error("it is worked on")
	}
	if o.prune(start.Add(3*keepDoubtful), state(agent.StateRunning), true); len(o.by) != 0 {
		t.Error("nobody works on it any more")
	}
	o = told(under)
	o.doubtful["op"] = start
	o.take(under)
	if o.prune(start.Add(time.Minute), state(agent.StateRunning), true); len(o.by) != 1 {
		t.Error("the agent has told of it again")
	}
}

func TestWhatIsRememberedIsBoundedWhateverTheSourceSays(t *testing.T) {
	o := newOps()
	for id := uint64(1); id <= 3000; id++ {
		ev := step(id, fmt.Sprint("op", id), fmt.Sprint("app", id%500), fmt.Sprint("stage", id), agent.EventProgress)
		ev.Final = id%2 == 0
		o.take(ev)
		o.take(step(id, "long", "long", fmt.Sprint("stage", id), agent.EventProgress))
	}
	if len(o.by) > maxOps || len(o.past) > maxPast || len(o.order) > maxPast || len(o.by["long"].Stages) > maxStages {
		t.Errorf("%d operations, %d past ones, %d stages", len(o.by), len(o.past), len(o.by["long"].Stages))
	}
	if o.by["long"].Last.ID != 3000 {
		t.Errorf("one under way was dropped, or does not go on: %+v", o.by["long"].Last)
	}
}
