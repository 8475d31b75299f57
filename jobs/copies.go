package jobs

import (
	"fmt"
	"time"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// SettingReplicas is the setting that every entry has which can run in copies:
// how many. An entry's own setting of that name goes before it.
const SettingReplicas = "replicas"

// SettingAccess is the setting of every installed app that has a door: who passes it.
// An entry may have one of that name itself, which then is its own.
const SettingAccess = "access"

// SettingNode is the setting of every app for the machine that it is pinned to. An entry
// may have one of that name itself, which then is its own.
const SettingNode = "node"

// MaxReplicas is the most copies of an app. More than machines is fine: those that
// share one have ports of their own.
const MaxReplicas = 20

// How a change of copies goes unnoticed by who uses the app.
const (
	// copyCheck is how often a copy is checked: it takes no requests before its
	// first good answer, while the others do, and Consul asks first somewhere in
	// the first interval.
	copyCheck = 3 * time.Second
	// copyLeaves is how long a copy goes on after it left Consul: until every front
	// door has heard of it (a tenth of a second) and what was asked is answered.
	copyLeaves = 3 * time.Second
	// forLife is how long an app with data is waited for when its machine is away.
	// Nomad needs a bound; a machine that is removed is another matter.
	forLife = 10 * 365 * 24 * time.Hour
)

// OneCopy says why an entry can run only once, in words that follow its name:
// "keeps data; copies of it would not share it". It can run in copies if it is "".
func OneCopy(entry *catalog.App) string {
	for _, s := range entry.Services {
		if len(s.Volumes) > 0 {
			return "keeps data; copies of it would not share it"
		}
	}
	for _, s := range entry.Services {
		for _, p := range s.Ports {
			return fmt.Sprintf("has port %d of its machine to itself; copies of it would not share it", orElse(p.Host, p.Port))
		}
		for _, d := range s.Devices {
			return fmt.Sprintf("uses %s of its machine", d)
		}
	}
	return ""
}

// hasVolumes tells whether an entry keeps data.
func hasVolumes(entry *catalog.App) bool {
	for _, s := range entry.Services {
		if len(s.Volumes) > 0 {
			return true
		}
	}
	return false
}

// Tied tells whether an app of an entry hangs on the machine that it was placed on,
// since its data or a device is there: Intent.Home then says which.
func Tied(entry *catalog.App) bool {
	for _, s := range entry.Services {
		if len(s.Volumes) > 0 || len(s.Devices) > 0 {
			return true
		}
	}
	return false
}

// replicas is how many copies run, 1 for an entry that can run only once.
func replicas(in Input) (int, error) {
	n := max(in.Intent.Replicas, 1)
	if n == 1 {
		return 1, nil
	}
	if why := OneCopy(in.Entry); why != "" {
		return 0, errorf("leave out the setting "+SettingReplicas, "%s %s", in.Entry.Name, why)
	}
	if n > MaxReplicas {
		return 0, errorf(fmt.Sprintf("choose a number from 1 to %d", MaxReplicas), "%d copies are too many", n)
	}
	return n, nil
}

// spread puts copies on as many machines as there are, evenly. It is a wish: a
// machine that is away must not keep its copies from running elsewhere.
func spread() []*api.Spread {
	return []*api.Spread{{Attribute: "${node.unique.id}", Weight: ptr(int8(100))}}
}

// rolling replaces copies one after the other. The first new one comes before any
// old one goes, so that a change that does not come up takes nothing away, and one
// copy becomes several without a gap.
func rolling() *api.UpdateStrategy {
	u := updateStrategy()
	u.Canary, u.AutoPromote = ptr(1), ptr(true)
	return u
}

// InPlace makes a job do without room for one more copy while it changes: each copy
// is stopped before its successor starts. It is for machines that are full.
func InPlace(job *api.Job) bool {
	changed := false
	for _, g := range job.TaskGroups {
		if g.Update != nil && g.Update.Canary != nil && *g.Update.Canary > 0 {
			g.Update.Canary, g.Update.AutoPromote = ptr(0), ptr(false)
			changed = true
		}
	}
	return changed
}

// stays keeps the one allocation of an app with data for as long as its machine is
// away: its data is nowhere else, so another could not be placed, and when the
// machine is back the app is there at once, still running if only the network was
// gone. (https://developer.hashicorp.com/nomad/docs/job-specification/disconnect;
// without lost_after, Nomad gives an allocation up at the next evaluation.)
//
// Apps without data have no such block: they are lost with their machine, and
// replaced on another as soon as Nomad counts it as down.
func stays() *api.DisconnectStrategy {
	return &api.DisconnectStrategy{LostAfter: ptr(forLife), Replace: ptr(false), Reconcile: ptr(api.ReconcileOptionKeepOriginal)}
}

// gate makes the checks of a copy decide whether it gets requests.
func gate(services []*api.Service) {
	for _, s := range services {
		for i := range s.Checks {
			s.Checks[i].InitialStatus = ""
			s.Checks[i].Interval = min(s.Checks[i].Interval, copyCheck)
			s.Checks[i].Timeout = min(s.Checks[i].Timeout, copyCheck)
		}
	}
}
