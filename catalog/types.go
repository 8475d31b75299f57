// Package catalog reads and checks app entries: the HCL manifests that say what
// an app is, what it runs, what it asks and what it may do.
//
// It depends on nothing else of ours and touches neither network nor clock.
// Start reading at App (types.go), then Parse (parse.go), then Lint (lint.go);
// Expr (expr.go) is how a value in an entry becomes text with secrets in it.
package catalog

import "github.com/zclconf/go-cty/cty"

// App is one catalog entry, as its app.hcl says it.
type App struct {
	Name          string // [a-z][a-z0-9-]*, at most 40 characters; also the default app name and subdomain
	Title         string
	Tagline       string
	Description   string
	Category      string
	Version       string
	Website       string
	Source        string
	License       string
	Architectures []string // Go's names: amd64, arm64, arm; empty means any
	DefaultUser   string   // the account that the app makes by itself, "" if none
	Notes         string   // shown after the install
	Screenshots   []string
	MinMemory     int // MiB that the machine should have for it in all, 0 if unsaid
	MinDisk       int // MiB that should be free where its data goes, 0 if unsaid
	// Warnings are what an importer changed, dropped or found risky, a sentence each.
	// The person reads them before installing. Own entries have none.
	Warnings []string

	Settings []Setting // in file order
	Secrets  []Secret
	Services []Service

	// Text is the manifest as it was read. An installed app keeps it, so that
	// what runs can be rebuilt whatever the catalog says later.
	Text []byte

	file       string              // as Parse was told it
	at         map[string]position // where things stand, by "title", "service.web.image", …
	references []Reference         // of all expressions
}

// position is a place in the manifest, from 1.
type position struct{ line, column int }

// Setting is one thing that the person who installs may choose.
type Setting struct {
	Name     string // [a-z][a-z0-9_]*
	Title    string
	Help     string
	Type     string    // string, number, bool, choice, email, url, path, timezone, password
	Default  cty.Value // cty.NilVal if there is none
	Required bool      // no default, and must be given
	Choices  []string  // for choice
	Pattern  string    // an RE2 expression that a string must match whole, "" for any
	Min, Max *float64  // for number
	Advanced bool      // shown behind "more"
}

// Secret is a value that is made once, kept in a Nomad Variable and never shown
// unless Reveal says that its owner may ask for it.
type Secret struct {
	Name    string // [a-z][a-z0-9_]*
	Title   string
	Reveal  bool
	Length  int    // characters, 32 unless said; 0 where Bytes says it, and for a uuid
	Bytes   int    // random bytes that are encoded, as padded base64 or as hex; 0 where Length says it
	Charset string // alphanumeric (the default), hex, base64, digits, uuid
}

// Service is one container.
type Service struct {
	Name         string // [a-z][a-z0-9-]*
	Image        string // with registry and a pinned tag or digest
	Entrypoint   []string
	Command      []Expr   // arguments to the image's entrypoint
	After        []string // services that must accept connections before this one starts
	Once         bool     // it runs to its end, with success, before those that come after it; anew with each start
	Port         int      // what service.NAME.port is, where nothing is exposed; 0 if none
	Workdir      string   // where its process starts, "" for the image's own
	User         string   // uid[:gid] to run as, "" for the image's own
	Env          []EnvVar // sorted by name
	Files        []File
	Exposes      []Expose // HTTP, through the front door
	Ports        []Port   // extra TCP and UDP ports, on the host's own addresses
	Volumes      []Volume
	Health       *Health
	Backup       *Backup // nil if it has no way of its own to write a consistent copy
	Resources    Resources
	Capabilities []string // Linux capabilities beyond Docker's default, without CAP_
	Devices      []string // host device paths
	Tmpfs        []string // paths in the container that are memory
	ShmSize      int      // MiB of /dev/shm, 0 for Docker's default
	ReadOnly     bool     // root file system
	Init         bool     // run under Docker's init
	StopSignal   string   // "" for the image's own
	StopTimeout  int      // seconds to stop in, 0 for Nomad's default of 5
}

// EnvVar is one environment variable. Its value may come to null: then it is left
// out (EnvVar.Eval).
type EnvVar struct {
	Name  string
	Value Expr
}

// File is a file that the entry writes into the container.
type File struct {
	Path    string // absolute, in the container
	Content Expr
	Mode    string // octal, "0644" unless said
}

// Expose is an HTTP port that the front door routes to.
type Expose struct {
	Name      string
	Port      int
	Access    string   // private, members, public, app
	Subdomain string   // prefix of the app's host for a second exposed port, "" for the app's own host
	Public    []string // path prefixes that stay open behind a private or members door
	Health    *Health
}

// Port is an extra port that is opened on the host.
type Port struct {
	Name     string
	Port     int    // in the container
	Host     int    // on the host; the same as Port unless said
	Protocol string // tcp, udp
	Title    string // what it is for
}

// Volume is a directory whose content outlives the container.
type Volume struct {
	Name     string // [a-z][a-z0-9-]*
	Path     string // absolute, in the container
	Owner    string // "uid:gid", "0:0" unless said
	Mode     string // octal, "0750" unless said
	Kind     string // data, database, cache, media
	ReadOnly bool
	// From is the service whose volume of the same name this is, or SERVICE/VOLUME;
	// "" for one of its own. Owner, Mode and Kind are then those of that volume.
	From string
}

// Health says how a service shows that it is well: by an HTTP path, by a command
// in the container, or (neither) by accepting a connection.
type Health struct {
	Path     string
	Command  []string
	Interval int // seconds, 15 unless said
	Timeout  int // seconds, 5 unless said
}

// Backup is how a running service writes a consistent copy of its data: what the
// command, run in the container, writes to its standard output.
type Backup struct {
	Command []string
}

// Resources is what a service reserves.
type Resources struct {
	CPU       int // MHz, 100 unless said
	Memory    int // MiB, reserved; 128 unless said
	MemoryMax int // MiB, the most it may use where the machine has it to spare; 0: 2 x Memory
}
