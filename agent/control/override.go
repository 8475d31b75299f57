package control

import (
	"context"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// overrideFile is how problems name an override that came without a name.
const overrideFile = "override.hcl"

// maxOverride bounds an override, in bytes. Two of them are in an intent while one
// replaces the other, and Consul keeps no record above 512 KiB; Packed makes less of
// what people write, and a text that does not shrink still fits.
const maxOverride = 128 << 10

// Overriding is what a person changes of an app's job (package jobs/override).
type Overriding struct {
	Text Packed `json:"text"`
	// Privileged accepts what breaks out of a container.
	Privileged bool      `json:"privileged,omitempty"`
	Updated    time.Time `json:"updated"`
	Actor      string    `json:"actor"`
}

// same tells whether two overrides, either of which may be nil, ask for the same.
func (o *Overriding) same(other *Overriding) bool {
	if o == nil || other == nil {
		return o == other
	}
	return o.Text == other.Text && o.Privileged == other.Privileged
}

// Override is what a person changes of an app's job, and what stands against it now.
func (s *Service) Override(ctx context.Context, name string) (_ agent.Override, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.Override{}, err
	}
	out := agent.Override{Name: name}
	if i.Override == nil {
		return out, nil
	}
	out.Text, out.Privileged = string(i.Override.Text), i.Override.Privileged
	out.Updated, out.Actor = i.Override.Updated, i.Override.Actor
	in, err := s.input(i, entry)
	if err != nil {
		return agent.Override{}, err
	}
	out.Risks, out.Problems, err = s.reviewed(ctx, i, in)
	return out, err
}

// SetOverride replaces it and restarts the app with it, "" takes it away. What is wrong
// with the text is in the error's Problems, and nothing is changed then. Should the app
// not come up, the override from before is put back.
func (s *Service) SetOverride(ctx context.Context, name string, change agent.OverrideChange) (_ agent.Operation, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.Operation{}, err
	}
	next, err := s.overriding(ctx, change)
	if err != nil {
		return agent.Operation{}, err
	}
	if next.same(i.Override) {
		return agent.Operation{}, unchangedOverride(name, next)
	}
	return s.change(ctx, name, opOverride, func(i *Intent) error {
		i.Op.Before, i.Override = i.Override, next
		return s.acceptable(ctx, i, entry, change.File)
	})
}

// unchangedOverride says that there is nothing to do.
func unchangedOverride(name string, o *Overriding) error {
	if o == nil {
		return agent.Errorf(agent.CodeInvalid, "%s has no override", name).
			WithHint("set one with: dcloud app override set %s -f FILE", name)
	}
	return agent.Errorf(agent.CodeInvalid, "this is the override that %s has", name).
		WithHint("make its containers new with: dcloud app restart %s", name)
}

// overriding is a change as the intent keeps it, nil for none.
func (s *Service) overriding(ctx context.Context, change agent.OverrideChange) (*Overriding, error) {
	if len(change.Text) > maxOverride {
		return nil, agent.Errorf(agent.CodeInvalid, "the override is larger than %d KiB", maxOverride>>10).
			WithHint("keep what is large in a volume of the app, and name it here")
	}
	if strings.TrimSpace(change.Text) == "" {
		return nil, nil
	}
	return &Overriding{Text: Packed(change.Text), Privileged: change.AllowPrivileged, Updated: s.Now(), Actor: agent.Actor(ctx)}, nil
}

// acceptable refuses an intent whose override does not apply, or whose job Nomad would
// not take or could not place, before anything is written. file is how problems name the
// override.
func (s *Service) acceptable(ctx context.Context, i *Intent, entry *catalog.App, file string) error {
	a := asked{intent: i, entry: entry, file: file}
	if err := s.prepare(ctx, &a); err != nil {
		return err
	}
	where, err := s.place(ctx, a.in)
	if err != nil && i.Desired == desiredRunning {
		return err
	}
	home := ""
	if where.node != nil && jobs.Tied(entry) {
		home = where.node.ID
	}
	if err := s.build(&a, home); err != nil {
		return err
	}
	if err := s.valid(ctx, a.job, file); err != nil {
		return err
	}
	plan, err := s.planRoom(ctx, a.job)
	if err != nil {
		return notTaken(err)
	}
	if i.Desired == desiredRunning && len(plan.FailedTGAllocs) > 0 {
		return agent.Errorf(agent.CodeFailed, "with this override %s could not be placed: %s", i.Name,
			strings.Join(lines(s.obstacles(ctx, a.job, plan, a.in)), ", ")).
			WithHint("nothing was changed; see what there is with: dcloud node list")
	}
	return nil
}

// overrideWords say what a change of an override did, and nothing of its text: people
// write passwords there too.
func overrideWords(i *Intent) string {
	switch {
	case i.Override == nil:
		return "took the override away"
	case i.Override.Privileged:
		return "changed the override, with what breaks out of a container allowed"
	}
	return "changed the override"
}

// changedBy is what an operation changes and puts back should it fail.
func changedBy(op *Op) string {
	if op.Kind == opOverride {
		return "override"
	}
	return "settings"
}

func isAre(op *Op) string {
	if op.Kind == opOverride {
		return "is"
	}
	return "are"
}
