package control

import (
	"context"
	"fmt"
	"slices"
	"strings"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// NodePlan says what draining or removing a machine comes to.
func (s *Service) NodePlan(ctx context.Context, name string) (_ agent.NodePlan, err error) {
	defer s.tell(&err)
	if err := s.awaitView(ctx, "intents", "allocs", "nodes", "members"); err != nil {
		return agent.NodePlan{}, err
	}
	if _, err := s.member(ctx, name); err != nil {
		return agent.NodePlan{}, err
	}
	return s.planNode(ctx, name)
}

// member finds a machine by name, or says that there is none.
func (s *Service) member(ctx context.Context, name string) (*nodeRecord, error) {
	r, err := s.store.roster(ctx)
	if err != nil {
		return nil, err
	}
	if n := r.byName(name); n != nil {
		return n, nil
	}
	return nil, noSuchNode(name)
}

func noSuchNode(name string) error {
	return agent.Errorf(agent.CodeNotFound, "there is no machine called %q", clip(name, 63)).
		WithHint("see what there is with: dcloud node list")
}

// planNode sorts the apps on a machine into those that move and those that cannot.
func (s *Service) planNode(ctx context.Context, name string) (agent.NodePlan, error) {
	plan := agent.NodePlan{Name: name, Moves: []string{}, Stays: []agent.NodeStay{}}
	held, err := s.volumesOn(ctx, name)
	if err != nil {
		return plan, err
	}
	data := map[string]bool{}
	for _, v := range held {
		app, _, _ := strings.Cut(v.Name, "_") // an app's name has none
		data[app] = true
	}
	runs := map[string]bool{}
	intents := map[string]*Intent{}
	s.view.read(func() {
		for app := range s.aliveOn(name) {
			runs[app] = true
		}
		for app, i := range s.view.intents {
			intents[app] = i
		}
	})
	for _, app := range union(data, runs) {
		i := intents[app]
		switch {
		case data[app] && i == nil:
			plan.Stays = append(plan.Stays, agent.NodeStay{App: app, Data: true, Reason: "what it left when it was removed is on " + name})
		case data[app]:
			plan.Stays = append(plan.Stays, agent.NodeStay{App: app, Data: true, Reason: "its data is on " + name})
		case i != nil && i.pin == name:
			plan.Stays = append(plan.Stays, agent.NodeStay{App: app, Reason: "pinned to " + name})
		default:
			why, err := s.fitsBeside(ctx, app, name)
			if err != nil {
				return plan, err
			}
			if why != "" {
				plan.Stays = append(plan.Stays, agent.NodeStay{App: app, Reason: why})
			} else {
				plan.Moves = append(plan.Moves, app)
			}
		}
	}
	return plan, nil
}

func union(a, b map[string]bool) []string {
	var out []string
	for k := range a {
		out = append(out, k)
	}
	for k := range b {
		if !a[k] {
			out = append(out, k)
		}
	}
	slices.Sort(out)
	return out
}

// volumesOn lists the apps' volumes on a machine.
func (s *Service) volumesOn(ctx context.Context, name string) ([]*nomad.HostVolumeStub, error) {
	list, _, err := s.Nomad.HostVolumes().List(nil, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("list the volumes: %w", err)
	}
	ids := map[string]bool{}
	s.view.read(func() {
		for _, n := range s.view.nodes {
			ids[n.ID] = ids[n.ID] || n.Name == name
		}
	})
	return slices.DeleteFunc(list, func(v *nomad.HostVolumeStub) bool { return !ids[v.NodeID] }), nil
}

// aliveOn lists the allocations on a machine that Nomad has not seen end, by job. It is
// called under the view's lock.
func (s *Service) aliveOn(name string) map[string][]*nomad.AllocationListStub {
	out := map[string][]*nomad.AllocationListStub{}
	for job, list := range s.view.allocs {
		for _, a := range list {
			if a.NodeName == name && a.JobType != nomad.JobTypeSystem && alive(a) {
				out[job] = append(out[job], a)
			}
		}
	}
	return out
}

// fitsBeside says why an app can run on no other machine than the one named, "" if
// it can.
func (s *Service) fitsBeside(ctx context.Context, app, name string) (string, error) {
	i, entry, err := s.installed(ctx, app)
	if agent.AsError(err) != nil && agent.AsError(err).Code == agent.CodeNotFound {
		return "", nil // a job of somebody else's: Nomad decides
	}
	if err != nil {
		return "", err
	}
	in, err := s.input(i, entry)
	if err != nil {
		return "", err
	}
	p, err := s.place(ctx, in) // its error is about all machines together
	var why []string
	for _, f := range p.fits {
		switch {
		case f.Name == name:
		case f.Fits:
			return "", nil
		default:
			why = append(why, f.Name+": "+strings.Join(f.Why, ", "))
		}
	}
	switch {
	case len(why) > 0:
		return "fits nowhere else: " + strings.Join(why, "; "), nil
	case len(p.fits) > 0:
		return "there is no other machine", nil
	}
	return "", err
}

// Drain moves what runs on a machine elsewhere.
func (s *Service) Drain(ctx context.Context, name string) (_ agent.Operation, err error) {
	defer s.tell(&err)
	if err := s.awaitView(ctx, "intents", "allocs", "nodes", "members"); err != nil {
		return agent.Operation{}, err
	}
	return s.changeNode(ctx, name, opDrain, false, func(r *roster, n *nodeRecord) error {
		answers := false
		s.view.read(func() {
			c := s.nomadNode(name)
			answers = c != nil && c.Status == nomad.NodeStatusReady
		})
		switch {
		case n.Joining:
			return agent.Errorf(agent.CodeConflict, "%s is still joining, and runs nothing yet", name).WithHint("see how it is with: dcloud node list")
		case !answers:
			return agent.Errorf(agent.CodeConflict, "%s is down: what can run elsewhere is started there without a drain", name).
				WithHint("if it does not come back, take it out with: dcloud node remove %s", name)
		case len(r.nodes) == 1:
			return agent.Errorf(agent.CodeConflict, "%s is the only machine: nothing can move from it", name).
				WithHint("stop apps one by one with: dcloud app stop NAME; or let another machine join first: dcloud node token")
		}
		return nil
	})
}

// Undrain lets a machine run apps again.
func (s *Service) Undrain(ctx context.Context, name string) (_ agent.Operation, err error) {
	defer s.tell(&err)
	if err := s.awaitView(ctx, "nodes", "members"); err != nil {
		return agent.Operation{}, err
	}
	return s.changeNode(ctx, name, opUndrain, false, func(_ *roster, n *nodeRecord) error {
		if n.Joining {
			return agent.Errorf(agent.CodeConflict, "%s is still joining", name).WithHint("see how it is with: dcloud node list")
		}
		return nil
	})
}

// changeNode writes an operation on a machine into its record, for the leader to
// carry out. Another one that is under way is only replaced where that makes sense:
// a drain can be called off, and a machine be removed instead.
func (s *Service) changeNode(ctx context.Context, name, kind string, abandon bool, allowed func(*roster, *nodeRecord) error) (agent.Operation, error) {
	drawn, err := s.newOp(kind)
	if err != nil {
		return agent.Operation{}, err
	}
	op := &nodeOp{ID: drawn.ID, Kind: kind, Abandon: abandon, Started: drawn.Started.UTC(), Actor: agent.Actor(ctx)}
	r, err := s.store.roster(ctx)
	if err != nil {
		return agent.Operation{}, err
	}
	n := r.byName(name)
	switch {
	case n == nil:
		return agent.Operation{}, noSuchNode(name)
	case n.Op != nil && (kind == n.Op.Kind || n.Op.Kind == opRemoveNode || kind == opDrain):
		return agent.Operation{}, agent.Errorf(agent.CodeConflict, "%s is busy: %s is under way since %s", name, n.Op.Kind, n.Op.Started.Format("15:04:05 UTC")).
			WithHint("see how it is with: dcloud node list")
	}
	if err := allowed(r, n); err != nil {
		return agent.Operation{}, err
	}
	before := n.Op
	err = s.store.amendNode(ctx, n.ID, func(now *nodeRecord) (bool, error) {
		if now == nil || now.Removing || !sameOp(now.Op, before) {
			return false, errRaced
		}
		now.Op, now.note = op, beginNode(now, op)
		return true, nil
	})
	if err != nil {
		return agent.Operation{}, err
	}
	if before != nil {
		p := &progress{s: s, op: before.ID, node: name}
		p.fail(agent.StageDrain, agent.Errorf(agent.CodeConflict, "%s was called off by a newer change: %s", before.Kind, kind).
			WithHint("see how it is with: dcloud node list"), nil)
	}
	s.Log.Info("change", "node", name, "op", op.ID, "kind", kind, "actor", op.Actor)
	s.awaitMembers(ctx, func(m *nodeRecord) bool { return m.ID == n.ID && sameOp(m.Op, op) }, true)
	return agent.Operation{ID: op.ID, Node: name}, nil
}

func sameOp(a, b *nodeOp) bool {
	return a == nil && b == nil || a != nil && b != nil && a.ID == b.ID
}
