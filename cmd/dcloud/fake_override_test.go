package main

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

func (f *fakeCloud) PlanApp(_ context.Context, name string, _ agent.PlanRequest) (agent.Plan, error) {
	a, err := f.app(name)
	plan := agent.Plan{Name: name, Entry: a.Entry, Version: a.Version}
	if name == "reader" {
		plan.Changes = []string{"web: memory 128 → 256"}
	}
	return plan, err
}

func (f *fakeCloud) Override(_ context.Context, name string) (agent.Override, error) {
	_, err := f.app(name)
	return agent.Override{Name: name}, err
}

func (f *fakeCloud) SetOverride(_ context.Context, name string, _ agent.OverrideChange) (agent.Operation, error) {
	_, err := f.app(name)
	return agent.Operation{App: name}, err
}
