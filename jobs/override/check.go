package override

import (
	"fmt"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// HintPrivileged is the hint of a problem that goes away once a person agrees.
const HintPrivileged = "if you trust it with that, ask for it with --allow-privileged"

// checker holds a merged job against the rules. It looks at what differs from the
// generated job, whatever it was that made the difference.
type checker struct {
	allow    Allow
	base     *api.Job // as generated
	job      *api.Job // merged
	places   map[string]place
	whole    place // of the override
	problems Problems
	risks    []Risk
}

func (c *checker) app() string { return deref(c.base.ID) }

// check fills problems and risks.
func (c *checker) check() {
	for _, ch := range compare(c.base, c.job) {
		c.decide(ch)
	}
	c.checkObjects()
}

func (c *checker) decide(ch change) {
	if !ch.block && ch.removed {
		return // what a block held goes with it
	}
	r, known := rules[ch.key]
	switch {
	case !known && strings.HasPrefix(ch.key, "docker."):
		c.refuse(ch.address, "", "Docker's driver has no such option that could be checked")
	case !known:
		c.refuse(ch.address, "", "the cloud does not know this field")
	case r.class == refused:
		c.refuse(ch.address, r.hint, "%s", r.why)
	case r.class == asked && ch.new != nil:
		c.ask(ch.address, "%s", r.why)
	case r.check != nil:
		r.check(c, ch)
	}
}

// refuse notes a problem at the place where an address was written.
func (c *checker) refuse(address, hint, why string, args ...any) {
	c.problems = append(c.problems, c.find(address).problem(hint, "%s: %s", address, fmt.Sprintf(why, args...)))
}

// ask notes a risk, or a problem where nobody agreed to risks.
func (c *checker) ask(address, why string, args ...any) {
	if !c.allow.Privileged {
		c.refuse(address, HintPrivileged, why, args...)
		return
	}
	at := c.find(address)
	c.risks = append(c.risks, Risk{Line: at.line, Column: at.column, Address: address, Message: fmt.Sprintf(why, args...)})
}

// find is the place of an address: its own, or that of the block which it stands in,
// or of what was written within it.
func (c *checker) find(address string) place {
	for a := address; a != ""; a = parent(a) {
		if at, ok := c.places[a]; ok {
			return at
		}
	}
	best := c.whole
	for a, at := range c.places {
		if strings.HasPrefix(a, address) && (best == c.whole || at.line < best.line || at.line == best.line && at.column < best.column) {
			best = at
		}
	}
	return best
}

// parent is an address without its last step, "" if it has one.
func parent(address string) string {
	if strings.HasSuffix(address, `"]`) {
		// A key in quotes may hold anything, but its quotes are escaped.
		for i := len(address) - 3; i > 0; i-- {
			if strings.HasPrefix(address[i:], `["`) {
				if _, err := bracketOnly(address[i:]); err == nil {
					return address[:i]
				}
			}
		}
		return ""
	}
	if i := strings.LastIndexAny(address, ".["); i > 0 {
		return address[:i]
	}
	return ""
}

func bracketOnly(s string) (step, error) {
	st, rest, err := bracketStep(s)
	if err == nil && rest != "" {
		err = fmt.Errorf("%q is more than one step", s)
	}
	return st, err
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
