package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
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
	dir, err := os.MkdirTemp("", "dc") // a Unix socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := api.ListenUnix(filepath.Join(dir, "run", "agent.sock"))
	if err != nil {
		t.Fatal(err)
	}
	serving, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.New(newFakeCloud(), api.Options{}).Serve(serving, l, nil) }()
	t.Cleanup(func() {
		stop()
		<-done
	})

	ctx, interrupt := context.WithCancel(t.Context())
	out := &until{text: "[db] line 3 of db\n", end: interrupt}
	e := newEnv(strings.NewReader(""), out, os.Stderr, func(string) string { return "" })
	e.dataDir = dir
	if err := e.logs(ctx, "reader", agent.LogOptions{Follow: true}); err != nil {
		t.Errorf("following ended with %v", err)
	}
}
