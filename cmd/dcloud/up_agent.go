package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
)

// agentRuns starts the agent, replaces one that is outdated, and waits until the
// cloud is ready.
func (e *env) agentRuns(l node.Layout) provisioning.Action {
	return provisioning.Action{
		Name: "Agent",
		Check: func(ctx context.Context) (bool, string, error) {
			pid, err := agentPID(l)
			switch {
			case err != nil:
				return false, "", err
			case pid == 0:
				return false, "does not run", nil
			case !current(pid, agentBinary(l)):
				return false, "runs another version", nil
			}
			status, err := e.askStatus(ctx)
			if err != nil {
				return false, "does not answer", nil
			}
			n, err := node.Load(l)
			if err != nil {
				return false, "", err
			}
			if status.Domain != n.Domain || status.HTTPPort != n.HTTPPort || status.HTTPSPort != n.HTTPSPort {
				return false, "runs with other settings", nil
			}
			if !status.Ready {
				return false, notReady(status), nil
			}
			return true, fmt.Sprintf("process %d", pid), nil
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			if err := e.replaceAgent(ctx, l); err != nil {
				return err
			}
			return e.awaitCloud(ctx, l, progress)
		},
	}
}

func (e *env) askStatus(ctx context.Context) (agent.Status, error) {
	c, err := e.connect()
	if err != nil {
		return agent.Status{}, err
	}
	return c.Status(ctx)
}

func notReady(s agent.Status) string {
	var waits []string
	for _, x := range s.Engines {
		if x.State != agent.EngineReady {
			text := x.Name + " is " + x.State
			if x.Reason != "" {
				text += " (" + x.Reason + ")"
			}
			waits = append(waits, text)
		}
	}
	if len(waits) == 0 {
		return "waiting for this machine to join"
	}
	return strings.Join(waits, ", ")
}

// replaceAgent ends an agent that is outdated and starts the installed one. An
// agent that runs as it should is left alone, even if the cloud is not ready yet.
func (e *env) replaceAgent(ctx context.Context, l node.Layout) error {
	pid, err := agentPID(l)
	if err != nil {
		return err
	}
	if pid != 0 && current(pid, agentBinary(l)) {
		status, err := e.askStatus(ctx)
		n, loadErr := node.Load(l)
		if err == nil && loadErr == nil && status.Domain == n.Domain && status.HTTPPort == n.HTTPPort && status.HTTPSPort == n.HTTPSPort {
			return nil
		}
	}
	if onSystemd() {
		return startUnit(ctx, l)
	}
	if pid != 0 {
		if err := endProcess(ctx, pid); err != nil {
			return err
		}
	}
	return e.startBackground(l)
}

// whereLogs says where the agent and the engines write what they do.
func whereLogs(l node.Layout) string {
	if onSystemd() {
		return "the agent's log: journalctl -u dcloud; the engines' are in " + l.Logs()
	}
	return "the logs are in " + l.Logs()
}

// cloudPatience is how long engines may take to be ready: a Pi with a slow card
// and a long raft log needs its time.
const cloudPatience = 3 * time.Minute

// awaitCloud asks the agent until the cloud is ready.
func (e *env) awaitCloud(ctx context.Context, l node.Layout, progress func(provisioning.Progress)) error {
	ctx, cancel := context.WithTimeout(ctx, cloudPatience)
	defer cancel()
	said, last := "", "the agent does not answer yet"
	for delay := 50 * time.Millisecond; ; delay = min(delay*3/2, time.Second) {
		status, err := e.askStatus(ctx)
		switch {
		case err == nil && status.Ready:
			return nil
		case err == nil:
			last = notReady(status)
		}
		if last != said {
			said = last
			progress(provisioning.Progress{Message: last, Percent: -1})
		}
		// An agent that ended at once has said why; it would not come up by waiting.
		if text, err := os.ReadFile(l.Output("agent")); err == nil && len(text) > 0 && !onSystemd() {
			if pid, err := agentPID(l); err == nil && pid == 0 {
				return agent.Errorf(agent.CodeFailed, "the agent ended: %s", strings.TrimPrefix(strings.TrimSpace(string(text)), "Error: ")).
					WithHint("find out more with: dcloud doctor")
			}
		}
		select {
		case <-time.After(delay):
		case <-ctx.Done():
			return agent.Errorf(agent.CodeUnavailable, "the cloud was not ready in time: %s", last).
				WithHint("find out why with: dcloud doctor; %s", whereLogs(l))
		}
	}
}
