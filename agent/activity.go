package agent

import "time"

// Outcomes of a change.
const (
	OutcomeRunning = "running" // under way
	OutcomeDone    = "done"
	OutcomeFailed  = "failed"
)

// Activity is one change that somebody made, or that happened by itself.
type Activity struct {
	ID      string          `json:"id"` // sorts by time
	Op      string          `json:"op,omitempty"`
	Actor   string          `json:"actor"`            // "ada", "root", "token:owner"; "" for the cloud itself
	Action  string          `json:"action"`           // install, start, stop, restart, remove, configure, override, secrets, exec, crash, recover, drain, undrain, node-join, node-remove, node-accept, node-refuse, node-down, node-up, token, invite, user, settings, sign-in, store-add, store-sync, store-remove
	App     string          `json:"app,omitempty"`    // that it is about
	Node    string          `json:"node,omitempty"`   // likewise
	User    string          `json:"user,omitempty"`   // likewise
	Detail  string          `json:"detail,omitempty"` // in words: "version 2.2.15 on pi2", "changed base_url"
	Started time.Time       `json:"started"`
	Ended   time.Time       `json:"ended,omitzero"`
	Outcome string          `json:"outcome"`
	Stage   string          `json:"stage,omitempty"`   // at which it failed
	Error   *Error          `json:"error,omitempty"`   //
	Logs    []string        `json:"logs,omitempty"`    // the app's last lines, with Error
	Request *InstallRequest `json:"request,omitempty"` // of an install: to try again
}

// ActivityQuery says which changes are wanted; the newest come first.
type ActivityQuery struct {
	App    string
	Node   string
	Before string // an ID: only older ones
	Limit  int    // 50 unless said, at most 500
}

// Notify says where failures are told. What is empty is not used.
type Notify struct {
	Webhook string `json:"webhook,omitempty"` // a URL that gets an Activity as JSON
	Ntfy    string `json:"ntfy,omitempty"`    // https://ntfy.example/TOPIC
	Email   string `json:"email,omitempty"`   // an address
	SMTP    string `json:"smtp,omitempty"`    // smtp://USER@HOST:587, smtps://…: through which mail goes
	// SMTPPassword is written and never read: an answer has it empty, and HasPassword.
	SMTPPassword string `json:"smtp_password,omitempty"`
	HasPassword  bool   `json:"has_password,omitempty"`
}

// Settings are the cloud's own.
type Settings struct {
	Name   string `json:"name"`   // what the cloud is called: "Ada's cloud"
	Accent string `json:"accent"` // one of Accents
	Domain string `json:"domain"`
	Notify Notify `json:"notify"`
}

// Accents are the colours that an owner may choose from; the first is the default.
func Accents() []string {
	return []string{"indigo", "blue", "teal", "green", "amber", "orange", "rose", "violet"}
}

// SettingsChange changes what is not nil. A new domain makes the agent start anew:
// the API is away for a few seconds, the apps move to their new names one by one.
type SettingsChange struct {
	Name   *string `json:"name,omitempty"`
	Accent *string `json:"accent,omitempty"`
	Domain *string `json:"domain,omitempty"`
	Notify *Notify `json:"notify,omitempty"`
}
