package control

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// bench is a service with nothing but an events broker.
func bench() *Service {
	return &Service{Deps: Deps{Now: func() time.Time { return noon }}, events: newBroker(func() time.Time { return noon })}
}

func watched(services ...string) (*watcher, *Service) {
	s := bench()
	group := &nomad.TaskGroup{}
	for _, name := range services {
		group.Tasks = append(group.Tasks, &nomad.Task{Name: name})
	}
	group.Tasks = append(group.Tasks, &nomad.Task{Name: "wait", Lifecycle: &nomad.TaskLifecycle{Hook: "prestart"}})
	return newWatcher(&nomad.Job{TaskGroups: []*nomad.TaskGroup{group}}, noon, &progress{s: s, op: "o", app: "a"}), s
}

func allocOfTask(created time.Time, task string, state *nomad.TaskState) *nomad.AllocationListStub {
	return &nomad.AllocationListStub{CreateTime: created.UnixNano(), ClientStatus: nomad.AllocClientStatusRunning, TaskStates: map[string]*nomad.TaskState{task: state}}
}

func at(seconds int) int64 { return noon.Add(time.Duration(seconds) * time.Second).UnixNano() }

func messages(s *Service) []string {
	events, _, _ := s.events.after("", 0)
	var out []string
	for _, e := range events {
		out = append(out, e.Stage+": "+e.Message)
	}
	return out
}

func TestWhatHappensToAnAppIsToldOnce(t *testing.T) {
	w, s := watched("web")
	alloc := allocOfTask(noon.Add(time.Second), "web", &nomad.TaskState{State: "running", Events: []*nomad.TaskEvent{
		{Type: nomad.TaskDriverMessage, Time: at(2), DisplayMessage: "Docker image pull progress: Pulled 1/2 (50MiB/100MiB) layers: 0 waiting/1 pulling - est 3.5s remaining"},
		{Type: nomad.TaskStarted, Time: at(3)},
	}})
	for n, want := range []bool{true, false} {
		news, err := w.look(alloc)
		if err != nil || news != want {
			t.Errorf("look %d: news %v, %v", n+1, news, err)
		}
	}
	got := strings.Join(messages(s), "\n")
	if want := "pull: web: downloading, 52 of 105 MB, about 4 s left\nstart: starting\nstart: web started"; got != want {
		t.Errorf("told:\n%s\nwant:\n%s", got, want)
	}
}

func TestWhatWasBeforeAnOperationDoesNotFailIt(t *testing.T) {
	w, s := watched("web")
	state := &nomad.TaskState{State: "running", Restarts: 9, Events: []*nomad.TaskEvent{{Type: nomad.TaskDriverFailure, Time: at(-10), DisplayMessage: "failed to pull"}}}
	alloc := allocOfTask(noon.Add(-time.Hour), "web", state)
	if news, err := w.look(alloc); news || err != nil {
		t.Errorf("news %v, %v", news, err)
	}
	if told := messages(s); len(told) > 0 {
		t.Errorf("told %q", told)
	}
	state.Restarts += crashes
	if _, err := w.look(alloc); err == nil {
		t.Error("that it crashes now is not noticed")
	}
}

func TestAnAppThatCrashesAgainAndAgainIsGivenUp(t *testing.T) {
	w, _ := watched("web")
	_, err := w.look(allocOfTask(noon.Add(time.Second), "web", &nomad.TaskState{Restarts: crashes, Events: []*nomad.TaskEvent{
		{Type: nomad.TaskTerminated, Time: at(2), DisplayMessage: "Exit Code: 1"}}}))
	var own *appError
	if !errors.As(err, &own) || !strings.Contains(err.Error(), "web ended again and again") || !strings.Contains(err.Error(), "Exit Code: 1") {
		t.Errorf("%v", err)
	}
}

func TestATaskThatMayBeEarlyIsGivenTime(t *testing.T) {
	w, _ := watched("migrate")
	w.early = map[string][]string{"migrate": {"db"}}
	state := &nomad.TaskState{State: "pending", Events: []*nomad.TaskEvent{{Type: nomad.TaskTerminated, Time: at(2), DisplayMessage: "Exit Code: 1"}}}
	db := &nomad.TaskState{State: "pending"}
	alloc := allocOfTask(noon.Add(time.Second), "migrate", state)
	alloc.TaskStates["db"] = db
	for _, c := range []struct {
		what     string
		restarts uint64
		db       time.Time
		given    bool // up
	}{
		{"while the image of its database is fetched", 100, time.Time{}, false},
		{"while the database makes its files", 100 + earlyCrashes - 1, noon, false},
		{"for ever", 100 + earlyCrashes, noon, true},
	} {
		state.Restarts, db.StartedAt = c.restarts, c.db
		if _, err := w.look(alloc); (err != nil) != c.given {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestAnEarlyTaskMayNeedWhatStaysAndStartsNoLater(t *testing.T) {
	eager := &nomad.RestartPolicy{Attempts: new(int)}
	*eager.Attempts = 9
	first, once := &nomad.TaskLifecycle{Hook: "prestart", Sidecar: true}, &nomad.TaskLifecycle{Hook: "prestart"}
	got := early(&nomad.Job{TaskGroups: []*nomad.TaskGroup{{Tasks: []*nomad.Task{
		{Name: "web", RestartPolicy: eager}, {Name: "api"}, {Name: "migrate", Lifecycle: once, RestartPolicy: eager}, {Name: "db", Lifecycle: first}, {Name: "wait", Lifecycle: once}}}}})
	if fmt.Sprint(got) != "map[migrate:[db] web:[api db]]" {
		t.Error(got)
	}
}

func TestAnAllocationRunsOnceAllItsServicesDo(t *testing.T) {
	w, _ := watched("web", "db")
	states := map[string]*nomad.TaskState{"web": {State: "running"}, "wait": {State: "dead"}}
	alloc := &nomad.AllocationListStub{TaskStates: states}
	if w.running(alloc) {
		t.Error("a task is missing")
	}
	states["db"] = &nomad.TaskState{State: "pending"}
	if w.running(alloc) {
		t.Error("a task is pending")
	}
	states["db"].State = "running"
	if !w.running(alloc) {
		t.Error("all run")
	}
}

func TestADriversFailureSaysWhatToDo(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for _, c := range []struct{ event, message, hint string }{
		{"Failed to pull `docker.io/a/b:1`: no such host", "the image of web cannot be fetched", "make images"},
		{"failed to create container: no such device", "web cannot be started", ""},
		{long, "web cannot be started", ""},
	} {
		var told *agent.Error
		err := driverFailure("web", &nomad.TaskEvent{Details: map[string]string{"driver_error": c.event}})
		if !errors.As(err, &told) || !strings.HasPrefix(told.Message, c.message) || !strings.Contains(told.Hint, c.hint) || len(told.Message) > 500 {
			t.Errorf("%.60s: %v", c.event, err)
		}
	}
}

func TestWhyNoMachineTakesAnAppIsSaidInWords(t *testing.T) {
	for want, m := range map[string]*nomad.AllocationMetric{
		"not enough memory":                         {NodesEvaluated: 1, DimensionExhausted: map[string]int{"memory": 1}},
		"no machine of the right kind of processor": {NodesEvaluated: 1, ConstraintFiltered: map[string]int{"${attr.cpu.arch} set_contains_any arm64": 1}},
		"its data is on a machine that is away":     {NodesEvaluated: 1, ConstraintFiltered: map[string]int{"missing compatible host volumes": 1}},
		"no machine is ready":                       {},
		"no machine takes it":                       {NodesEvaluated: 1},
	} {
		if got := misplaced(map[string]*nomad.AllocationMetric{"g": m}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAnOperationTellsNothingAfterItsEnd(t *testing.T) {
	s := bench()
	p := &progress{s: s, op: "o", app: "a", echo: true}
	p.start(agent.StageStop, "stopping")
	p.start(agent.StageStop, "stopping")
	p.finish(agent.StageStop, "stopped", "")
	p.fail(agent.StageStop, agent.Errorf(agent.CodeConflict, "interrupted"), nil)
	p.update(agent.StageStart, "late", 1)
	if got := fmt.Sprint(messages(s)); got != "[stop: stopping stop: stopped]" {
		t.Error(got)
	}
}

func TestACheckBelongsToTheTaskWithTheLongestName(t *testing.T) {
	id := "11111111-2222-3333-4444-555555555555"
	alloc := &nomad.AllocationListStub{ID: id, TaskStates: map[string]*nomad.TaskState{"web": {}, "web-admin": {}}}
	for suffix, want := range map[string]string{"web-notes-http": "web", "web-admin-notes-http": "web-admin", "db-x-y": "", "webby-x": ""} {
		if got := taskOf("_nomad-task-"+id+"-"+suffix, alloc); got != want {
			t.Errorf("%s: %q, want %q", suffix, got, want)
		}
	}
	if allocOf("_nomad-task-"+id+"-web") != id || allocOf("_nomad-task-short") != "" || allocOf("") != "" {
		t.Error("allocOf")
	}
}
