package override

import (
	"reflect"

	"github.com/hashicorp/nomad/api"
)

// Override is an override whose values are known.
type Override struct {
	layers []layer
}

// layer is one text: what it removes, and then writes.
type layer struct {
	written  *Written
	writes   []write
	problems Problems
}

// New joins the text of an override with what Nomad's parser made of
// Written.ForNomad (POST /v1/jobs/parse, not canonicalized). What does not fit
// together, Apply tells.
func New(w *Written, parsed *api.Job) *Override {
	l := layer{written: w}
	whole := place{file: w.file}
	switch {
	case w.job == nil:
	case parsed == nil:
		l.problems = Problems{whole.problem("", "Nomad read no job in the override")}
	default:
		parsed = clone(parsed)
		joinPorts(parsed)
		r := &reader{}
		r.body(w.job.Body, reflect.ValueOf(parsed).Elem(), nil, "")
		l.writes, l.problems = r.writes, r.problems
	}
	return &Override{layers: []layer{l}}
}

// Compose is the override that does what a does, and then what b does:
//
//	Apply(job, Compose(a, b)) is Apply(Apply(job, a), b)
//	Compose(Compose(a, b), c) is Compose(a, Compose(b, c))
//
// Where a and b write different fields, Compose(b, a) gives the same job, but for the
// order of blocks that both add; where they write the same field, b has the last
// word. Nothing of this holds for a removal by position, such as constraint[0].
func Compose(a, b *Override) *Override {
	return &Override{layers: append(append([]layer(nil), a.layers...), b.layers...)}
}

// Allow is what an override may refer to, and what a person has agreed to.
type Allow struct {
	Privileged bool                      // the person asked for what reaches beyond the app, with allow-privileged
	Hosts      []string                  // the app's own host names
	Taken      func(service string) bool // whether another app has a Consul service of that name; nil if none has
	Volumes    []string                  // the app's own volume names
	Ports      []int                     // ports of the machine that the cloud needs, beside the well-known ones
}
