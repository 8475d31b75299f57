package control

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// watchHealth writes into the history what happens by itself: apps that crash and come
// back, machines that go away and come back. The leader does that alone, until ctx ends.
func (s *Service) watchHealth(ctx context.Context) {
	apps, nodes := newVigil(s.began), newVigil(s.began)
	for _, part := range []string{"intents", "allocs", "checks", "nodes", "volumes", "members", "activity"} {
		if s.view.await(ctx, func() (bool, error) { return s.view.ready[part], nil }) != nil {
			return
		}
	}
	for {
		changed := s.view.read(func() {})
		s.noteHealth(ctx, apps, nodes)
		if !pause(ctx, time.Second) {
			return
		}
		late := time.NewTimer(5 * time.Second)
		select {
		case <-changed:
		case <-late.C:
		case <-ctx.Done():
		}
		late.Stop()
		if ctx.Err() != nil {
			return
		}
	}
}

func (s *Service) noteHealth(ctx context.Context, apps, nodes *vigil) {
	rows, err := s.Nodes(ctx)
	if err != nil {
		return
	}
	now := s.Now()
	var list []*agent.Activity
	var ill, gone []word
	s.view.read(func() {
		list = s.view.activity
		ill = apps.look(s.appSigns(), now, func(app string) bool { return crashedNow(list, app) },
			func(app string) bool { return oftenOf(list, actionCrash, app, "", now) })
	})
	gone = nodes.look(nodeSigns(rows), now, func(node string) bool { return downNow(list, node) },
		func(node string) bool { return oftenOf(list, actionNodeDown, "", node, now) })
	for _, w := range gone {
		a := agent.Activity{Action: actionNodeUp, Node: w.name, Detail: afterWords(now, illSince(list, actionNodeDown, "", w.name))}
		if !w.better {
			a = agent.Activity{Action: actionNodeDown, Node: w.name, Outcome: agent.OutcomeFailed, Started: w.from.UTC(), Error: agent.Errorf(agent.CodeUnavailable, "%s: %s", w.name, w.reason).
				WithHint("look whether it has power and a network; on it: dcloud doctor")}
		}
		s.Note(ctx, a)
	}
	for _, w := range ill {
		a := agent.Activity{Action: actionRecover, App: w.name, Node: w.node, Detail: afterWords(now, illSince(list, actionCrash, w.name, ""))}
		if !w.better {
			a = s.crash(ctx, w)
		}
		s.Note(ctx, a)
	}
}

// afterWords says how long something was ill, "" if nobody knows.
func afterWords(now, since time.Time) string {
	if since.IsZero() {
		return ""
	}
	return "after " + ago(now.Sub(since))
}

// crash is the record of an app that is not well, with its last lines.
func (s *Service) crash(ctx context.Context, w word) agent.Activity {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	a := agent.Activity{Action: actionCrash, App: w.name, Node: w.node, Outcome: agent.OutcomeFailed, Started: w.from.UTC()}
	code := agent.CodeFailed
	if w.away {
		code = agent.CodeUnavailable
	} else {
		a.Logs = s.lastLines(ctx, w.name, 20)
	}
	a.Error = agent.Errorf(code, "%s", w.reason).WithHint("see how it is with: dcloud app status %s", w.name)
	return a
}

// appSigns is called under the view's lock.
func (s *Service) appSigns() []sign {
	var out []sign
	moving := slices.ContainsFunc(s.view.members, func(n *nodeRecord) bool { return n.Op != nil && n.Op.Kind != opUndrain })
	for name, i := range s.view.intents {
		row := s.row(i)
		absent := ""
		if row.Running == 0 {
			absent = s.absent(i)
		}
		drained := strings.HasSuffix(absent, "which is draining") || strings.HasSuffix(absent, "which is drained")
		g := sign{
			name: name, well: row.State == agent.StateRunning, failed: row.State == agent.StateFailed, reason: row.Reason, node: row.Node,
			told: i.Failure != nil, expected: i.Op != nil || i.Desired != desiredRunning || s.work.busy(name) || moving || drained, ended: map[string]ending{},
		}
		for _, a := range running(s.view.allocs[name], 0) {
			g.away = g.away || lost(s.nomadNode(a.NodeName))
			for task, t := range a.TaskStates {
				if !endedByItself(t.Events) {
					continue
				}
				g.ended[a.ID+" "+task] = ending{t.Restarts, endWords(task, t.Events)}
			}
		}
		g.away = g.away || absent != ""
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b sign) int { return cmp.Compare(a.name, b.name) })
	return out
}

// lost tells whether a machine (nil: Nomad has none of the name) is not there, or its
// Docker is not: what ran there ended with it.
func lost(n *nomad.NodeListStub) bool {
	if n == nil || n.Status != nomad.NodeStatusReady {
		return true
	}
	d := n.Drivers["docker"]
	return d != nil && d.Detected && !d.Healthy
}

// endedByItself tells whether a task's last end was not asked for: neither by a new
// template of its settings nor by a person.
func endedByItself(events []*nomad.TaskEvent) bool {
	ended := false
	for _, e := range slices.Backward(events) {
		switch e.Type {
		case nomad.TaskTerminated:
			if ended {
				return true
			}
			ended = true
		case nomad.TaskRestartSignal, nomad.TaskKilling, nomad.TaskSignaling:
			return false
		case nomad.TaskStarted:
			if ended {
				return true
			}
		}
	}
	return true
}

// endWords says how a task ended by itself.
func endWords(task string, events []*nomad.TaskEvent) string {
	at := len(events) - 1
	for at >= 0 && events[at].Type != nomad.TaskTerminated {
		at--
	}
	if at < 0 {
		return task + " ended by itself"
	}
	switch how := events[at].Details; {
	case how["oom_killed"] == "true":
		return task + " was ended: it used more memory than it may"
	case how["exit_code"] == "137" || how["signal"] == "9": // 128 + SIGKILL
		return task + " was killed"
	case how["exit_code"] != "" && how["exit_code"] != "0":
		return task + " ended by itself with exit code " + clip(how["exit_code"], 10)
	}
	return task + " ended by itself"
}

func nodeSigns(rows []agent.Node) []sign {
	var out []sign
	for _, n := range rows {
		out = append(out, sign{
			name: n.Name, well: n.State == agent.NodeReady, failed: false, reason: n.Reason,
			expected: n.State == agent.NodeJoining || n.State == agent.NodeLeft || n.State == agent.NodeDraining || n.Op != "",
		})
	}
	return out
}
