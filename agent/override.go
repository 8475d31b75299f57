package agent

import "time"

// Override is what a person changes of an app's job, in the scheduler's own language.
type Override struct {
	Name string `json:"name"`
	Text string `json:"text"` // "" where there is none
	// Privileged says that it may ask for what breaks out of a container, and Risks
	// what it does ask for, in words.
	Privileged bool      `json:"privileged,omitempty"`
	Risks      []string  `json:"risks,omitempty"`
	Updated    time.Time `json:"updated,omitzero"`
	Actor      string    `json:"actor,omitempty"` // who wrote it
	// Problems are what stands against it now, as after an update of the entry that
	// took away a service which it changes. The app runs on as it did.
	Problems []Problem `json:"problems,omitempty"`
}

// OverrideChange replaces an app's override.
type OverrideChange struct {
	Text string `json:"text"`
	// File is how problems name the text; "override.hcl" unless said.
	File string `json:"file,omitempty"`
	// AllowPrivileged accepts what breaks out of a container: host networking,
	// privileged mode, paths of the machine.
	AllowPrivileged bool `json:"allow_privileged,omitempty"`
}

// Problem is one thing that is wrong with a text, and where.
type Problem struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"` // from 1; 0 where it is about the whole
	Column  int    `json:"column,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// PlanRequest asks what a change of an installed app would do. What is not given stays
// as it is.
type PlanRequest struct {
	Settings map[string]string `json:"settings,omitempty"`
	Override *OverrideChange   `json:"override,omitempty"` // an empty text: without one
	// Version plans the change to the entry as the catalog has it now, and says which
	// version that has to be.
	Version string `json:"version,omitempty"`
}

// How a part of a job would change.
const (
	DiffAdded   = "added"
	DiffChanged = "changed"
	DiffRemoved = "removed"
)

// Change is one difference between two jobs.
type Change struct {
	// Address names the place as an override does:
	// group.miniflux.task.web.env.POLLING_FREQUENCY.
	Address string `json:"address"`
	Op      string `json:"op"`            // added, changed, removed
	Old     string `json:"old,omitempty"` // "" where it was not there; never a secret
	New     string `json:"new,omitempty"`
}

// What the scheduler would do with a job.
const (
	VerdictNothing = "nothing"  // it runs as it should
	VerdictInPlace = "in-place" // changed without a restart
	VerdictRestart = "restart"  // its containers are replaced
	VerdictPlace   = "place"    // it would be started, on a machine that fits
	VerdictStop    = "stop"
	VerdictBlocked = "blocked" // it fits on no machine now
)

// Verdict is what the scheduler says that it would do.
type Verdict struct {
	Do   string   `json:"do"`
	Why  []string `json:"why,omitempty"`  // blocked: what stands against it, in words
	Node string   `json:"node,omitempty"` // where it would run, if that is known
}

// Exit codes of `app plan`, beside those of an Error.
const (
	ExitPlanChanges = 10 // something would change
	ExitPlanBlocked = 11 // it could not be placed
)
