// Package jobs turns a catalog entry, what a person chose and the facts of the
// pool into a Nomad job. It is pure: no network, no clock, no randomness; the
// same input gives the same job.
//
// It depends on catalog and on the Nomad API's types. Start reading at Input,
// then at Build (build.go).
package jobs

import (
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/zclconf/go-cty/cty"
)

// Input is all that a job depends on.
type Input struct {
	Entry  *catalog.App
	Intent Intent
	Pool   Pool
	// Override is what a person changes of the job, nil for nothing, and Allow what it may
	// refer to.
	Override *override.Override
	Allow    override.Allow
}

// Intent is what a person asked of one app.
type Intent struct {
	Name      string // the app's, and its job's
	Subdomain string // "" for the name
	Access    string // "" for what each exposed port of the entry says
	Node      string // pin to the node of this name, "" for any
	// Home is the ID of the node that the app's data or device is on (Tied), "" where
	// it may run on any.
	Home string
	// Replicas is how many copies run, 0 for one. More only where OneCopy has
	// nothing against it.
	Replicas int
	Settings map[string]cty.Value // resolved by catalog.App.ResolveSettings
	// Passwords says in which item of the app's Nomad Variable each setting of type
	// password is; a setting that was not given is not in it.
	Passwords map[string]string
	// SecretsRevision is the modify index of the app's Nomad Variable. A new
	// one is a change of the job, so that its tasks get the new values.
	SecretsRevision uint64
	// Restarts counts the restarts asked for; a new number is a change of the job.
	Restarts int
}

// Pool is what a job needs to know of the cloud it will run in.
type Pool struct {
	Domain     string // "dcloud.localhost"
	Scheme     string // of an app's URL: http or https
	HTTPPort   int    // of the front door; in an app's URL unless it is the scheme's own
	HTTPSPort  int
	Timezone   string // "Europe/Berlin"
	Datacenter string // Nomad's, "home"
	SelfImage  string // image of our own binary, for the task that waits for a service's port
}
