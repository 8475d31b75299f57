package engine

import (
	"errors"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Timing holds every duration that the supervisor goes by.
type Timing struct {
	BackoffMin time.Duration // before the first restart: short, so that a killed engine is hardly missed
	BackoffMax time.Duration // the pause doubles up to this: a broken engine must not keep a small machine busy
	WellAfter  time.Duration // ready for this long: the next end counts as the first again

	ProbeMin     time.Duration // between the first two calls of Ready; doubles up to ProbeMax until it succeeds
	ProbeMax     time.Duration
	ProbeEvery   time.Duration // between calls once the engine is ready
	ProbeTimeout time.Duration // deadline of one call
	FailAfter    int           // calls that fail in a row before a ready engine counts as failing

	// StuckAfter restarts an engine that was ready and has been failing for this long
	// (unless with ErrWaiting). A Go process that does not answer its own API for minutes
	// does not come back, and apps go on while an engine restarts. One that has not been
	// ready yet is left alone: replaying a long log on a slow disk takes its time.
	StuckAfter time.Duration

	// SlimAfter is how long after it became ready an engine lets go of what only its
	// start needed; 0 for never.
	SlimAfter time.Duration

	AfterWait time.Duration // how long an engine waits for those that it starts after
	RollWait  time.Duration // how long changed engines are waited for, one after the other
	LockWait  time.Duration // how long Run waits for an earlier agent to end
	ExitPoll  time.Duration // between looks at /proc where the kernel has no pidfd
}

// DefaultTiming is what New uses unless told otherwise.
var DefaultTiming = Timing{
	BackoffMin: 200 * time.Millisecond, BackoffMax: 30 * time.Second, WellAfter: time.Minute,
	ProbeMin: 50 * time.Millisecond, ProbeMax: time.Second, ProbeEvery: 10 * time.Second,
	ProbeTimeout: 5 * time.Second, FailAfter: 3, StuckAfter: 3 * time.Minute, SlimAfter: 15 * time.Second,
	AfterWait: time.Minute, RollWait: 2 * time.Minute, LockWait: 10 * time.Second, ExitPoll: time.Second,
}

// backoff is the pause before the restart that follows the given number of earlier
// ends in a row.
func (t Timing) backoff(ends int) time.Duration {
	d := t.BackoffMin
	for ; ends > 0 && d < t.BackoffMax; ends-- {
		d *= 2
	}
	return min(d, t.BackoffMax)
}

// health turns the results of Ready into a state.
type health struct {
	t          Timing
	readySince time.Time // zero until the engine was ready for the first time
	fails      int       // in a row
	failing    time.Time // since when, zero if not
	step       time.Duration
}

// report is what one result of Ready comes to.
type report struct {
	state, reason string
	next          time.Duration // until Ready is to be called again
	stuck         bool          // the engine should be restarted
}

func (h *health) observe(err error, now time.Time) report {
	if err == nil {
		if h.readySince.IsZero() || !h.failing.IsZero() {
			h.readySince = now
		}
		h.fails, h.failing, h.step = 0, time.Time{}, 0
		return report{state: agent.EngineReady, next: h.t.ProbeEvery}
	}
	h.step = min(max(h.step*2, h.t.ProbeMin), h.t.ProbeMax)
	r := report{state: agent.EngineStarting, reason: err.Error(), next: h.step}
	if h.readySince.IsZero() {
		return r
	}
	h.fails++
	if h.fails < h.t.FailAfter {
		// One slow answer is nothing to tell anyone.
		return report{state: agent.EngineReady, next: min(h.t.ProbeEvery, h.t.ProbeMax)}
	}
	if h.failing.IsZero() {
		h.failing = now
	}
	r.state = agent.EngineFailing
	r.stuck = now.Sub(h.failing) >= h.t.StuckAfter && !errors.Is(err, ErrWaiting)
	return r
}

// ranWell tells whether the engine was ready long enough to start counting anew.
func (h *health) ranWell(now time.Time) bool {
	return !h.readySince.IsZero() && h.failing.IsZero() && now.Sub(h.readySince) >= h.t.WellAfter
}
