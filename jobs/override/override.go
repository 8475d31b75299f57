// Package override lets a person change the job that was generated for an app, in
// Nomad's own language.
//
// It is pure, and depends on the Nomad API's types and on hcl/v2 alone. Start
// reading at Parse (parse.go), then New and Apply.
package override

import "github.com/hashicorp/nomad/api"

// Override is an override whose values are known.
type Override struct {
	written *Written
	parsed  *api.Job
}

// New joins the text of an override with what Nomad's parser made of
// Written.ForNomad (POST /v1/jobs/parse, not canonicalized).
func New(w *Written, parsed *api.Job) *Override {
	return &Override{written: w, parsed: parsed}
}

// Allow is what an override may refer to, and what a person has agreed to.
type Allow struct {
	Privileged bool                      // the person asked for what reaches beyond the app, with allow-privileged
	Hosts      []string                  // the app's own host names
	Taken      func(service string) bool // whether another app has a Consul service of that name; nil if none has
	Volumes    []string                  // the app's own volume names
	Ports      []int                     // ports of the machine that the cloud needs, beside the well-known ones
}
