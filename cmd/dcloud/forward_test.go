package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

func TestAServerThatCameBackUnderItsNameIsAskedAtItsNewAddress(t *testing.T) {
	l := node.Layout{Data: t.TempDir()}
	if err := os.MkdirAll(l.Secrets(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(l.Secrets(), node.SecretAPI), []byte("t\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := &forward{layout: l}
	before := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.2")})
	if again := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.2")}); before == nil || again != before {
		t.Error("the same machine is asked by another client")
	}
	if err := os.WriteFile(filepath.Join(l.Secrets(), node.SecretAPI), []byte("another\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.2")}); again == nil || again == before {
		t.Error("it is asked with a token that was replaced")
	}
	if after := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.5")}); after == nil || after == before {
		t.Error("the new machine is asked at the old one's address")
	}
}
