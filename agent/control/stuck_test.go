package control

import (
	"testing"

	nomad "github.com/hashicorp/nomad/api"
)

func TestOnlyAnAllocationOfWhichNoTaskGotAnyFurtherIsStuck(t *testing.T) {
	task := func(types ...string) *nomad.TaskState {
		s := &nomad.TaskState{State: "running"}
		for _, kind := range types {
			s.Events = append(s.Events, &nomad.TaskEvent{Type: kind})
		}
		return s
	}
	for name, c := range map[string]struct {
		desired, client string
		tasks           map[string]*nomad.TaskState
		stuck           bool
	}{
		"received again after it ran": {"run", "running", map[string]*nomad.TaskState{"web": task(nomad.TaskStarted, nomad.TaskReceived)}, true},
		"waits for the one before":    {"run", "pending", map[string]*nomad.TaskState{"web": task(nomad.TaskReceived)}, false},
		"starting":                    {"run", "pending", map[string]*nomad.TaskState{"web": task(nomad.TaskReceived, nomad.TaskSetup)}, false},
		"one waits for the other":     {"run", "running", map[string]*nomad.TaskState{"web": task(nomad.TaskReceived), "db": task(nomad.TaskReceived, nomad.TaskStarted)}, false},
		"is to stop":                  {"stop", "running", map[string]*nomad.TaskState{"web": task(nomad.TaskReceived)}, false},
		"its machine is away":         {"run", "unknown", map[string]*nomad.TaskState{"web": task(nomad.TaskReceived)}, false},
		"nothing is known yet":        {"run", "pending", nil, false},
	} {
		a := &nomad.AllocationListStub{DesiredStatus: c.desired, ClientStatus: c.client, TaskStates: c.tasks}
		if got := stuck(a); got != c.stuck {
			t.Errorf("%s: stuck is %v", name, got)
		}
	}
}
