package live

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
)

const (
	// riskTime bounds what it takes to ask for the details of apps, in one round, and
	// riskAtOnce how many are asked for at once.
	riskTime   = 3 * time.Second
	riskAtOnce = 8
)

// looked is what an app's details said when they were asked for last, and what the app
// was like then. Only the round under way has it.
type looked struct {
	at    looks
	risks []string
}

// looks is all that what is told of an app's override depends on: its entry's version,
// and what was done to it last.
type looks struct{ version, state, change, outcome string }

func looksOf(a agent.App, latest []agent.Activity) looks {
	out := looks{version: a.Version, state: a.State}
	if k := slices.IndexFunc(latest, func(x agent.Activity) bool { return x.App == a.Name }); k >= 0 {
		out.change, out.outcome = latest[k].ID, latest[k].Outcome
	}
	return out
}

// risks are those of the apps that have any. Details are dear, and most apps are as they
// were: only those that something happened to are asked for.
func (h *Hub) risks(ctx context.Context, apps []agent.App, latest []agent.Activity) map[string][]string {
	ctx, cancel := context.WithTimeout(ctx, riskTime)
	defer cancel()
	var mu sync.Mutex // for known
	known := make(map[string]looked, len(apps))
	keep := func(name string, l looked) {
		mu.Lock()
		defer mu.Unlock()
		known[name] = l
	}
	var all sync.WaitGroup
	room := make(chan struct{}, riskAtOnce)
	for _, a := range apps {
		at, was := looksOf(a, latest), h.looked[a.Name]
		if was.at == at {
			keep(a.Name, was)
			continue
		}
		all.Go(func() {
			room <- struct{}{}
			defer func() { <-room }()
			d, err := h.source.App(ctx, a.Name)
			if err != nil { // it is asked for again in the next round
				keep(a.Name, looked{risks: was.risks})
				return
			}
			keep(a.Name, looked{at: at, risks: slices.Clone(d.Risks)})
		})
	}
	all.Wait()
	h.looked = known
	out := map[string][]string{}
	for name, l := range maps.All(known) {
		if len(l.risks) > 0 {
			out[name] = l.risks
		}
	}
	return out
}
