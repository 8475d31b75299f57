package control

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/agent"
)

// noteJoined writes that a machine has joined. n is nil where it had before.
func (s *Service) noteJoined(ctx context.Context, n *nodeRecord) {
	if n == nil {
		return
	}
	s.Note(ctx, agent.Activity{
		Actor: s.madeToken(ctx, n), Action: "node-join", Node: n.Name, Started: n.Since.UTC(), Outcome: agent.OutcomeDone, Detail: "as " + article(n.Role),
	})
}

// noteNotJoined writes that a machine was taken back that was to join.
func (s *Service) noteNotJoined(ctx context.Context, n *nodeRecord) {
	s.Note(ctx, agent.Activity{
		Actor: s.madeToken(ctx, n), Action: "node-join", Node: n.Name, Started: n.Since.UTC(), Outcome: agent.OutcomeFailed,
		Error: agent.Errorf(agent.CodeFailed, "%s did not come to join, and was taken back", n.Name).
			WithHint("look at what it says itself: dcloud doctor; then try again with a new token: dcloud node token"),
	})
}

// madeToken is who made the token that a machine came with.
func (s *Service) madeToken(ctx context.Context, n *nodeRecord) string {
	if n.Actor != "" {
		return actorWord(n.Actor)
	}
	if t, err := s.store.token(ctx, n.Token); err == nil && t != nil {
		return actorWord(t.Actor)
	}
	return ""
}

// tokenWords says what a token is good for.
func tokenWords(req agent.TokenRequest) string {
	text := "for 1 " + req.Role
	if req.Uses > 1 {
		text = fmt.Sprintf("for %d machines as %s", req.Uses, req.Role)
	}
	return text + ", good for " + req.TTL.String()
}

// execWords names what was run. What it was given to work on may be secret.
func execWords(req agent.ExecRequest) string {
	text := "ran " + clip(req.Command[0], 60)
	if req.TTY {
		text = "opened a terminal with " + clip(req.Command[0], 60)
	}
	return text + " in " + req.Service
}
