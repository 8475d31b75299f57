package control

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

var errAlone = agent.Errorf(agent.CodeUnavailable, "this cloud has one machine and takes no others in yet")

// NodePlan says what draining or removing a machine comes to.
func (s *Service) NodePlan(context.Context, string) (agent.NodePlan, error) {
	return agent.NodePlan{}, errAlone
}

// Drain moves what runs on a machine elsewhere.
func (s *Service) Drain(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, errAlone
}

// Undrain lets a machine run apps again.
func (s *Service) Undrain(context.Context, string) (agent.Operation, error) {
	return agent.Operation{}, errAlone
}

// RemoveNode takes a machine out of the pool.
func (s *Service) RemoveNode(context.Context, string, agent.NodeRemove) (agent.Operation, error) {
	return agent.Operation{}, errAlone
}
