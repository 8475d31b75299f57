package control

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// Override is what a person changes of an app's job.
func (s *Service) Override(ctx context.Context, name string) (_ agent.Override, err error) {
	defer s.tell(&err)
	i, _, err := s.installed(ctx, name)
	if err != nil {
		return agent.Override{}, err
	}
	return agent.Override{Name: name, Text: i.Override, Privileged: i.AllowPrivileged, Updated: i.Updated, Actor: i.Actor}, nil
}

// SetOverride replaces it.
func (s *Service) SetOverride(ctx context.Context, name string, _ agent.OverrideChange) (_ agent.Operation, err error) {
	defer s.tell(&err)
	if _, _, err := s.installed(ctx, name); err != nil {
		return agent.Operation{}, err
	}
	return agent.Operation{}, agent.Errorf(agent.CodeUnavailable, "overrides cannot be changed yet")
}
