package control

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs/override"
)

// What should become of an app.
const (
	desiredRunning = "running"
	desiredStopped = "stopped"
	desiredRemoved = "removed"
)

// Kinds of operation.
const (
	opInstall   = "install"
	opStart     = "start"
	opStop      = "stop"
	opRestart   = "restart"
	opConfigure = "configure"
	opOverride  = "override"
	opRemove    = "remove"
)

// opReconcile is the ID of what is done without anybody having asked for it.
const opReconcile = "reconcile"

// Intent is what a person asked of one app: the record `dcloud/apps/NAME` in
// Consul's KV store. It holds no secret.
type Intent struct {
	Name      string            `json:"name"`
	Entry     string            `json:"entry"`
	Version   string            `json:"version"`
	Subdomain string            `json:"subdomain"`
	Hosts     []string          `json:"hosts,omitempty"` // names at the front door that are this app's alone
	Access    string            `json:"access,omitempty"`
	Node      string            `json:"node,omitempty"`
	Settings  map[string]string `json:"settings,omitempty"` // as they were given
	// Manifest is the entry as it was when the app was installed, so that a newer
	// dcloud with a newer catalog does not change what runs.
	Manifest string `json:"manifest"`
	// Override is what a person changes of the job, nil for nothing.
	Override *Overriding `json:"override,omitempty"`
	Desired  string      `json:"desired"`
	Restarts int         `json:"restarts,omitempty"`

	Op      *Op      `json:"op,omitempty"`      // what is under way
	Made    Made     `json:"made"`              // what the install makes, to be taken back should it fail
	Failure *Failure `json:"failure,omitempty"` // why the last operation failed

	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Actor   string    `json:"actor"`

	index  uint64 // the record's modify index, for check-and-set
	copies int    // replicasOf, once read
	door   string // accessNow, once read
	pin    string // pinnedTo, once read
	// note is what the next write adds to the history.
	note *agent.Activity
}

// Op is an operation under way. It is in the intent so that it survives the agent.
type Op struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind"`
	Purge   bool      `json:"purge,omitempty"` // remove: the data as well
	Started time.Time `json:"started"`
	// Previous are the settings before a configure, to go back to should the new ones fail.
	Previous map[string]string `json:"previous,omitempty"`
	// Before is the override before another was set, to go back to likewise.
	Before *Overriding `json:"before,omitempty"`
	// Undone is why a configure or an override failed, once what was before is back in
	// the intent and has still to be made to run.
	Undone *Failure `json:"undone,omitempty"`
}

// Made is what was not there before the install.
type Made struct {
	Secrets bool     `json:"secrets,omitempty"`
	Volumes []string `json:"volumes,omitempty"`
}

// Failure is why an operation failed.
type Failure struct {
	Stage   string    `json:"stage"`
	Message string    `json:"message"`
	Time    time.Time `json:"time"`
	Logs    []string  `json:"logs,omitempty"` // while it has still to be told
}

// hash names what of an intent the running job depends on. A job that carries the
// same one is left alone, also by a newer dcloud that would build it otherwise:
// upgrading the agent must not restart apps.
//
// door is the address of the cloud's front door (Service.door): routes and the
// addresses that apps give out hang on it, so that apps follow a new domain.
//
// Secrets are not part of it: one that was changed by hand is read by the next
// restart, and until then no app restarts by itself.
func (i *Intent) hash(door string) string {
	parts := []any{i.Entry, i.Subdomain, i.Access, i.Node, i.Settings, i.Manifest, i.Restarts, door}
	// Nothing where it asks for nothing: apps from before there were overrides stay as they
	// are, and a comment alone restarts none.
	if i.Override != nil && !override.Blank(string(i.Override.Text)) {
		parts = append(parts, string(i.Override.Text), i.Override.Privileged)
	}
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // strings and numbers only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// hostsUnder are the intent's hosts beneath a domain: each is one label below it
// (jobs.Host).
func (i *Intent) hostsUnder(domain string) []string {
	var hosts []string
	for _, h := range i.Hosts {
		label, _, _ := strings.Cut(h, ".")
		hosts = append(hosts, label+"."+domain)
	}
	return hosts
}

// sound tells what is wrong with a record that was read under a name: nothing is
// done on the word of one that somebody wrote by hand and got wrong.
func (i *Intent) sound(name string) error {
	switch {
	case i.Name != name:
		return fmt.Errorf("it names the app %q", clip(i.Name, 60))
	case i.Desired != desiredRunning && i.Desired != desiredStopped && i.Desired != desiredRemoved:
		return fmt.Errorf("it wants the app to be %q", clip(i.Desired, 60))
	case i.Op != nil && !slices.Contains([]string{opInstall, opStart, opStop, opRestart, opConfigure, opOverride, opRemove}, i.Op.Kind):
		return fmt.Errorf("its operation is %q", clip(i.Op.Kind, 60))
	case i.Desired == desiredRemoved != (i.Op != nil && i.Op.Kind == opRemove):
		return errors.New("it is being removed by no operation")
	}
	return nil
}

// kept says whose data was left behind by a removed app: `dcloud/kept/NAME`.
type kept struct {
	Name    string    `json:"name"`
	Entry   string    `json:"entry"`
	Removed time.Time `json:"removed"`
	Actor   string    `json:"actor"`

	index uint64 // the record's modify index
}
