package control

import (
	"maps"
	"slices"
	"time"

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
	better bool      // it is well again
	from   time.Time // since when it is ill
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
			// Not again at once, should the history show it late.
			if w.better {
				c.well = now
			} else {
				c.ill = now
			}
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
		return word{sign: s, from: now}, true
	}
	enough := illFor
	if s.failed {
		enough = failedFor
	}
	ill := !s.well && !c.ill.IsZero() && now.Sub(c.ill) >= enough && !s.told
	return word{sign: s, from: c.ill}, ill && (c.wasWell || since >= startsSlowly)
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
		case opStart, opStop, opRestart, opConfigure, opOverride, opRemove:
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
		if now.Sub(a.Started) <= time.Hour && a.Action == action && (app == "" || a.App == app) && (node == "" || a.Node == node) {
			n++
		}
	}
	return n >= flaps
}

// illSince is when a thing became ill as the history has it.
func illSince(list []*agent.Activity, action, app, node string) time.Time {
	for _, a := range list {
		if a.Action == action && a.App == app && (node == "" || a.Node == node) {
			return a.Started
		}
	}
	return time.Time{}
}
