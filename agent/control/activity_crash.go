package control

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// How long something is to be so before it is told: what passes by itself within
// seconds is nobody's concern.
const (
	// startsQuiet is how long after the agent's start nothing is told: after a power
	// cut everything comes back by and by.
	startsQuiet = 2 * time.Minute
	// startsSlowly is the same for what was never well since then: a large app on a Pi.
	startsSlowly = 10 * time.Minute
	illFor       = 30 * time.Second
	failedFor    = 5 * time.Second
	wellFor      = 30 * time.Second
	// What crashed flaps times within an hour is well only after a longer while, so
	// that one app does not fill the history by itself.
	flaps       = 3
	wellForLong = 10 * time.Minute
	// backFor is how long after its machine was away that an app was ended is its
	// machine's doing, which was started anew.
	backFor = 2 * time.Minute
)

// sign is how an app or a machine looks at one moment.
type sign struct {
	name     string
	well     bool
	failed   bool   // it does not only take its time
	reason   string // why it is not well
	node     string // of an app: where it runs
	away     bool   // of an app: because of its machine, of which is told apart
	told     bool   // a change that failed has told of it
	expected bool   // somebody wants it so: stopped, or an operation is under way
	ended    map[string]ending
}

// ending is how often a task of an app ended by itself, and how it did last.
type ending struct {
	times  uint64
	reason string
}

// vigil remembers how things were.
type vigil struct {
	began time.Time
	seen  map[string]*course
}

// course is what is remembered of one thing.
type course struct {
	wasWell  bool // since the agent began
	ill      time.Time
	well     time.Time
	away     time.Time // when its machine was last away
	restarts map[string]uint64
}

// word is what a look found: that something became ill or well.
type word struct {
	sign
	better bool // it is well again
}

func newVigil(began time.Time) *vigil { return &vigil{began: began, seen: map[string]*course{}} }

// look compares how things are with how they were, and returns what is to be told. down
// says of a name whether the history calls it ill already, and flapping whether it has
// been so again and again.
func (v *vigil) look(signs []sign, now time.Time, down, flapping func(name string) bool) []word {
	next := map[string]*course{}
	var out []word
	for _, s := range signs {
		c := v.seen[s.name]
		if c == nil {
			c = &course{}
		}
		next[s.name] = c
		fell := c.fell(s)
		if s.away {
			c.away = now
		}
		if s.well {
			c.ill = time.Time{}
			c.well = firstOf(c.well, now)
			c.wasWell = true
		} else {
			c.well = time.Time{}
			c.ill = firstOf(c.ill, now)
		}
		if fell != "" { // it may be back before anybody looked
			c.well = time.Time{}
		}
		if s.expected {
			c.ill, c.well = time.Time{}, time.Time{}
			continue
		}
		if w, tell := v.judge(s, c, fell, now, down(s.name), flapping(s.name)); tell {
			out = append(out, w)
		}
	}
	v.seen = next // what is gone is forgotten
	return out
}

func firstOf(t, now time.Time) time.Time {
	if t.IsZero() {
		return now
	}
	return t
}

// fell says which task ended by itself since the last look, "" for none.
func (c *course) fell(s sign) string {
	before, text := c.restarts, ""
	c.restarts = map[string]uint64{}
	for _, task := range slices.Sorted(maps.Keys(s.ended)) {
		e := s.ended[task]
		c.restarts[task] = e.times
		if n, known := before[task]; known && e.times > n {
			text = e.reason
		}
	}
	return text
}

func (v *vigil) judge(s sign, c *course, fell string, now time.Time, down, flapping bool) (word, bool) {
	since := now.Sub(v.began)
	if since < startsQuiet {
		return word{}, false
	}
	if down {
		enough := wellFor
		if flapping {
			enough = wellForLong
		}
		return word{sign: s, better: true}, s.well && now.Sub(c.well) >= enough && fell == ""
	}
	if fell != "" && now.Sub(c.away) >= backFor {
		s.reason = fell
		return word{sign: s}, true
	}
	enough := illFor
	if s.failed {
		enough = failedFor
	}
	ill := !s.well && !c.ill.IsZero() && now.Sub(c.ill) >= enough && !s.told
	return word{sign: s}, ill && (c.wasWell || since >= startsSlowly)
}

// crashedNow tells whether the history, the newest first, says of an app that it
// crashed and nothing since that it is well.
func crashedNow(list []*agent.Activity, app string) bool {
	for _, a := range list {
		if a.App != app || a.Outcome == agent.OutcomeRunning {
			continue
		}
		switch a.Action {
		case actionCrash:
			return true
		case actionRecover, opInstall:
			return false
		case opStart, opStop, opRestart, opConfigure, opRemove:
			if a.Outcome == agent.OutcomeDone {
				return false
			}
		}
	}
	return false
}

// downNow tells whether the history says of a machine that it is down.
func downNow(list []*agent.Activity, node string) bool {
	for _, a := range list {
		if a.Node == node && (a.Action == actionNodeDown || a.Action == actionNodeUp || a.Action == "node-join") {
			return a.Action == actionNodeDown
		}
	}
	return false
}

// oftenOf tells whether the history has an action of an app or machine again and again
// within the last hour.
func oftenOf(list []*agent.Activity, action, app, node string, now time.Time) bool {
	n := 0
	for _, a := range list {
		if now.Sub(a.Started) > time.Hour {
			break
		}
		if a.Action == action && (app == "" || a.App == app) && (node == "" || a.Node == node) {
			n++
		}
	}
	return n >= flaps
}

// since is when a thing became ill as the history has it.
func since(list []*agent.Activity, action, app, node string) time.Time {
	for _, a := range list {
		if a.Action == action && a.App == app && (node == "" || a.Node == node) {
			return a.Started
		}
	}
	return time.Time{}
}

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
		a := agent.Activity{Action: actionNodeUp, Node: w.name, Detail: "after " + ago(now.Sub(since(list, actionNodeDown, "", w.name)))}
		if !w.better {
			a = agent.Activity{Action: actionNodeDown, Node: w.name, Outcome: agent.OutcomeFailed, Error: agent.Errorf(agent.CodeUnavailable, "%s: %s", w.name, w.reason).
				WithHint("look whether it has power and a network; on it: dcloud doctor")}
		}
		s.Note(ctx, a)
	}
	for _, w := range ill {
		a := agent.Activity{Action: actionRecover, App: w.name, Node: w.node, Detail: "after " + ago(now.Sub(since(list, actionCrash, w.name, "")))}
		if !w.better {
			a = s.crash(ctx, w)
		}
		s.Note(ctx, a)
	}
}

// crash is the record of an app that is not well, with its last lines.
func (s *Service) crash(ctx context.Context, w word) agent.Activity {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	a := agent.Activity{Action: actionCrash, App: w.name, Node: w.node, Outcome: agent.OutcomeFailed, Started: s.Now().UTC()}
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
				g.ended[a.ID+" "+task] = ending{t.Restarts, fmt.Sprintf("%s ended by itself: %s", task, lastEnd(t.Events))}
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
