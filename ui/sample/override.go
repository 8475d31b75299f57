package sample

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// PlanApp says what would happen to an app: nothing, unless something is to be changed.
func (c *Cloud) PlanApp(ctx context.Context, name string, req agent.PlanRequest) (agent.Plan, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "PlanApp"); err != nil {
		return agent.Plan{}, err
	}
	a, err := c.app(name)
	if err != nil {
		return agent.Plan{}, err
	}
	p := agent.Plan{Name: name, Entry: a.Entry, Version: a.Version, URL: a.URL, Node: a.Node, Memory: a.entry.Memory, Images: a.entry.Images,
		Verdict: agent.Verdict{Do: agent.VerdictNothing, Node: a.Node}}
	for _, setting := range slices.Sorted(maps.Keys(req.Settings)) {
		if value := req.Settings[setting]; a.Settings[setting] != value {
			p.Diff = append(p.Diff, agent.Change{Address: "group." + name + ".task.web.env." + strings.ToUpper(setting), Op: agent.DiffChanged,
				Old: a.Settings[setting], New: value})
		}
	}
	if req.Override != nil && req.Override.Text != a.override.Text {
		if err := wrong(*req.Override); err != nil {
			return agent.Plan{}, err
		}
		at := "group." + name + ".task.web."
		p.Diff = append(p.Diff, agent.Change{Address: at + "env.LOG_LEVEL", Op: agent.DiffAdded, New: `"debug"`},
			agent.Change{Address: at + "env.POLLING_FREQUENCY", Op: agent.DiffChanged, Old: `"60"`, New: `"15"`},
			agent.Change{Address: at + `template["secrets/database.env"]`, Op: agent.DiffChanged, Old: "(a template with secrets)", New: "(a template with secrets)"},
			agent.Change{Address: at + "env.RUN_MIGRATIONS", Op: agent.DiffRemoved, Old: `"1"`})
		if req.Override.AllowPrivileged {
			p.Warnings = []string{privileged}
		}
	}
	if len(p.Diff) > 0 {
		p.Verdict.Do = agent.VerdictRestart
	}
	if req.Override != nil && strings.Contains(req.Override.Text, "99999") {
		p.Verdict = agent.Verdict{Do: agent.VerdictBlocked, Why: []string{"pi1: 96421 MB of memory short", "vps1: its data is on pi1"}}
	}
	return p, nil
}

// Override is what was set.
func (c *Cloud) Override(ctx context.Context, name string) (agent.Override, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Override"); err != nil {
		return agent.Override{}, err
	}
	a, err := c.app(name)
	if err != nil {
		return agent.Override{}, err
	}
	o := a.override
	o.Name = name
	return o, nil
}

// SetOverride takes any text but one with "wrong" in it, and what breaks out of the
// container only where it is allowed.
func (c *Cloud) SetOverride(ctx context.Context, name string, change agent.OverrideChange) (agent.Operation, error) {
	if err := wrong(change); err != nil {
		return agent.Operation{}, err
	}
	detail := "changed the override"
	if change.Text == "" {
		detail = "took the override away"
	}
	op, err := c.change(ctx, "SetOverride", name, "override", detail, agent.StageStart, "starting with another job", agent.StateRunning)
	if err != nil {
		return op, err
	}
	defer c.mu.Unlock()
	c.mu.Lock()
	a := c.apps[name]
	a.override, a.Override, a.Risks = agent.Override{}, change.Text != "", nil
	if change.Text != "" {
		a.override = agent.Override{Text: change.Text, Privileged: change.AllowPrivileged, Updated: c.now(), Actor: agent.Actor(ctx)}
	}
	if change.AllowPrivileged {
		a.Risks = []string{privileged}
		a.override.Risks = a.Risks
	}
	return op, nil
}

// override gives one app something that breaks out of its container, and another an
// override that an update took the ground from.
func (c *Cloud) override(now time.Time) {
	files, sync := c.apps["files"], c.apps["syncthing"]
	sync.override = agent.Override{Text: "job \"syncthing\" {\n  group \"syncthing\" {\n    task \"web\" {\n      config {\n        network_mode = \"host\"\n      }\n    }\n  }\n}\n",
		Privileged: true, Risks: []string{privileged}, Updated: now.AddDate(0, 0, -3), Actor: "admin"}
	sync.Override, sync.Risks = true, sync.override.Risks
	files.override = agent.Override{Text: "job \"files\" {\n  group \"files\" {\n    task \"server\" {\n      env {\n        FB_CACHE = \"off\"\n      }\n    }\n  }\n}\n",
		Updated: now.AddDate(0, -1, 0), Actor: "owner",
		Problems: []agent.Problem{{File: "override.hcl", Line: 3, Column: 10, Message: "there is no task server", Hint: "did you mean web?"}}}
	files.Override, files.Risks = true, []string{"its override does not fit, in line 3: there is no task server; it runs on as it did"}
}

const privileged = "web uses the network of its machine"

// wrong finds what an example of a mistake needs: the line with "wrong" in it.
func wrong(change agent.OverrideChange) error {
	file := change.File
	if file == "" {
		file = "override.hcl"
	}
	for k, line := range strings.Split(change.Text, "\n") {
		if at := strings.Index(line, "network_mode"); at >= 0 && !change.AllowPrivileged {
			return agent.Errorf(agent.CodeInvalid, "the override cannot be used").
				WithHint("nothing was changed").
				WithProblems([]agent.Problem{{File: file, Line: k + 1, Column: at + 1, Message: "it would use the network of its machine",
					Hint: "if you trust it with that, ask for it with --allow-privileged"}})
		}
		if at := strings.Index(line, "wrong"); at >= 0 {
			return agent.Errorf(agent.CodeInvalid, "the override cannot be used").
				WithHint("nothing was changed").
				WithProblems([]agent.Problem{{File: file, Line: k + 1, Column: at + 1, Message: "there is no task wrong", Hint: "did you mean web?"}})
		}
	}
	return nil
}
