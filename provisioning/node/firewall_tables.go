package node

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/provisioning/run"
)

// jump is the rule by which a built-in chain leads to ours, as iptables-save(8)
// writes it.
func (t FirewallTable) jump(c FirewallChain) string {
	return fmt.Sprintf("%s -m comment --comment %q -j %s", c.Hook, t.mark(), c.Name())
}

// holds tells whether a table, as iptables-save wrote it, has our rules first.
func (t FirewallTable) holds(save string) bool {
	first, count := map[string]string{}, map[string]int{}
	for line := range strings.Lines(save) {
		rule, ok := strings.CutPrefix(strings.TrimSpace(line), "-A ")
		if !ok {
			continue
		}
		chain, _, _ := strings.Cut(rule, " ")
		if count[chain]++; count[chain] == 1 {
			first[chain] = rule
		}
	}
	for _, c := range t.Chains {
		if first[c.Hook] != t.jump(c) || count[c.Name()] != len(c.Rules) {
			return false
		}
	}
	return len(t.jumps(save)) == len(t.Chains)
}

// jumps lists the rules of others' chains that lead to ours, as they stand after -A.
func (t FirewallTable) jumps(save string) (rules []string) {
	for line := range strings.Lines(save) {
		rule, ok := strings.CutPrefix(strings.TrimSpace(line), "-A ")
		words := strings.Fields(rule)
		// What a rule does comes last, and a chain takes no options.
		if !ok || len(words) < 3 || words[len(words)-2] != "-j" || strings.HasPrefix(rule, chainPrefix) {
			continue
		}
		if target := words[len(words)-1]; strings.HasPrefix(target, chainPrefix) && !strings.Contains(target, `"`) {
			rules = append(rules, rule)
		}
	}
	return rules
}

// chains lists our chains that a table has, those of older versions too.
func (t FirewallTable) chains(save string) (names []string) {
	for line := range strings.Lines(save) {
		if name, ok := strings.CutPrefix(line, ":"); ok && strings.HasPrefix(name, chainPrefix) {
			name, _, _ = strings.Cut(name, " ")
			names = append(names, name)
		}
	}
	return names
}

// change is what iptables-restore(8) is to do with a table, as iptables-save wrote
// it, so that it has our rules first: one transaction.
func (t FirewallTable) change(save string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%s\n%s", t.Table, t.chainText())
	for _, rule := range t.jumps(save) {
		fmt.Fprintf(&b, "-D %s\n", rule)
	}
	for _, c := range t.Chains {
		hook, rest, _ := strings.Cut(t.jump(c), " ")
		fmt.Fprintf(&b, "-I %s 1 %s\n", hook, rest)
	}
	stale := slices.DeleteFunc(t.chains(save), func(name string) bool {
		return slices.ContainsFunc(t.Chains, func(c FirewallChain) bool { return c.Name() == name })
	})
	b.WriteString(drop(stale))
	return b.String() + "COMMIT\n"
}

// removal is what iptables-restore is to do so that nothing of ours is left, "" where
// nothing is.
func (t FirewallTable) removal(save string) string {
	chains, jumps := t.chains(save), t.jumps(save)
	if len(chains) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "*%s\n", t.Table)
	for _, rule := range jumps {
		fmt.Fprintf(&b, "-D %s\n", rule)
	}
	b.WriteString(drop(chains))
	return b.String() + "COMMIT\n"
}

// drop empties chains and deletes them. All are emptied first: they may lead to one
// another.
func drop(chains []string) string {
	var b strings.Builder
	for _, name := range chains {
		fmt.Fprintf(&b, "-F %s\n", name)
	}
	for _, name := range chains {
		fmt.Fprintf(&b, "-X %s\n", name)
	}
	return b.String()
}

// firewallTries is how often a change is made: between reading and writing, somebody
// else may have deleted a rule that we wanted to delete.
const firewallTries = 3

func (t FirewallTable) ensure(ctx context.Context) (err error) {
	for range firewallTries {
		save, saveErr := t.save(ctx)
		if saveErr != nil || t.holds(save) {
			return saveErr
		}
		if err = t.restore(ctx, t.change(save)); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (t FirewallTable) remove(ctx context.Context) (err error) {
	for range firewallTries {
		save, saveErr := t.save(ctx)
		if saveErr != nil && strings.Contains(t.Program, "-") {
			return nil // a kind that is installed and of which the kernel knows nothing
		}
		if saveErr != nil {
			return saveErr
		}
		text := t.removal(save)
		if text == "" {
			return nil
		}
		if err = t.restore(ctx, text); err == nil || ctx.Err() != nil {
			return err
		}
	}
	return err
}

func (t FirewallTable) save(ctx context.Context) (string, error) {
	return run.Output(ctx, run.Command{Args: []string{t.Program + "-save", "-t", t.Table}, Env: run.Environment()})
}

func (t FirewallTable) restore(ctx context.Context, text string) error {
	// Docker and CNI hold the lock at times, for moments.
	args := []string{t.Program + "-restore", "--wait", "10", "--noflush"}
	return run.Do(ctx, run.Command{Args: args, Env: run.Environment(), Stdin: strings.NewReader(text)})
}

// possible tells whether the kernel speaks the table's protocol.
func (t FirewallTable) possible() bool {
	if t.Program != "ip6tables" {
		return true
	}
	_, err := os.Stat("/proc/net/if_inet6")
	return err == nil
}

// programs lists the kinds of iptables that may hold the table's rules: the one that
// this system uses, and those that it used before, as far as they are there.
func (t FirewallTable) programs() (list []string) {
	if !t.possible() {
		return nil
	}
	for _, program := range []string{t.Program, t.Program + "-nft"} {
		if _, err := exec.LookPath(program + "-save"); err == nil {
			list = append(list, program)
		}
	}
	// To ask the older kind makes its tables, so only where there are some.
	names := map[string]string{"iptables": "/proc/net/ip_tables_names", "ip6tables": "/proc/net/ip6_tables_names"}
	tables, err := os.ReadFile(names[t.Program])
	if err == nil && slices.Contains(strings.Fields(string(tables)), t.Table) {
		if _, err := exec.LookPath(t.Program + "-legacy-save"); err == nil {
			list = append(list, t.Program+"-legacy")
		}
	}
	return list
}
