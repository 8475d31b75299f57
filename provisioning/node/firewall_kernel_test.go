package node

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheKernelIsSetAsTheFirewallNeedsIt(t *testing.T) {
	dir := t.TempDir()
	for _, s := range firewallSettings {
		path := filepath.Join(dir, s.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("0\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := firewallKernel(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, s := range firewallSettings {
		if text, err := os.ReadFile(filepath.Join(dir, s.name)); err != nil || strings.TrimSpace(string(text)) != s.value {
			t.Errorf("%s is %q (%v), want %s", s.name, text, err, s.value)
		}
	}
	// Without what is optional: no pool interface yet, no IPv6.
	for _, s := range firewallSettings {
		if s.optional {
			if err := os.Remove(filepath.Join(dir, s.name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := firewallKernel(t.Context(), dir); err != nil {
		t.Error(err)
	}
	if err := os.RemoveAll(filepath.Join(dir, "bridge")); err != nil {
		t.Fatal(err)
	}
	var told *Error
	if err := firewallKernel(t.Context(), dir); !errors.As(err, &told) || told.Hint() == "" {
		t.Errorf("without br_netfilter: %v", err)
	}
}
