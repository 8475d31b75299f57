package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/provisioning/node"
)

// serverOf lays a server's identity out, of a pool with other servers or none, whose
// agent answers for the whole cloud.
func serverOf(t *testing.T, first string, servers string) (*env, node.Layout, *fakeCloud) {
	t.Helper()
	dir, err := os.MkdirTemp("", "dc") // a test's own is too deep for a Unix socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := node.NewLayout(dir, filepath.Join(dir, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	identity := `{"format": 1, "id": "11111111-2222-4333-8444-555555555555", "name": "attic", "domain": "dcloud.localhost",
		"http_port": 80, "https_port": 443, "pool": "10.213.0.0/16", "address": "10.213.0.2", "datacenter": "home", "region": "global",
		"timezone": "UTC", "created": "2026-05-01T12:00:00Z", "role": "server", "first": ` + first + `, "servers": ` + servers + `}`
	if err := os.WriteFile(l.NodeFile(), []byte(identity), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Load(l); err != nil {
		t.Fatal(err)
	}
	listener, err := api.ListenUnix(l.Socket())
	if err != nil {
		t.Fatal(err)
	}
	fake := newFakeCloud()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.New(fake, api.Options{}).Serve(ctx, listener) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return newEnv(nil, io.Discard, io.Discard, func(string) string { return "" }), l, fake
}

func appsOf(f *fakeCloud) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.apps)
}

func TestAServerThatLeavesOthersBehindTakesNoAppsOfTheCloudWithIt(t *testing.T) {
	for name, first := range map[string]string{"one that joined": "false", "the first of several": "true"} {
		t.Run(name, func(t *testing.T) {
			e, l, fake := serverOf(t, first, `["10.213.0.1"]`)
			before := appsOf(fake)
			e.removeApps(t.Context(), l)
			if after := appsOf(fake); after != before {
				t.Errorf("of %d apps of the cloud %d are left", before, after)
			}
		})
	}
}

func TestTheOnlyServerRemovesTheAppsOfItsCloudInOrder(t *testing.T) {
	e, l, fake := serverOf(t, "true", "[]")
	e.removeApps(t.Context(), l)
	if after := appsOf(fake); after != 0 {
		t.Errorf("%d apps are left", after)
	}
}
