package sample

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
)

var lastWords = []string{
	"web: connecting to the database at 127.0.0.1:5432",
	"web: could not connect: connection refused; trying again in 5 s",
	"web: FATAL: giving up after 12 tries",
}

// past is what happened before, of every kind and outcome.
func past(now time.Time) []agent.Activity {
	var out []agent.Activity
	add := func(ago time.Duration, a agent.Activity) {
		a.Started = now.Add(-ago)
		a.ID = fmt.Sprintf("%s-%03d", a.Started.UTC().Format("20060102T150405"), len(out))
		if a.Outcome == "" {
			a.Outcome = agent.OutcomeDone
		}
		if a.Ended.IsZero() && a.Outcome != agent.OutcomeRunning {
			a.Ended = a.Started.Add(38 * time.Second)
		}
		out = append(out, a)
	}
	for k := 120; k > 0; k-- {
		add(time.Duration(k+30)*24*time.Hour, agent.Activity{Actor: "admin", Action: "restart", App: "files"})
	}
	const hour, day = time.Hour, 24 * time.Hour
	add(28*day, agent.Activity{Actor: "root", Action: "node-join", Node: "pi1"})
	add(27*day, agent.Activity{Actor: "owner", Action: "token", Detail: "for a worker, once, for 1 hour"})
	add(27*day, agent.Activity{Actor: "", Action: "node-join", Node: "pi2"})
	add(26*day, agent.Activity{Actor: "owner", Action: "install", App: "miniflux", Detail: "version 2.2.15 on pi1", Request: &agent.InstallRequest{Entry: "miniflux"}})
	add(20*day, agent.Activity{Actor: "token:owner", Action: "configure", App: "miniflux", Detail: "changed base_url"})
	add(19*day, agent.Activity{Actor: "owner", Action: "secrets", App: "miniflux", Detail: "looked at 1 password"})
	add(12*day, agent.Activity{Actor: "owner", Action: "invite", User: "mary"})
	add(12*day, agent.Activity{Actor: "owner", Action: "user", User: "member", Detail: "role member"})
	add(9*day, agent.Activity{Actor: "member", Action: "sign-in", User: "member", Detail: "Firefox on Linux"})
	add(5*day, agent.Activity{Actor: "owner", Action: "settings", Detail: "changed the accent"})
	add(3*day, agent.Activity{Actor: "admin", Action: "stop", App: "gitea"})
	add(2*day, agent.Activity{Actor: "admin", Action: "install", App: "blog", Detail: "version 7.0.2 on vps1", Outcome: agent.OutcomeFailed, Stage: agent.StageHealthy,
		Error:   agent.Errorf(agent.CodeFailed, "blog did not become healthy within 5 minutes").WithHint("its last lines say more; try again with other settings"),
		Logs:    lastWords,
		Request: &agent.InstallRequest{Entry: "wordpress", Name: "blog", Settings: map[string]string{"admin_email": "ada@example.org"}}})
	add(30*hour, agent.Activity{Actor: "admin", Action: "remove", App: "old-wiki", Detail: "its data is kept"})
	add(5*hour, agent.Activity{Actor: "owner", Action: "drain", Node: "vps1", Ended: now.Add(-5*hour + 4*time.Minute)})
	add(3*hour, agent.Activity{Actor: "", Action: "crash", App: "jellyfin", Outcome: agent.OutcomeFailed,
		Error: agent.Errorf(agent.CodeFailed, "jellyfin ended with exit code 137: it needs more memory than it may use").WithHint("give it more with: dcloud app config jellyfin memory=2048"),
		Logs:  []string{"web: scanning /media: 4812 files", "web: Killed"}})
	add(3*hour, agent.Activity{Actor: "", Action: "node-down", Node: "pi2", Outcome: agent.OutcomeFailed,
		Error: agent.Errorf(agent.CodeUnavailable, "pi2 does not answer").WithHint("look whether it has power and network")})
	return out
}

// Activity lists changes, the newest first.
func (c *Cloud) Activity(ctx context.Context, q agent.ActivityQuery) ([]agent.Activity, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Activity"); err != nil {
		return nil, err
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 50
	}
	out := []agent.Activity{}
	for _, a := range slices.Backward(c.activity) {
		if q.App != "" && a.App != q.App || q.Node != "" && a.Node != q.Node || q.Before != "" && a.ID >= q.Before {
			continue
		}
		if out = append(out, a); len(out) >= min(limit, 500) {
			break
		}
	}
	return out, nil
}

// Usage is a wave with a gap, or nothing where the machine is away.
func (c *Cloud) Usage(ctx context.Context, q agent.UsageQuery) (agent.Usage, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Usage"); err != nil {
		return agent.Usage{}, err
	}
	u := agent.Usage{Step: 15 * time.Second}
	points := 240
	if q.Range == agent.LastDay {
		u.Step, points = 5*time.Minute, 288
	}
	known := true
	scale := 40.0
	switch {
	case q.Node != "":
		n, err := c.node(q.Node)
		if err != nil {
			return agent.Usage{}, err
		}
		u.MemoryTotal, known = n.Memory, n.Load != nil
		if known {
			u.DiskTotal, scale = n.Load.DiskTotal, float64(n.Load.MemoryUsed)
		}
	default:
		a, err := c.app(q.App)
		if err != nil {
			return agent.Usage{}, err
		}
		u.MemoryTotal, known, scale = a.entry.Memory, a.State == agent.StateRunning || a.State == agent.StateDegraded, float64(a.entry.Memory)*0.7
	}
	end := c.now().Truncate(u.Step)
	for k := range points {
		u.Times = append(u.Times, end.Add(-time.Duration(points-1-k)*u.Step).Unix())
		var cpu, memory, disk *float64
		if known && k%97 > 3 {
			wave := math.Sin(float64(k) / 11)
			cpu, memory, disk = number(12+10*wave), number(scale*(0.9+0.1*wave)), number(scale*2+float64(k))
		}
		u.CPU, u.Memory, u.Disk = append(u.CPU, cpu), append(u.Memory, memory), append(u.Disk, disk)
	}
	return u, nil
}
