package control

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// judge adds to a plan what Nomad would do with a job. Where it would place it nowhere,
// no machine is told to fit: where was chosen by what the entry needs, and an override
// may ask for more.
func (s *Service) judge(ctx context.Context, p agent.Plan, job *nomad.Job, in jobs.Input, where placement) (agent.Plan, error) {
	plan, err := s.planRoom(ctx, job)
	if err != nil {
		return p, notTaken(err)
	}
	if len(plan.FailedTGAllocs) == 0 {
		p.Verdict = agent.Verdict{Do: deed(plan.Annotations), Node: where.names()}
		return p, nil
	}
	against := s.obstacles(ctx, job, plan, in)
	p.Verdict = agent.Verdict{Do: agent.VerdictBlocked, Why: lines(against)}
	p.Node, p.Nodes = "", slices.Clone(p.Nodes)
	for k, f := range p.Nodes {
		if !f.Fits {
			continue
		}
		f.Fits, f.Chosen = false, false
		for _, o := range against {
			if o.machine == f.Name || o.machine == "" {
				f.Why = append(f.Why, o.why)
			}
		}
		p.Nodes[k] = f
	}
	return p, nil
}

// deed is what Nomad would do, in a word. Where it would do several things, it is the
// one that is noticed most.
func deed(a *nomad.PlanAnnotations) string {
	var sum nomad.DesiredUpdates
	if a != nil {
		for _, u := range a.DesiredTGUpdates {
			sum.DestructiveUpdate += u.DestructiveUpdate + u.Canary
			sum.Place += u.Place + u.Migrate
			sum.InPlaceUpdate += u.InPlaceUpdate
			sum.Stop += u.Stop
		}
	}
	switch {
	case sum.DestructiveUpdate > 0, sum.Place > 0 && sum.Stop > 0:
		return agent.VerdictRestart
	case sum.Place > 0:
		return agent.VerdictPlace
	case sum.InPlaceUpdate > 0:
		return agent.VerdictInPlace
	case sum.Stop > 0:
		return agent.VerdictStop
	}
	return agent.VerdictNothing
}

// mostAsked is of how many machines it is found out what stands against a job there.
const mostAsked = 8

// obstacle is what stands against a job on a machine, or on all ("").
type obstacle struct{ machine, why string }

// lines say obstacles one by one: "pi1: 300 MB of memory short".
func lines(against []obstacle) []string {
	out := make([]string, len(against))
	for k, o := range against {
		if out[k] = o.why; o.machine != "" {
			out[k] = o.machine + ": " + o.why
		}
	}
	return out
}

// obstacles are the reasons why Nomad would place a job nowhere, by machine where that
// can be told. Nomad tells what stood against it on all machines together, so it is asked
// once more for each, as if there were no other.
func (s *Service) obstacles(ctx context.Context, job *nomad.Job, plan *nomad.JobPlanResponse, in jobs.Input) []obstacle {
	var out []obstacle
	add := func(machine, why string) {
		if o := (obstacle{machine, why}); !slices.Contains(out, o) {
			out = append(out, o)
		}
	}
	asked := 0
	for _, m := range s.machines(in.Intent.Name, in.Entry) {
		switch {
		case in.Intent.Home != "" && m.node.ID != in.Intent.Home:
			continue
		case m.away != "":
			add(m.node.Name, m.away)
			continue
		}
		if asked++; asked > mostAsked {
			break
		}
		alone, err := s.plan(ctx, heldTo(job, m.node.ID))
		if err != nil {
			break // what is known of all together will do
		}
		for _, why := range hindrances(alone.FailedTGAllocs, job, m) {
			add(m.node.Name, why)
		}
	}
	if len(out) == 0 {
		out = []obstacle{{why: misplaced(plan.FailedTGAllocs)}}
	}
	return out
}

// heldTo is a job that may run on one machine only. Nomad tells of each machine the first
// constraint that it does not meet, so this one comes first: what else is told is of the
// one machine, and not of the others.
func heldTo(job *nomad.Job, node string) *nomad.Job {
	held := *job
	held.Constraints = append([]*nomad.Constraint{nomad.NewConstraint(attrNode, "=", node)}, job.Constraints...)
	return &held
}

const attrNode = "${node.unique.id}"

// port finds the number in Nomad's words for a port that is taken: "network: reserved
// port collision http=8080".
var port = regexp.MustCompile(`port collision [^=]*=(\d+)`)

// hindrances say what stands against a job on one machine.
func hindrances(failures map[string]*nomad.AllocationMetric, job *nomad.Job, m machine) []string {
	var out []string
	for _, group := range slices.Sorted(maps.Keys(failures)) {
		f := failures[group]
		for _, what := range slices.Sorted(maps.Keys(f.DimensionExhausted)) {
			out = append(out, exhausted(what, job, m))
		}
		for _, what := range slices.Sorted(maps.Keys(f.ConstraintFiltered)) {
			if !strings.HasPrefix(what, attrNode) { // those are the other machines
				out = append(out, filtered(what))
			}
		}
	}
	return out
}

// exhausted is what a machine has too little of.
func exhausted(what string, job *nomad.Job, m machine) string {
	switch {
	case what == "memory" && reserves(job) > m.facts.MemoryFree:
		return fmt.Sprintf("%d MB of memory short", reserves(job)-m.facts.MemoryFree)
	case what == "cpu":
		return "not enough of the processor is free"
	case strings.HasPrefix(what, "network:"):
		if found := port.FindStringSubmatch(what); found != nil {
			return "port " + found[1] + " is taken"
		}
		return strings.TrimSpace(strings.TrimPrefix(what, "network:"))
	}
	return "not enough " + what
}

// filtered is what a machine does not have that a job asks for.
func filtered(what string) string {
	switch {
	case strings.Contains(what, "cpu.arch} set_contains_any "): // as jobs.Build asks for an entry's
		return "no build for its kind of processor"
	case strings.Contains(what, "host volumes"):
		return "it does not have the app's data"
	case strings.Contains(what, "node.unique.name"):
		return "not the machine that was asked for"
	case what == "missing drivers":
		return "it cannot run what this asks for: no such driver"
	case strings.HasPrefix(what, "missing "):
		return "no " + strings.TrimPrefix(what, "missing ")
	}
	return "it is not " + what
}
