package appnet_test

import (
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/provisioning/node"
)

// Both kinds of iptables are about: nft on what is newer than some years, legacy on older
// systems and wherever an owner has chosen it.
func TestTheFirewallComesAndGoesWithBothKindsOfIptables(t *testing.T) {
	if testing.Short() {
		t.SkipNow() // asked for by who runs it
	}
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: it makes network namespaces; run it with sudo, or leave it out with -short")
	}
	path := os.Getenv("PATH")
	for _, kind := range []string{"nft", "legacy"} {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			for _, program := range []string{"iptables", "ip6tables"} {
				for _, what := range []string{"", "-save", "-restore"} {
					real, err := exec.LookPath(program + "-" + kind + what)
					if err != nil {
						t.Fatalf("install iptables with both of its kinds: %v", err)
					}
					if err := os.Symlink(real, filepath.Join(dir, program+what)); err != nil {
						t.Fatal(err)
					}
				}
			}
			t.Setenv("PATH", dir+":"+path)
			comesAndGoes(t)
		})
	}
}

func comesAndGoes(t *testing.T) {
	p := machine(t, "machine")
	w := &town{at: p, node: node.Node{
		Address: netip.MustParseAddr(home), Pool: netip.MustParsePrefix("10.213.0.0/16"), Role: node.RoleServer, HTTPPort: 80, HTTPSPort: 443,
	}}
	// Rules of the owner's, which look a little like ours, and those of an older version.
	for _, rule := range []string{
		"-A INPUT -s 192.0.2.1 -m comment --comment DCLOUD-INPUT -j ACCEPT", "-A FORWARD -o dcloud1 -j DROP", "-t mangle -A FORWARD -j ACCEPT",
	} {
		p.do(t, append([]string{"iptables", "-w"}, strings.Fields(rule)...)...)
	}
	before := w.rules(t)
	for _, rule := range []string{
		"-N DCLOUD-INPUT", "-A DCLOUD-INPUT -i lo -j RETURN", "-I INPUT -j DCLOUD-INPUT", "-N DCLOUD-OLD", "-A DCLOUD-INPUT -j DCLOUD-OLD",
	} {
		p.do(t, append([]string{"iptables", "-w"}, strings.Fields(rule)...)...)
	}
	if w.has(t) {
		t.Error("the older version's rules are taken for ours")
	}
	w.ensure(t)
	if !w.has(t) {
		t.Fatalf("the rules are not found in\n%s", w.rules(t))
	}
	put := w.rules(t)
	if strings.Contains(put, "DCLOUD-OLD") || strings.Count(put, "-j DCLOUD-INPUT") != 1 {
		t.Errorf("something of the older version is left:\n%s", put)
	}
	w.ensure(t)
	if again := w.rules(t); again != put {
		t.Errorf("put a second time, the rules changed:\n%s", again)
	}
	for what, spoil := range map[string][]string{
		"another rule is first":    {"iptables", "-w", "-I", "INPUT", "-i", "eth9", "-j", "ACCEPT"},
		"all were flushed":         {"iptables", "-w", "-F"},
		"a rule of ours was taken": {"iptables", "-w", "-t", "mangle", "-D", "DCLOUD-FORWARD", "1"},
		"those of IPv6 were":       {"ip6tables", "-w", "-t", "mangle", "-F"},
	} {
		p.do(t, spoil...)
		if w.has(t) {
			t.Errorf("not noticed that %s", what)
		}
		w.ensure(t)
		if !w.has(t) {
			t.Errorf("not mended that %s", what)
		}
	}
	// The role is another, and so are the rules.
	worker := *w
	worker.node.Role = node.RoleWorker
	if worker.has(t) {
		t.Error("a server's rules are taken for a worker's")
	}
	worker.ensure(t)
	if !worker.has(t) || w.has(t) {
		t.Error("the rules did not follow the role")
	}
	for range 2 {
		if err := p.inside(func() error { return node.RemoveFirewall(t.Context()) }); err != nil {
			t.Fatal(err)
		}
	}
	// The flush took the owner's rules of the table filter; those of mangle must be as they were.
	after := w.rules(t)
	if strings.Contains(after, "DCLOUD-FORWARD") || strings.Contains(after, "DCLOUD-PREROUTING") || strings.Contains(after, ":DCLOUD") {
		t.Errorf("something is left:\n%s", after)
	}
	mangle := func(s string) string {
		_, s, _ = strings.Cut(s, "*mangle")
		s, _, _ = strings.Cut(s, "COMMIT")
		return s
	}
	if mangle(after) != mangle(before) || mangle(before) == "" {
		t.Errorf("the owner's rules were\n%s\nand are\n%s", before, after)
	}
}
