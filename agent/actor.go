package agent

import "context"

type actorKey struct{}

// WithActor returns a context that says who asks: "unix:root" on the socket,
// "token:NAME" over HTTP. It ends up in the history of what was changed.
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
