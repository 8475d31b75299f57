package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// settles is how long it is waited for an app to run elsewhere once it has left: its
// image may have to be fetched there.
const settles = 5 * time.Minute

// drainNode carries a drain out.
func (s *Service) drainNode(ctx context.Context, n *nodeRecord, op nodeOp, p *progress) (string, error) {
	before, err := s.planNode(ctx, n.Name)
	if err != nil {
		return "", err
	}
	if err := s.empty(ctx, n, op, p); err != nil {
		return "", err
	}
	message := n.Name + " is drained"
	if len(before.Moves) > 0 {
		message += ": " + count(len(before.Moves), "app", "moved")
	}
	if len(before.Stays) > 0 {
		message += "; what could not move comes back with: dcloud node undrain " + n.Name
	}
	return message, nil
}

// empty moves or stops all that runs on a machine, and waits until that is done. On
// a machine that is away there is nothing to do.
func (s *Service) empty(ctx context.Context, n *nodeRecord, op nodeOp, p *progress) error {
	p.start(agent.StageDrain, "draining "+n.Name)
	var ids []string
	s.view.read(func() {
		for _, c := range s.view.nodes {
			if c.Name == n.Name && c.Status == nomad.NodeStatusReady {
				ids = append(ids, c.ID)
			}
		}
	})
	if len(ids) == 0 {
		p.update(agent.StageDrain, n.Name+" does not answer; nothing to move there", percentAt[agent.StageDrain])
		return nil
	}
	plan, err := s.planNode(ctx, n.Name)
	if err != nil {
		return err
	}
	for _, stay := range plan.Stays {
		text := stay.App + " cannot move: " + stay.Reason
		if op.Kind == opDrain {
			text += "; it is stopped, and comes back with: dcloud node undrain " + n.Name
		}
		p.update(agent.StageDrain, text, percentAt[agent.StageDrain])
	}
	deadline, err := s.drainDeadline(ctx, n.Name)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := s.Nomad.Nodes().UpdateDrainOpts(id, &nomad.DrainOptions{
			DrainSpec: &nomad.DrainSpec{Deadline: deadline, IgnoreSystemJobs: true},
			Meta:      map[string]string{"dcloud": op.ID},
		}, (&nomad.WriteOptions{}).WithContext(ctx))
		if err != nil {
			return fmt.Errorf("drain %s: %w", n.Name, err)
		}
	}
	w := &leaving{p: p, name: n.Name, moves: plan.Moves, told: map[string]bool{}}
	if err := s.view.await(ctx, func() (bool, error) { return w.look(s) }); err != nil {
		return err
	}
	waiting, cancel := context.WithTimeout(ctx, settles)
	defer cancel()
	if err := s.view.await(waiting, func() (bool, error) { return w.settled(s) }); err != nil && ctx.Err() != nil {
		return err
	}
	for _, app := range plan.Moves {
		if !w.told[app] {
			p.update(agent.StageDrain, app+" does not run elsewhere yet; see why with: dcloud app status "+app, 50)
		}
	}
	return nil
}

// drainDeadline is when Nomad stops what has not moved by itself: enough for each
// copy of each app to end in its own time (kill_timeout), one after the other.
func (s *Service) drainDeadline(ctx context.Context, name string) (time.Duration, error) {
	copies := map[string]int{}
	s.view.read(func() {
		for job, list := range s.aliveOn(name) {
			copies[job] = len(list)
		}
	})
	deadline := 2 * time.Minute
	for name, n := range copies {
		job, _, err := s.Nomad.Jobs().Info(name, (&nomad.QueryOptions{}).WithContext(ctx))
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("read the job of %s: %w", name, err)
		}
		longest := 5 * time.Second // Nomad's default
		for _, g := range job.TaskGroups {
			for _, t := range g.Tasks {
				if t.KillTimeout != nil {
					longest = max(longest, *t.KillTimeout)
				}
			}
		}
		deadline += time.Duration(n) * (longest + 30*time.Second)
	}
	return deadline, nil
}

// leaving tells how the apps of a machine get on, each once.
type leaving struct {
	p     *progress
	name  string
	moves []string
	left  map[string]bool // apps that were there when it began, and whether they are gone
	told  map[string]bool // apps that run elsewhere
}

// look tells what has changed, and whether all is gone. It is called under the view's
// lock.
func (w *leaving) look(s *Service) (bool, error) {
	there := s.aliveOn(w.name)
	if w.left == nil {
		w.left = map[string]bool{}
		for app := range there {
			w.left[app] = false
		}
	}
	for _, app := range slices.Sorted(maps.Keys(w.left)) {
		if len(there[app]) == 0 && !w.left[app] {
			w.left[app] = true
			if !slices.Contains(w.moves, app) {
				w.p.update(agent.StageDrain, app+" is stopped", w.percent())
			}
		}
	}
	if _, err := w.settled(s); err != nil {
		return false, err
	}
	away := true // if it went away meanwhile, Nomad calls what ran there lost
	for _, n := range s.view.nodes {
		away = away && (n.Name != w.name || n.Status != nomad.NodeStatusReady)
	}
	return len(there) == 0 || away, nil
}

// settled tells which apps run elsewhere, and whether all that move do.
func (w *leaving) settled(s *Service) (bool, error) {
	for _, app := range w.moves {
		if w.told[app] {
			continue
		}
		if i := s.view.intents[app]; i == nil || i.Desired != desiredRunning {
			w.told[app] = true // stopped or removed meanwhile
			continue
		}
		if gone, known := w.left[app]; known && !gone {
			continue
		}
		var at []string
		for _, a := range s.view.allocs[app] {
			if a.DesiredStatus == nomad.AllocDesiredStatusRun && a.ClientStatus == nomad.AllocClientStatusRunning && a.NodeName != w.name && !slices.Contains(at, a.NodeName) {
				at = append(at, a.NodeName)
			}
		}
		if len(at) > 0 {
			w.told[app] = true
			slices.Sort(at)
			w.p.update(agent.StageDrain, app+" runs on "+strings.Join(at, ", "), w.percent())
		}
	}
	return len(w.told) >= len(w.moves), nil
}

func (w *leaving) percent() int {
	gone := 0
	for _, g := range w.left {
		if g {
			gone++
		}
	}
	return percentAt[agent.StageDrain] + 45*gone/max(1, len(w.left))
}

// undrainNode carries an undrain out.
func (s *Service) undrainNode(ctx context.Context, n *nodeRecord, p *progress) (string, error) {
	p.start(agent.StageDrain, "opening "+n.Name+" for apps again")
	nodes, _, err := s.Nomad.Nodes().List((&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return "", fmt.Errorf("list Nomad's machines: %w", err)
	}
	for _, c := range nodes {
		if c.Name != n.Name || !c.Drain && c.SchedulingEligibility == nomad.NodeSchedulingEligible {
			continue
		}
		_, err := s.Nomad.Nodes().UpdateDrainOpts(c.ID, &nomad.DrainOptions{MarkEligible: true}, (&nomad.WriteOptions{}).WithContext(ctx))
		if err != nil {
			return "", fmt.Errorf("undrain %s: %w", n.Name, err)
		}
	}
	s.work.wake()
	return n.Name + " runs apps again", nil
}
