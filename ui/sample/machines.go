package sample

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// nodes are three machines: one nearly full, one being emptied, one away.
func nodes() []agent.Node {
	return []agent.Node{
		{Name: "pi1", ID: "5b8c1c1e-0001", Role: "server", Arch: "arm64", Address: "10.77.0.1", State: agent.NodeReady, CPU: 6000, Memory: 4096, Apps: 6, Version: "0.4.0", Self: true,
			Load: &agent.Load{CPU: 34, MemoryUsed: 3850, DiskTotal: 119_000, DiskFree: 9_100}},
		{Name: "pi2", ID: "5b8c1c1e-0002", Role: "worker", Arch: "arm64", Address: "10.77.0.2", State: agent.NodeDown, CPU: 6000, Memory: 2048, Apps: 1, Version: "0.4.0",
			Reason: "it has not answered for 3 hours"},
		{Name: "vps1", ID: "5b8c1c1e-0003", Role: "ingress", Arch: "amd64", Address: "10.77.0.3", State: agent.NodeDraining, CPU: 4800, Memory: 2048, Apps: 1, Version: "0.4.0",
			Load: &agent.Load{CPU: 3, MemoryUsed: 410, DiskTotal: 40_000, DiskFree: 31_000}},
	}
}

func pending(now time.Time) []agent.PendingNode {
	return []agent.PendingNode{{ID: "ask-1", Name: "attic", Arch: "amd64", Memory: 8192, Role: "worker", Address: "192.168.1.44", Asked: now.Add(-3 * time.Minute)}}
}

// Nodes are the machines.
func (c *Cloud) Nodes(ctx context.Context) ([]agent.Node, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Nodes"); err != nil {
		return nil, err
	}
	return slices.Clone(c.nodes), nil
}

// AddNode adds a machine, or takes the place of one of its name: as when one arrives.
func (c *Cloud) AddNode(n agent.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k := c.nodeAt(n.Name); k >= 0 {
		c.nodes[k] = n
	} else {
		c.nodes = append(c.nodes, n)
	}
	c.changed()
}

func (c *Cloud) nodeAt(name string) int {
	return slices.IndexFunc(c.nodes, func(n agent.Node) bool { return n.Name == name })
}

func (c *Cloud) node(name string) (*agent.Node, error) {
	if k := c.nodeAt(name); k >= 0 {
		return &c.nodes[k], nil
	}
	return nil, agent.Errorf(agent.CodeNotFound, "there is no machine called %q", clip(name)).WithHint("see what there is with: dcloud node list")
}

func clip(s string) string { return s[:min(len(s), 63)] }

// NodeToken makes a token that opens nothing.
func (c *Cloud) NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "NodeToken"); err != nil {
		return agent.Token{}, err
	}
	if req.TTL == 0 {
		req.TTL = time.Hour
	}
	if req.Uses == 0 {
		req.Uses = 1
	}
	if req.Role == "" {
		req.Role = "worker"
	}
	switch {
	case req.TTL < 0 || req.TTL > 30*24*time.Hour:
		return agent.Token{}, agent.Errorf(agent.CodeInvalid, "a token is good for at most 30 days")
	case req.Uses < 1 || req.Uses > 100:
		return agent.Token{}, agent.Errorf(agent.CodeInvalid, "a token lets in between 1 and 100 machines")
	case !slices.Contains([]string{"server", "worker", "ingress"}, req.Role):
		return agent.Token{}, agent.Errorf(agent.CodeInvalid, "%q is no role of a machine", clip(req.Role)).WithHint("there are server, worker and ingress")
	}
	for _, a := range append(slices.Clone(req.Addresses), req.Call) {
		if strings.ContainsAny(a, " /@") {
			return agent.Token{}, agent.Errorf(agent.CodeInvalid, "%q is no address", clip(a)).WithHint("one looks like cloud.ada.xyz or 203.0.113.7:7072")
		}
	}
	token := "dc1." + strings.Repeat("samplesample", 8)
	t := agent.Token{ID: c.id(), Token: token, Command: "sudo dcloud join " + token, Role: req.Role, Uses: req.Uses,
		Expires: c.now().Add(req.TTL), Addresses: append([]string{"192.168.1.10:7072"}, req.Addresses...)}
	c.note(ctx, agent.Activity{Action: "token", Detail: "for a " + req.Role})
	return t, nil
}

// NodePlan sorts the apps of a machine: those with data stay.
func (c *Cloud) NodePlan(ctx context.Context, name string) (agent.NodePlan, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "NodePlan"); err != nil {
		return agent.NodePlan{}, err
	}
	if _, err := c.node(name); err != nil {
		return agent.NodePlan{}, err
	}
	p := agent.NodePlan{Name: name, Moves: []string{}, Stays: []agent.NodeStay{}}
	for _, a := range c.sorted() {
		switch {
		case a.Node != name:
		case len(a.Volumes) > 0:
			p.Stays = append(p.Stays, agent.NodeStay{App: a.Name, Reason: "its data is on " + name, Data: true})
		default:
			p.Moves = append(p.Moves, a.Name)
		}
	}
	return p, nil
}

// Drain empties a machine.
func (c *Cloud) Drain(ctx context.Context, name string) (agent.Operation, error) {
	return c.onNode(ctx, "Drain", name, "drain", func(n *agent.Node) error {
		if n.State == agent.NodeDown {
			return agent.Errorf(agent.CodeConflict, "%s is down: what can run elsewhere is started there without a drain", name)
		}
		n.State = agent.NodeDraining
		return nil
	}, []agent.Event{
		{Stage: agent.StageDrain, State: agent.EventStarted, Message: "draining " + name, Percent: 5},
		{Stage: agent.StageDrain, State: agent.EventProgress, Message: "moving whoami", Percent: 50},
		{Stage: agent.StageDrain, State: agent.EventDone, Message: "nothing that can move runs on it any more", Percent: 100, Final: true},
	}, nil)
}

// Undrain lets a machine run apps again.
func (c *Cloud) Undrain(ctx context.Context, name string) (agent.Operation, error) {
	return c.onNode(ctx, "Undrain", name, "undrain", func(n *agent.Node) error {
		n.State = agent.NodeReady
		return nil
	}, []agent.Event{{Stage: agent.StageDrain, State: agent.EventDone, Message: name + " runs apps again", Percent: 100, Final: true}}, nil)
}

// RemoveNode takes a machine out; one with data only if that is abandoned.
func (c *Cloud) RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error) {
	plan, err := c.NodePlan(ctx, name)
	if err != nil {
		return agent.Operation{}, err
	}
	return c.onNode(ctx, "RemoveNode", name, "node-remove", func(n *agent.Node) error {
		if n.Self {
			return agent.Errorf(agent.CodeConflict, "%s is the machine that answers you", name).WithHint("make another one the server first")
		}
		if len(plan.Stays) > 0 && !how.Abandon {
			return agent.Errorf(agent.CodeConflict, "the data of %s is on %s", plan.Stays[0].App, name).
				WithHint("remove the app first, or give its data up")
		}
		return nil
	}, []agent.Event{
		{Stage: agent.StageDrain, State: agent.EventDone, Message: "nothing runs on it any more", Percent: 40},
		{Stage: agent.StageRemove, State: agent.EventStarted, Message: "taking it out of the cloud", Percent: 60},
		{Stage: agent.StageRotate, State: agent.EventDone, Message: name + " is out", Percent: 100, Final: true},
	}, func() { c.nodes = slices.DeleteFunc(c.nodes, func(n agent.Node) bool { return n.Name == name }) })
}

func (c *Cloud) onNode(ctx context.Context, call, name, kind string, change func(*agent.Node) error, events []agent.Event, end func()) (agent.Operation, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, call); err != nil {
		return agent.Operation{}, err
	}
	n, err := c.node(name)
	if err != nil {
		return agent.Operation{}, err
	}
	if n.Op != "" {
		return agent.Operation{}, agent.Errorf(agent.CodeConflict, "%s is busy", name)
	}
	if err := change(n); err != nil {
		return agent.Operation{}, err
	}
	op := c.start(ctx, agent.Activity{Action: kind, Node: name}, events, func(agent.Event) {
		if k := c.nodeAt(name); k >= 0 {
			c.nodes[k].Op = ""
		}
		if end != nil {
			end()
		}
	})
	n.Op = op.ID
	return op, nil
}

// Pending are the machines that ask to be let in.
func (c *Cloud) Pending(ctx context.Context) ([]agent.PendingNode, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Pending"); err != nil {
		return nil, err
	}
	return slices.Clone(c.pending), nil
}

// Accept lets one in; it is joining until the next steps are over.
func (c *Cloud) Accept(ctx context.Context, id string) error { return c.answer(ctx, "Accept", id) }

// Refuse sends one away.
func (c *Cloud) Refuse(ctx context.Context, id string) error { return c.answer(ctx, "Refuse", id) }

func (c *Cloud) answer(ctx context.Context, call, id string) error {
	defer c.mu.Unlock()
	if err := c.ok(ctx, call); err != nil {
		return err
	}
	k := slices.IndexFunc(c.pending, func(p agent.PendingNode) bool { return p.ID == id })
	if k < 0 {
		return agent.Errorf(agent.CodeNotFound, "no machine waits under that number").WithHint("somebody may have answered it already")
	}
	p := c.pending[k]
	c.pending = slices.Delete(c.pending, k, k+1)
	if call == "Refuse" {
		c.note(ctx, agent.Activity{Action: "node-refuse", Node: p.Name})
		return nil
	}
	c.nodes = append(c.nodes, agent.Node{Name: p.Name, ID: p.ID, Role: p.Role, Arch: p.Arch, Address: "10.77.0.9", State: agent.NodeJoining, CPU: 9000, Memory: p.Memory, Version: "0.4.0"})
	c.start(ctx, agent.Activity{Action: "node-join", Node: p.Name}, []agent.Event{
		{Stage: agent.StageCheck, State: agent.EventStarted, Message: "waiting until it is ready", Percent: 10},
		{Stage: agent.StageCheck, State: agent.EventProgress, Message: "its engines start", Percent: 60},
		{Stage: agent.StageCheck, State: agent.EventDone, Message: p.Name + " is ready", Percent: 100, Final: true},
	}, func(agent.Event) {
		if k := c.nodeAt(p.Name); k >= 0 {
			c.nodes[k].State = agent.NodeReady
			c.nodes[k].Load = &agent.Load{CPU: 2, MemoryUsed: 600, DiskTotal: 240_000, DiskFree: 201_000}
		}
	})
	return nil
}
