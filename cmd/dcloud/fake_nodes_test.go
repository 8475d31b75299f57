package main

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

func (f *fakeCloud) NodeToken(_ context.Context, req agent.TokenRequest) (agent.Token, error) {
	if req.Role != "" && req.Role != "worker" && req.Role != "server" && req.Role != "ingress" {
		return agent.Token{}, agent.Errorf(agent.CodeInvalid, "%q is no role", req.Role)
	}
	return agent.Token{
		ID: "t1", Token: "dcloud1_abc", Command: "sudo dcloud node join dcloud1_abc", Role: req.Role, Uses: req.Uses,
		Expires: noon.Add(req.TTL), Addresses: append(req.Addresses, "192.0.2.7:51820"),
	}, nil
}

func (f *fakeCloud) NodePlan(_ context.Context, name string) (agent.NodePlan, error) {
	if name != "attic" && name != "cellar" {
		return agent.NodePlan{}, noMachine(name)
	}
	return agent.NodePlan{Name: name, Moves: []string{"hello"}, Stays: []agent.NodeStay{{App: "reader", Reason: "its data is on attic", Data: true}}}, nil
}

func (f *fakeCloud) Drain(_ context.Context, name string) (agent.Operation, error) {
	return f.onNode(name, agent.StageDrain)
}

func (f *fakeCloud) Undrain(_ context.Context, name string) (agent.Operation, error) {
	return f.onNode(name, agent.StageDrain)
}

func (f *fakeCloud) RemoveNode(_ context.Context, name string, how agent.NodeRemove) (agent.Operation, error) {
	f.called("RemoveNode")
	if !how.Abandon {
		return agent.Operation{}, agent.Errorf(agent.CodeConflict, "reader's data is on %s", name).
			WithHint("to give it up: dcloud node remove %s --abandon", name)
	}
	return f.onNode(name, agent.StageRemove)
}

// onNode is done at once on attic, and never on cellar.
func (f *fakeCloud) onNode(name, stage string) (agent.Operation, error) {
	switch name {
	case "attic":
	case "cellar":
		return agent.Operation{ID: "n2", Node: name}, nil
	default:
		return agent.Operation{}, noMachine(name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, agent.Event{ID: uint64(len(f.events) + 1), Op: "n1", Node: name, Stage: stage, State: agent.EventDone, Message: "done", Percent: 100, Time: noon, Final: true})
	return agent.Operation{ID: "n1", Node: name}, nil
}

func noMachine(name string) error {
	return agent.Errorf(agent.CodeNotFound, "there is no machine called %q", name).WithHint("see which there are: dcloud node list")
}
