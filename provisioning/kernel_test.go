package provisioning

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func TestAKernelThatLetsBridgedPacketsPassIsNotTakenForASafeOne(t *testing.T) {
	// As /proc shows it before br_netfilter is loaded. In this directory it never is.
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "ipv4"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ipv4", "ip_forward"), []byte("1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a := forwarding(dir)
	if ok, _, err := a.Check(t.Context()); ok || err != nil {
		t.Errorf("a kernel without br_netfilter passes (%v)", err)
	}
	var told *Error
	if err := a.Apply(t.Context(), nil); !errors.As(err, &told) || told.Hint == "" {
		t.Errorf("said: %v", err)
	}
}
