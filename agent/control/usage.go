package control

import (
	"context"

	"github.com/dentropy/dcloud/agent"
)

// Usage tells what an app or a machine used of late. It is the leader that samples:
// another server knows what it sampled while it led.
func (s *Service) Usage(ctx context.Context, q agent.UsageQuery) (_ agent.Usage, err error) {
	defer s.tell(&err)
	return agent.Usage{}, agent.Errorf(agent.CodeNotFound, "nothing is known of %s yet", clip(q.App+q.Node, 60)).
		WithHint("see what there is with: dcloud app list, dcloud node list")
}
