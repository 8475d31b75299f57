package node

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var updateFirewall = flag.Bool("update-firewall", false, "write the expected rules anew")

func firewallOf(role string) FirewallInput {
	return Node{
		Address: netip.MustParseAddr("10.213.0.1"), Pool: netip.MustParsePrefix("10.213.0.0/16"),
		Role: role, HTTPPort: 80, HTTPSPort: 8443,
	}.firewall()
}

func TestTheFirewallOfEachRoleIsAsShown(t *testing.T) {
	for _, role := range []string{RoleServer, RoleWorker} {
		var b strings.Builder
		for _, table := range FirewallRules(firewallOf(role)) {
			b.WriteString("# " + table.Program + "\n" + table.change(""))
		}
		file := filepath.Join("testdata", "firewall-"+role+".txt")
		if *updateFirewall {
			if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s: -want +got:\n%s", role, diff)
		}
	}
}

func TestTheFirewallKeepsToWhatIptablesTakes(t *testing.T) {
	for _, table := range FirewallRules(firewallOf(RoleServer)) {
		if len(table.mark()) > 255 {
			t.Errorf("a comment of %d characters", len(table.mark()))
		}
		for _, c := range table.Chains {
			if len(c.Name()) > 28 {
				t.Errorf("the chain's name %s is longer than 28 characters", c.Name())
			}
			for _, r := range c.Rules {
				// Of a range both ends count (iptables-extensions(8), multiport).
				if _, ports, ok := strings.Cut(r, "--dports "); ok {
					ports, _, _ = strings.Cut(ports, " ")
					if n := len(strings.FieldsFunc(ports, func(r rune) bool { return r == ',' || r == ':' })); n > 15 {
						t.Errorf("%d ports in %q, 15 are the most", n, r)
					}
				}
				if table.Table == "mangle" && strings.Contains(r, "REJECT") {
					t.Errorf("mangle cannot refuse: %q", r)
				}
			}
		}
	}
}

// A table as iptables-save shows it once our rules are in.
func saved(t FirewallTable) string {
	var b strings.Builder
	b.WriteString("*" + t.Table + "\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [7:420]\n")
	for _, c := range t.Chains {
		b.WriteString(":" + c.Name() + " - [0:0]\n")
	}
	for _, c := range t.Chains {
		b.WriteString("-A " + t.jump(c) + "\n-A " + c.Hook + " -j SOMEBODY\n")
	}
	for _, c := range t.Chains {
		for _, r := range c.Rules {
			b.WriteString("-A " + c.Name() + " " + r + "\n")
		}
	}
	return b.String() + "COMMIT\n"
}

func TestRulesThatSomebodyHasChangedAreNotTakenForOurs(t *testing.T) {
	for _, table := range FirewallRules(firewallOf(RoleServer)) {
		save := saved(table)
		if !table.holds(save) {
			t.Fatalf("the rules are not found in\n%s", save)
		}
		c := table.Chains[0]
		jump := "-A " + table.jump(c) + "\n"
		for what, other := range map[string]string{
			"nothing":                  "",
			"another first":            strings.Replace(save, jump, "-A "+c.Hook+" -j DOCKER-USER\n"+jump, 1),
			"the jump is gone":         strings.Replace(save, jump, "", 1),
			"a rule is gone":           strings.Replace(save, "-A "+c.Name()+" "+c.Rules[0]+"\n", "", 1),
			"the jump is there twice":  strings.Replace(save, jump, jump+jump, 1),
			"those of another version": strings.ReplaceAll(save, table.mark(), "dcloud 01234567"),
		} {
			if table.holds(other) {
				t.Errorf("%s %s: not noticed that %s", table.Program, table.Table, what)
			}
		}
	}
	worker := FirewallRules(firewallOf(RoleWorker))[1]
	if worker.holds(saved(FirewallRules(firewallOf(RoleServer))[1])) {
		t.Error("a worker is content with a server's rules")
	}
}

func TestOldJumpsAndChainsGoWhenRulesArePut(t *testing.T) {
	old := "*filter\n:INPUT ACCEPT [0:0]\n:DCLOUD-INPUT - [0:0]\n:DCLOUD-OLD - [0:0]\n" +
		"-A INPUT -s 192.0.2.1/32 -j ACCEPT\n-A INPUT -j DCLOUD-INPUT\n-A INPUT -p tcp -m comment --comment \"x y\" -j DCLOUD-OLD\n-A DCLOUD-INPUT -i lo -j RETURN\nCOMMIT\n"
	table := FirewallRules(firewallOf(RoleServer))[1]
	lines := strings.Split(table.change(old), "\n")
	for _, want := range []string{"-D INPUT -j DCLOUD-INPUT", "-D INPUT -p tcp -m comment --comment \"x y\" -j DCLOUD-OLD", "-F DCLOUD-OLD", "-X DCLOUD-OLD",
		"-I INPUT 1 -m comment --comment \"" + table.mark() + "\" -j DCLOUD-INPUT"} {
		if !slices.Contains(lines, want) {
			t.Errorf("no %q in\n%s", want, strings.Join(lines, "\n"))
		}
	}
	if slices.Contains(lines, "-X DCLOUD-INPUT") {
		t.Error("a chain that is needed is deleted")
	}
	want := "*filter\n-D INPUT -j DCLOUD-INPUT\n-D INPUT -p tcp -m comment --comment \"x y\" -j DCLOUD-OLD\n" +
		"-F DCLOUD-INPUT\n-F DCLOUD-OLD\n-X DCLOUD-INPUT\n-X DCLOUD-OLD\nCOMMIT\n"
	if got := table.removal(old); got != want {
		t.Errorf("removed by\n%s", got)
	}
	owners := "-A INPUT -m comment --comment \"not -j DCLOUD-INPUT\" -j ACCEPT\n-A INPUT -m comment --comment \"not -j DCLOUD-INPUT\"\n"
	if got := table.jumps(owners); len(got) > 0 {
		t.Errorf("the owner's rules are taken for ours: %q", got)
	}
	if got := table.removal("*filter\n:INPUT ACCEPT [0:0]\n" + owners + "COMMIT\n"); got != "" {
		t.Errorf("where nothing is ours this is removed:\n%s", got)
	}
}

// Whatever a table holds, only jumps to our chains and the chains themselves go.
func FuzzFirewallRemoval(f *testing.F) {
	f.Add("*filter\n:DCLOUD-INPUT - [0:0]\n-A INPUT -j DCLOUD-INPUT\n-A INPUT -j ACCEPT\nCOMMIT\n")
	f.Add(":DCLOUD-")
	f.Add("-A -j DCLOUD-X")
	f.Fuzz(func(t *testing.T, save string) {
		table := FirewallRules(firewallOf(RoleServer))[1]
		table.holds(save)
		table.change(save)
		for line := range strings.Lines(table.removal(save)) {
			if strings.HasPrefix(line, "*") || line == "COMMIT\n" {
				continue
			}
			if !strings.Contains(line, chainPrefix) {
				t.Errorf("%q is not ours", line)
			}
		}
	})
}
