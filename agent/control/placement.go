package control

import (
	"context"
	"slices"
	"strings"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// placement is where an app would run.
type placement struct {
	fits []agent.NodeFit // of every machine, by name
	// node is the machine that an app runs on which hangs on one; for others it is
	// only the one with the most room, since Nomad spreads them. nil if none fits.
	node *nomad.NodeListStub
}

// names lists the machines that the app may come to run on.
func (p placement) names() string {
	var names []string
	for _, f := range p.fits {
		if f.Chosen {
			return f.Name
		}
		if f.Fits {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, ", ")
}

// place finds out where an app can run. When that is nowhere the error says of each
// machine why; the placement holds the same for whoever shows it.
func (s *Service) place(ctx context.Context, in jobs.Input) (placement, error) {
	if err := s.awaitView(ctx, "nodes", "allocs"); err != nil {
		return placement{}, err
	}
	homes, err := s.homes(ctx, in)
	if err != nil {
		return placement{}, err
	}
	runs := ""
	s.view.read(func() {
		if a := current(s.view.allocs[in.Intent.Name], 0); a != nil {
			runs = a.NodeID
		}
	})
	return choose(in, s.machines(in.Intent.Name, in.Entry), homes, runs)
}

// homes lists the nodes (IDs) that an app's data is on already: it may be there from
// an app of that name that was removed.
func (s *Service) homes(ctx context.Context, in jobs.Input) ([]string, error) {
	specs, err := jobs.Volumes(in.Entry, in.Intent.Name)
	if err != nil {
		return nil, failed(agent.Errorf(agent.CodeFailed, "cannot lay out the data of %s: %w", in.Intent.Name, err))
	}
	if len(specs) == 0 {
		return nil, nil
	}
	have, err := s.volumes(ctx, in.Intent.Name)
	if err != nil {
		return nil, err
	}
	var homes []string
	for _, spec := range specs {
		if v := have[spec.Name]; v != nil && !slices.Contains(homes, v.NodeID) {
			homes = append(homes, v.NodeID)
		}
	}
	return homes, nil
}

// choose weighs the machines for an app. homes are those (IDs) that its data is on,
// runs is the one that it runs on now, "" for none.
func choose(in jobs.Input, machines []machine, homes []string, runs string) (placement, error) {
	p := placement{fits: []agent.NodeFit{}}
	if len(machines) == 0 {
		return p, agent.Errorf(agent.CodeUnavailable, "no machine is ready to run apps").
			WithHint("see why with: dcloud doctor")
	}
	var best machine
	for _, m := range machines {
		f := agent.NodeFit{Name: m.node.Name, Why: unfit(in, m, machines, homes)}
		f.Fits = len(f.Why) == 0
		p.fits = append(p.fits, f)
		if f.Fits && (best.node == nil || better(in, m, best, runs)) {
			best = m
		}
	}
	if best.node == nil {
		err := misfit(in, machines, p.fits, homes)
		if e := agent.AsError(err); e.Code == agent.CodeNotFound {
			p.fits = nil // nothing is to be said of the others
		}
		return p, err
	}
	p.node = best.node
	fitting := func(f agent.NodeFit) bool { return f.Fits }
	only := slices.IndexFunc(p.fits, fitting)
	for k, f := range p.fits {
		alone := k == only && !slices.ContainsFunc(p.fits[k+1:], fitting)
		p.fits[k].Chosen = f.Name == best.node.Name && (alone || jobs.Tied(in.Entry))
	}
	return p, nil
}

// better tells whether an app should rather run on a than on b: where it runs
// already, if it hangs on its machine, else where there is more room.
func better(in jobs.Input, a, b machine, runs string) bool {
	if jobs.Tied(in.Entry) && runs != "" && (a.node.ID == runs) != (b.node.ID == runs) {
		return a.node.ID == runs
	}
	return a.facts.MemoryFree > b.facts.MemoryFree
}

// unfit says why an app cannot run on a machine.
func unfit(in jobs.Input, m machine, machines []machine, homes []string) []string {
	switch {
	case m.away != "":
		return []string{m.away}
	case len(homes) > 0 && (len(homes) > 1 || homes[0] != m.node.ID):
		return []string{"its data is on " + namesOf(homes, machines)}
	case in.Intent.Node != "" && in.Intent.Node != m.node.Name:
		return []string{"not the machine that was asked for"}
	}
	return jobs.Fit(in.Entry, m.facts)
}

// misfit says why an app cannot run anywhere.
func misfit(in jobs.Input, machines []machine, fits []agent.NodeFit, homes []string) error {
	const hint = "see what there is with: dcloud node list"
	name, want := in.Intent.Name, in.Intent.Node
	pinned := slices.IndexFunc(machines, func(m machine) bool { return m.node.Name == want })
	if want != "" && pinned < 0 {
		var names []string
		for _, m := range machines {
			names = append(names, m.node.Name)
		}
		return failed(agent.Errorf(agent.CodeNotFound, "there is no machine called %q", clip(want, 60)).
			WithHint("there is: %s", strings.Join(names, ", ")))
	}
	if !slices.ContainsFunc(machines, func(m machine) bool { return m.away == "" }) {
		// All are away: they are starting, and it is asked again.
		return agent.Errorf(agent.CodeUnavailable, "no machine is ready to run apps: %s", reasons(fits)).
			WithHint("see why with: dcloud doctor")
	}
	if len(homes) == 1 {
		at := slices.IndexFunc(machines, func(m machine) bool { return m.node.ID == homes[0] })
		switch {
		case at < 0:
			return failed(agent.Errorf(agent.CodeFailed, "%s cannot run: its data is on a machine that is no longer here", name).WithHint(hint))
		case machines[at].away != "":
			return failed(agent.Errorf(agent.CodeFailed, "%s cannot run: its data is on %s, which is %s", name, machines[at].node.Name, machines[at].away).
				WithHint("it comes back with that machine; " + hint))
		case pinned >= 0 && pinned != at:
			return failed(agent.Errorf(agent.CodeFailed, "%s cannot run on %s: its data is on %s", name, want, machines[at].node.Name).
				WithHint("leave out --node, or give it another name with --name"))
		}
	}
	if pinned >= 0 && machines[pinned].away != "" {
		return failed(agent.Errorf(agent.CodeFailed, "%s cannot run: it was asked to run on %s, which is %s", name, want, machines[pinned].away).WithHint(hint))
	}
	if pinned >= 0 {
		return failed(agent.Errorf(agent.CodeFailed, "%s does not fit on %s: %s", name, want, strings.Join(fits[pinned].Why, ", ")).
			WithHint("leave out --node; where it fits is shown with --plan"))
	}
	return failed(agent.Errorf(agent.CodeFailed, "%s fits on no machine: %s", name, reasons(fits)).
		WithHint("stop or remove another app to make room, or " + hint))
}

// reasons says of each machine why it does not do.
func reasons(fits []agent.NodeFit) string {
	var out []string
	for _, f := range fits {
		out = append(out, f.Name+": "+strings.Join(f.Why, ", "))
	}
	return strings.Join(out, "; ")
}

// namesOf names nodes by their IDs.
func namesOf(ids []string, machines []machine) string {
	var names []string
	for _, id := range ids {
		name := "a machine that is no longer here"
		for _, m := range machines {
			if m.node.ID == id {
				name = m.node.Name
			}
		}
		names = append(names, name)
	}
	return strings.Join(names, " and ")
}
