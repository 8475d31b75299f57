// Package agent holds the words that the agent's rooms share: an app and its
// state, the events of an install, the status of the cloud, and the one error
// type that people get to see.
//
// It depends on nothing else of ours. The rooms beneath it do the work:
// engine supervises Consul, Nomad and Traefik, control turns intents into
// running apps, api serves both over HTTP.
package agent

import (
	"io"
	"time"
)

// States of an app.
const (
	StateInstalling = "installing"
	StateRunning    = "running"
	StateDegraded   = "degraded"
	StateStopped    = "stopped"
	StateFailed     = "failed"
)

// App is a row of `app list`.
type App struct {
	Name    string `json:"name"`
	Entry   string `json:"entry"`
	Version string `json:"version"`
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"` // why it is not running, in words
	URL     string `json:"url"`              // "" where nothing is exposed
	Node    string `json:"node"`             // several, with commas, where copies run on several
	Access  string `json:"access"`
	// Replicas is how many copies are asked for, and Running how many run.
	Replicas int `json:"replicas"`
	Running  int `json:"running"`
	// Privileged says that its override may ask for what breaks out of a container.
	Privileged bool `json:"privileged,omitempty"`
}

// AppDetail is what `app status NAME` tells.
type AppDetail struct {
	App
	Title    string            `json:"title"`
	Notes    string            `json:"notes,omitempty"`
	Settings map[string]string `json:"settings"`
	Secrets  []string          `json:"secrets"` // names of those that can be shown on request
	// Override says that the job is changed by an override, and Risks what that asks for
	// beyond a container.
	Override bool      `json:"override,omitempty"`
	Risks    []string  `json:"risks,omitempty"`
	Services []Service `json:"services"`
	Volumes  []Volume  `json:"volumes"`
	Created  time.Time `json:"created"`
	Updated  time.Time `json:"updated"`
	Actor    string    `json:"actor"` // who made the last change
}

// Service is one container of an app.
type Service struct {
	Name     string `json:"name"`
	Image    string `json:"image"`
	State    string `json:"state"`  // pending, running, dead; done, of what runs once and did
	Health   string `json:"health"` // passing, critical, "" where nothing checks
	Node     string `json:"node"`
	Address  string `json:"address,omitempty"` // host:port of what it exposes
	Restarts int    `json:"restarts"`
	Message  string `json:"message,omitempty"` // the last thing that Nomad said of it
}

// Volume is a directory of an app's data.
type Volume struct {
	Name string `json:"name"` // SERVICE/VOLUME, as in the entry
	Kind string `json:"kind"`
	Path string `json:"path"` // on the node
	Node string `json:"node"`
}

// Stages of an install, in order. Other operations use some of them.
const (
	StageResolve = "resolve"
	StageCheck   = "check"
	StageSecrets = "secrets"
	StageVolumes = "volumes"
	StagePlan    = "plan"
	StagePull    = "pull"
	StageStart   = "start"
	StageHealthy = "healthy"
	StageRouted  = "routed"
	StageStop    = "stop"   // stop and remove
	StageRemove  = "remove" // remove, and taking back a failed install
	StageDrain   = "drain"  // of a machine: its apps move
	StageRotate  = "rotate" // of a machine's removal: keys that it knew are replaced
)

// States of a stage.
const (
	EventStarted  = "started"
	EventProgress = "progress"
	EventDone     = "done"
	EventFailed   = "failed"
)

// Event is one step of an operation on an app.
type Event struct {
	ID      uint64    `json:"id"`             // grows with time on one agent; SSE's event id
	Op      string    `json:"op"`             // the operation that it belongs to
	App     string    `json:"app"`            // "" for an operation on a machine
	Node    string    `json:"node,omitempty"` // the machine that the operation is on
	Stage   string    `json:"stage"`
	State   string    `json:"state"`
	Message string    `json:"message"`
	Percent int       `json:"percent"` // of the whole operation, 0 to 100
	Time    time.Time `json:"time"`
	Final   bool      `json:"final,omitempty"` // nothing follows in this operation
	URL     string    `json:"url,omitempty"`   // on the final event of an install
	Error   *Error    `json:"error,omitempty"` // on a final event that failed
	Logs    []string  `json:"logs,omitempty"`  // the app's last log lines, with Error
	// While images are fetched: bytes so far and in all, of all images, 0 where they
	// are not known, and about how many seconds are left, 0 for unknown.
	Bytes int64 `json:"bytes,omitempty"`
	Total int64 `json:"total,omitempty"`
	Left  int   `json:"left_s,omitempty"`
}

// Operation is what a change returns at once; its events tell the rest.
type Operation struct {
	ID   string `json:"op"`
	App  string `json:"name"`           // "" for an operation on a machine
	Node string `json:"node,omitempty"` // the machine, if it is on one
}

// InstallRequest asks for a new app.
type InstallRequest struct {
	Entry     string            `json:"entry"`
	Name      string            `json:"name,omitempty"`      // the entry's unless said
	Subdomain string            `json:"subdomain,omitempty"` // the name unless said
	Access    string            `json:"access,omitempty"`    // the entry's unless said
	Node      string            `json:"node,omitempty"`
	Settings  map[string]string `json:"settings,omitempty"`
}

// Plan is what an install would do: `app install --plan`, `app plan`.
type Plan struct {
	Name    string   `json:"name"`
	Entry   string   `json:"entry"`
	Version string   `json:"version"`
	URL     string   `json:"url"`
	Node    string   `json:"node"`
	Memory  int      `json:"memory_mb"` // reserved in all
	Images  []string `json:"images"`
	Volumes []string `json:"volumes"`
	Secrets []string `json:"secrets"`           // names of those that would be made
	Risks   []string `json:"risks"`             // what is unusual about it, in words
	Changes []string `json:"changes,omitempty"` // for an installed app: what differs from what runs
	// Nodes says of each machine whether the app fits there.
	Nodes []NodeFit `json:"nodes"`
	// Diff is what would change of the job, in the order of the job; everything, where
	// the app is not there yet, is not listed.
	Diff []Change `json:"diff,omitempty"`
	// Verdict is what the scheduler would do.
	Verdict Verdict `json:"verdict"`
	// Warnings are what was changed, dropped or found risky when an entry of a foreign
	// store was taken over, and what an override asks for beyond a container.
	Warnings []string `json:"warnings,omitempty"`
	Store    string   `json:"store,omitempty"` // where the entry comes from, "" for the catalog itself
}

// NodeFit tells whether an app fits on a machine.
type NodeFit struct {
	Name   string   `json:"name"`
	Fits   bool     `json:"fits"`
	Why    []string `json:"why,omitempty"` // it does not: "300 MB of memory short", "no build for arm"
	Chosen bool     `json:"chosen,omitempty"`
}

// Config is an app's settings, with what they may be.
type Config struct {
	Name     string          `json:"name"`
	Settings []ConfigSetting `json:"settings"`
}

// Unset, given as a setting's value, takes it back to what it is when nobody gives it:
// its default, and no password. It can be nobody's value: settings hold no such characters.
const Unset = "\x00"

// ConfigSetting is one setting of an app. The value of one of type password is never
// told: Given says whether there is one.
type ConfigSetting struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Type     string   `json:"type"`
	Value    string   `json:"value"`
	Given    bool     `json:"given,omitempty"` // of a password
	Default  string   `json:"default"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices,omitempty"`
	Help     string   `json:"help,omitempty"`
	Pattern  string   `json:"pattern,omitempty"` // RE2, must match the whole
	Min      *float64 `json:"min,omitempty"`     // of a number
	Max      *float64 `json:"max,omitempty"`
	Advanced bool     `json:"advanced,omitempty"` // to be shown behind "more"
}

// Entry is a catalog entry as a list shows it.
type Entry struct {
	Name          string          `json:"name"`
	Title         string          `json:"title"`
	Tagline       string          `json:"tagline"`
	Category      string          `json:"category"`
	Version       string          `json:"version"`
	License       string          `json:"license"`
	Website       string          `json:"website"`
	Architectures []string        `json:"architectures"`
	Memory        int             `json:"memory_mb"`
	Description   string          `json:"description,omitempty"`
	Source        string          `json:"source,omitempty"`
	Notes         string          `json:"notes,omitempty"`
	Images        []string        `json:"images,omitempty"`
	Risks         []string        `json:"risks,omitempty"`
	Settings      []ConfigSetting `json:"settings,omitempty"`
	// Fits are the machines that it fits on as things are. What follows is told of a
	// single entry alone.
	Fits        []string  `json:"fits"`
	Nodes       []NodeFit `json:"nodes,omitempty"`
	Disk        int       `json:"disk_mb,omitempty"` // that should be free
	Ports       []string  `json:"ports,omitempty"`   // opened beside the front door: "22000/tcp: Sync"
	Public      []string  `json:"public,omitempty"`  // paths open to everybody: "/share"
	Access      string    `json:"access,omitempty"`  // who passes the door unless somebody says otherwise
	Data        []string  `json:"data,omitempty"`    // what is kept: "media: /media", "database: /var/lib/…"
	Secrets     int       `json:"secrets,omitempty"` // passwords that will be made
	User        string    `json:"default_user,omitempty"`
	Screenshots []string  `json:"screenshots,omitempty"`
	// Store is the store that it comes from, "" for the catalog itself, and Warnings what
	// was changed, dropped or found risky when it was taken over.
	Store    string   `json:"store,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
}

// LogLine is one line that a container wrote.
type LogLine struct {
	Service string    `json:"service"`
	Node    string    `json:"node,omitempty"` // the machine that it was written on
	Stream  string    `json:"stream"`         // stdout, stderr
	Time    time.Time `json:"time"`
	Text    string    `json:"text"`
}

// LogOptions says which lines are wanted.
type LogOptions struct {
	Service string // "" for all
	Follow  bool
	Tail    int // lines from the end of each container, 0 for all
}

// ExecRequest runs a command in a container.
type ExecRequest struct {
	Service string   `json:"service,omitempty"` // the app's first unless said
	Command []string `json:"command"`
	TTY     bool     `json:"tty"`
	Width   int      `json:"width,omitempty"`
	Height  int      `json:"height,omitempty"`
}

// Status is the state of the cloud.
type Status struct {
	Ready     bool     `json:"ready"`
	Domain    string   `json:"domain"`
	Panel     string   `json:"panel"`
	HTTPPort  int      `json:"http_port"`
	HTTPSPort int      `json:"https_port"`
	Version   string   `json:"version"`
	Engines   []Engine `json:"engines"`
	Nodes     int      `json:"nodes"`
	Apps      int      `json:"apps"`
}

// States of an engine.
const (
	EngineStarting = "starting" // process runs, not ready yet
	EngineReady    = "ready"
	EngineFailing  = "failing" // runs, but its readiness check fails since it was ready
	EngineBackoff  = "backoff" // ended, waiting to be started again
	EngineStopped  = "stopped"
)

// Engine is one supervised process.
type Engine struct {
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	State    string    `json:"state"`
	Reason   string    `json:"reason,omitempty"`
	PID      int       `json:"pid"`
	Restarts int       `json:"restarts"`
	Since    time.Time `json:"since"` // when it came into this state
}

// Node is a machine of the cloud.
type Node struct {
	Name    string `json:"name"`
	ID      string `json:"id"`
	Role    string `json:"role"` // server, worker, ingress
	Arch    string `json:"arch"`
	Address string `json:"address"` // in the pool
	State   string `json:"state"`   // joining, ready, down, draining, left
	CPU     int    `json:"cpu_mhz"`
	Memory  int    `json:"memory_mb"`
	Apps    int    `json:"apps"`
	// Reason says why it is not ready, in words.
	Reason  string `json:"reason,omitempty"`
	Version string `json:"version,omitempty"` // of dcloud
	Self    bool   `json:"self,omitempty"`    // it is the machine that answers
	Op      string `json:"op,omitempty"`      // the operation under way on it
	Load    *Load  `json:"load,omitempty"`    // nil where it is away
}

// States of a node.
const (
	NodeJoining  = "joining"
	NodeReady    = "ready"
	NodeDown     = "down"
	NodeDraining = "draining" // runs nothing new; also when it runs nothing any more
	NodeLeft     = "left"
)

// TokenRequest asks for a token with which machines may join.
type TokenRequest struct {
	TTL  time.Duration `json:"ttl_ns,omitempty"` // one hour unless said, at most 30 days
	Uses int           `json:"uses,omitempty"`   // 1 unless said, at most 100
	Role string        `json:"role,omitempty"`   // worker unless said
	// Addresses are host or host:port where this cloud can be met, beside those that
	// it knows by itself: a public name with the port forwarded.
	Addresses []string `json:"addresses,omitempty"`
	// Call is host or host:port of a machine that cannot reach this cloud: the cloud
	// calls it there, again and again, until the token has been used or ends.
	Call string `json:"call,omitempty"`
	// Ask makes each machine that comes with it wait until somebody accepts it.
	Ask bool `json:"ask,omitempty"`
}

// Token lets machines join. The secret in it is not kept anywhere.
type Token struct {
	ID        string    `json:"id"`
	Token     string    `json:"token"`
	Command   string    `json:"command"` // the line to paste on the new machine
	Role      string    `json:"role"`
	Uses      int       `json:"uses"`
	Expires   time.Time `json:"expires"`
	Addresses []string  `json:"addresses"` // where the machine will look for this cloud
}

// NodePlan is what draining or removing a machine comes to.
type NodePlan struct {
	Name  string     `json:"name"`
	Moves []string   `json:"moves"` // apps that go on elsewhere
	Stays []NodeStay `json:"stays"` // apps that cannot
}

// NodeStay is an app that cannot leave a machine.
type NodeStay struct {
	App    string `json:"app"`
	Reason string `json:"reason"` // "its data is on pi1", "pinned to pi1", "fits nowhere else: vps1: no build for arm"
	Data   bool   `json:"data"`   // its data lies there
}

// NodeRemove says how a machine is to be removed.
type NodeRemove struct {
	// Abandon gives up apps' data that lies there. Without it a machine with data is
	// not removed.
	Abandon bool `json:"abandon,omitempty"`
}

// ExecStreams connect a command in a container. Stderr is not used with a TTY.
type ExecStreams struct {
	Stdin  io.Reader // nil for none
	Stdout io.Writer
	Stderr io.Writer
	Resize <-chan [2]int // width, height; nil without a TTY
}
