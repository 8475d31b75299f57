package main

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

// until ends something once a text was written.
type until struct {
	strings.Builder
	text string
	end  func()
}

func (u *until) Write(p []byte) (int, error) {
	n, err := u.Builder.Write(p)
	if strings.Contains(u.String(), u.text) {
		u.end()
	}
	return n, err
}

func TestFollowingShowsLinesAtOnceAndEndsWellWithAnInterrupt(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	out := &until{text: "[db] line 3 of db\n", end: interrupt}
	e := newEnv(strings.NewReader(""), out, os.Stderr, func(string) string { return "" })
	e.dataDir = serveForTest(t, newFakeCloud())
	if err := e.logs(ctx, "reader", agent.LogOptions{Follow: true}); err != nil {
		t.Errorf("following ended with %v", err)
	}
}
