package agent

import "context"

type (
	actorKey struct{}
	roleKey  struct{}
)

// WithActor returns a context that says who asks: "unix:root" on the socket,
// "token:NAME" with a token of the cloud's, "ada" in a session. It ends up in the
// history of what was changed.
func WithActor(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor returns who asks, "system" if nobody was named.
func Actor(ctx context.Context) string {
	if a, ok := ctx.Value(actorKey{}).(string); ok {
		return a
	}
	return "system"
}

// WithRole returns a context that says what who asks may do: one of Roles. Root on the
// socket and the cloud's own token are owner, a session has its person's.
func WithRole(ctx context.Context, role string) context.Context {
	return context.WithValue(ctx, roleKey{}, role)
}

// Role returns the role of who asks; "", which is allowed nothing, where nobody was
// named.
func Role(ctx context.Context) string {
	role, _ := ctx.Value(roleKey{}).(string)
	return role
}
