package main

import (
	"context"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// overridden are the overrides of a fake cloud, by app.
type overridden struct{ texts map[string]agent.Override }

// check finds in an override what an example of a mistake needs: a line with weB in it,
// and host networking without leave.
func (o *overridden) check(name string, c agent.OverrideChange) error {
	refused := func(line, column int, message, hint string) error {
		return agent.Errorf(agent.CodeInvalid, "the override of %s cannot be used: line %d: %s", name, line, message).
			WithHint("correct it with: dcloud app override set %s -f FILE", name).
			WithProblems([]agent.Problem{{File: c.File, Line: line, Column: column, Message: message, Hint: hint}})
	}
	for k, line := range strings.Split(c.Text, "\n") {
		if at := strings.Index(line, "weB"); at >= 0 {
			return refused(k+1, at+1, "there is no task weB\x1b[2J", "did you mean web?")
		}
		if at := strings.Index(line, "network_mode"); at >= 0 && !c.AllowPrivileged {
			return refused(k+1, at+1, "host networking breaks out of the container", "say so with --allow-privileged")
		}
	}
	return nil
}

func (f *fakeCloud) PlanApp(_ context.Context, name string, req agent.PlanRequest) (agent.Plan, error) {
	a, err := f.app(name)
	plan := agent.Plan{Name: name, Entry: a.Entry, Version: a.Version, Node: "attic", Verdict: agent.Verdict{Do: agent.VerdictNothing}}
	if name == "reader" {
		plan.Changes = []string{"it would be restarted with other settings"}
		plan.Verdict.Do = agent.VerdictRestart
	}
	switch {
	case err != nil:
		return plan, err
	case req.Version != "" && req.Version != a.Version:
		return plan, agent.Errorf(agent.CodeNotFound, "there is no version %s of %s here", req.Version, a.Entry).WithHint("it has %s", a.Version)
	case req.Settings["polling_minutes"] != "":
		plan.Diff = append(plan.Diff, agent.Change{Address: "group.hello.task.web.env.POLLING", Op: agent.DiffChanged, Old: `"60"`, New: `"` + req.Settings["polling_minutes"] + `"`})
		plan.Verdict.Do = agent.VerdictRestart
	}
	if o := req.Override; o != nil {
		if err := f.overrides.check(name, *o); err != nil {
			return plan, err
		}
		plan.Diff = append(plan.Diff,
			agent.Change{Address: "group.hello.task.web.env.LONG", Op: agent.DiffAdded, New: `"` + strings.Repeat("x", 200) + `"`},
			agent.Change{Address: `group.hello.task.web.template["local/a"].data`, Op: agent.DiffChanged, Old: "one\ntwo\x1b[2J", New: "one\nthree"},
			agent.Change{Address: "group.hello.task.web.env.PASSWORD", Op: agent.DiffChanged, Old: "(hidden)", New: "(hidden)"},
			agent.Change{Address: "group.hello.task.side.driver", Op: agent.DiffRemoved, Old: `"docker"`})
		plan.Verdict.Do = agent.VerdictRestart
		if strings.Contains(o.Text, "memory") {
			plan.Verdict = agent.Verdict{Do: agent.VerdictBlocked, Why: []string{"attic: 300 MB of memory short"}}
		}
		if o.AllowPrivileged {
			plan.Warnings = []string{"web uses the network of its machine"}
		}
	}
	return plan, nil
}

func (f *fakeCloud) Override(_ context.Context, name string) (agent.Override, error) {
	_, err := f.app(name)
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.overrides.texts[name]
	o.Name = name
	return o, err
}

func (f *fakeCloud) SetOverride(_ context.Context, name string, c agent.OverrideChange) (agent.Operation, error) {
	a, err := f.app(name)
	if err != nil {
		return agent.Operation{}, err
	}
	if err := f.overrides.check(name, c); err != nil {
		return agent.Operation{}, err
	}
	o := agent.Override{Text: c.Text, Privileged: c.AllowPrivileged, Updated: time.Date(2026, 5, 1, 12, 0, 0, 0, time.Local), Actor: "ada"}
	if c.AllowPrivileged {
		o.Risks = []string{"web uses the network of its machine"}
	}
	if strings.Contains(c.Text, "later") {
		o.Problems = []agent.Problem{{File: "override.hcl", Line: 2, Column: 3, Message: "there is no task web any more"}}
	}
	a.Override, a.Risks = c.Text != "", o.Risks
	f.mu.Lock()
	f.apps[name] = a
	if f.overrides.texts == nil {
		f.overrides.texts = map[string]agent.Override{}
	}
	f.overrides.texts[name] = o
	f.mu.Unlock()
	if strings.Contains(c.Text, "crash") {
		return f.operate(name, agent.Event{Stage: agent.StageHealthy, State: agent.EventFailed,
			Error: agent.Errorf(agent.CodeFailed, "web ended with exit code 1").WithHint("the override from before is in force again")}), nil
	}
	return f.change(name, agent.StageHealthy)
}

func (f *fakeCloud) Job(_ context.Context, name string) (agent.JobText, error) {
	_, err := f.app(name)
	return agent.JobText{Name: name, JSON: "{}", HCL: "job \"" + name + "\" {\n}\n"}, err
}
