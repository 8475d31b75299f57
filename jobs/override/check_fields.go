package override

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// checkConstraint keeps an app at the machine that its data is on.
func checkConstraint(c *checker, ch change) {
	if old, ok := ch.old.(api.Constraint); ok && strings.Contains(old.LTarget, "node.unique.") {
		c.refuse(ch.address, "the machine of an app is chosen when it is installed, with --node", "it holds the app to the machine that it was put on, where its data is")
	}
}

func checkGroup(c *checker, ch change) {
	if ch.block && ch.new == nil {
		c.refuse(ch.address, "remove its tasks that are not needed, or the app: dcloud app remove "+c.app(), "it is the app itself")
	}
}

// checkMeta keeps the stamps by which the cloud knows its own.
func checkMeta(c *checker, ch change) {
	if strings.HasPrefix(strings.ToLower(ch.mapKey), "dcloud.") {
		c.refuse(ch.address, "choose another key", "by these keys the cloud knows what is its own")
	}
}

func checkDriver(c *checker, ch change) {
	if driver, _ := ch.new.(string); driver != "" && driver != "docker" {
		c.ask(ch.address, "the task is run by %s, not in a container", driver)
	}
}

// cloudPorts are ports of a machine that the cloud itself needs, wherever it is
// set up: remote login, the front door, Nomad, Consul, the private network.
var cloudPorts = []int{22, 53, 80, 443, 4646, 4647, 4648, 7946, 8300, 8301, 8302, 8500, 8501, 8502, 8503, 8600, 51820}

func checkStaticPort(c *checker, ch change) {
	n, _ := ch.new.(int)
	switch {
	case n == 0:
	case slices.Contains(cloudPorts, n) || slices.Contains(c.allow.Ports, n):
		c.refuse(ch.address, "choose another port", "port %d of the machine is the cloud's own", n)
	default:
		c.ask(ch.address, "port %d of the machine is the app's, past the front door", n)
	}
}

// checkCanary keeps two allocations from writing to the same volumes.
func checkCanary(c *checker, ch change) {
	if n, _ := ch.new.(int); n < 1 {
		return
	}
	for _, g := range c.job.TaskGroups {
		if (ch.group == nil || deref(ch.group.Name) == deref(g.Name)) && len(g.Volumes) > 0 {
			c.refuse(ch.address, "leave canary out", "the new one would write to the data while the old one still does")
			return
		}
	}
}

func checkPropagation(c *checker, ch change) {
	if mode, _ := ch.new.(string); mode != "" && mode != "private" && mode != "host-to-task" {
		c.ask(ch.address, "what the container mounts there, the machine sees too")
	}
}

func checkVolumeType(c *checker, ch change) {
	if kind, _ := ch.new.(string); kind != "host" {
		c.refuse(ch.address, `write type = "host"`, "the cloud has volumes of the machine, and no others")
	}
}

func checkVolumeSource(c *checker, ch change) {
	name, _ := ch.new.(string)
	if slices.Contains(c.allow.Volumes, name) {
		return
	}
	hint := didYouMean(name, c.allow.Volumes)
	if hint == "" && len(c.allow.Volumes) > 0 {
		hint = "the app has " + strings.Join(c.allow.Volumes, ", ")
	}
	c.refuse(ch.address, hint, "%q is no volume of this app", name)
}

// checkCapabilities lets capabilities go, and asks for those that the generated task
// does not have.
func checkCapabilities(c *checker, ch change) {
	var more []string
	for _, name := range listOf(ch.new) {
		if !slices.Contains(listOf(ch.old), name) {
			more = append(more, name)
		}
	}
	if len(more) > 0 || ch.new != nil && listOf(ch.new) == nil {
		c.ask(ch.address, "the container may do what others may not: %s", strings.Join(more, ", "))
	}
}

func checkCgroupNamespace(c *checker, ch change) {
	if ch.new != nil && ch.new != "private" && ch.new != "" {
		c.ask(ch.address, "the container sees what the machine runs")
	}
}

// checkHostname is of one in the apps' own network, where Docker's name server tells it to
// the other apps as it does an alias. In a group's network nobody else hears of it.
func checkHostname(c *checker, ch change) {
	name, _ := ch.new.(string)
	if ch.new == nil || name == c.app() || strings.HasPrefix(name, c.app()+"-") || ch.task == nil || networkOf(ch.group, ch.task) != AppNetwork {
		return
	}
	c.ask(ch.address, "the container answers to %s in a network that it shares with other apps", shortened(strconv.Quote(name)))
}

func checkNamespace(why string) func(*checker, change) {
	return func(c *checker, ch change) {
		if ch.new != nil && ch.new != "" && ch.new != "private" && ch.new != "none" {
			c.ask(ch.address, "%s", why)
		}
	}
}

func checkDevice(c *checker, ch change) {
	if m, ok := ch.new.(map[string]any); ok {
		c.ask(ch.address, "the container gets the device %v of the machine", m["host_path"])
	}
}

func checkLabel(c *checker, ch change) {
	key := strings.ToLower(ch.mapKey)
	if ch.task != nil && ch.before.task == nil && (ch.mapKey == labelApp && ch.new == c.app() || ch.mapKey == labelService && ch.new == ch.task.Name) {
		return // what every task of the app has
	}
	// A key is a template to the driver, so that "${…}" could become any.
	if strings.HasPrefix(key, "dcloud.") || strings.HasPrefix(key, "com.hashicorp.nomad.") || strings.ContainsAny(key, "{}") {
		c.refuse(ch.address, "choose another key", "by this label the cloud finds the container")
	}
}

func checkLogging(c *checker, ch change) {
	if ch.mapKey != "type" && ch.mapKey != "driver" || ch.new == nil {
		return
	}
	if ch.new != "json-file" && ch.new != "local" {
		c.ask(ch.address, "the app's logs leave the machine, and the cloud shows none")
	}
}

func checkOOM(c *checker, ch change) {
	if n, ok := number(ch.new); !ok || n < 0 {
		c.ask(ch.address, "when memory runs out, others are killed before it")
	}
}

func checkPids(c *checker, ch change) {
	const most = 4096
	if n, ok := number(ch.new); !ok || n < 1 || n > most {
		c.ask(ch.address, "the container may start so many processes that the machine stands still")
	}
}

func checkPrivileged(c *checker, ch change) {
	if ch.new != nil && ch.new != false && ch.new != "false" {
		c.ask(ch.address, "the container's root is root of the machine")
	}
}

// checkSecurityOptions holds a list to the generated one, but for options that only
// take more away.
func checkSecurityOptions(c *checker, ch change) {
	const narrow = "no-new-privileges"
	old, list := listOf(ch.old), listOf(ch.new)
	same := func(a, b string) bool { return strings.SplitN(a, ":", 2)[0] == b || strings.SplitN(a, "=", 2)[0] == b }
	for _, o := range list {
		if !slices.Contains(old, o) && o != narrow && o != narrow+":true" && o != narrow+"=true" {
			c.ask(ch.address, "%q takes a guard from the container", o)
			return
		}
	}
	for _, o := range old {
		if !slices.Contains(list, o) && !slices.ContainsFunc(list, func(n string) bool { return same(n, o) }) {
			c.ask(ch.address, "without %q, programs in the container may gain rights", o)
			return
		}
	}
	if ch.new != nil && list == nil && len(old) == 0 {
		c.ask(ch.address, "it takes guards from the container")
	}
}

// listOf reads an option that is a list of texts.
func listOf(v any) []string {
	switch v := tidyOption(v).(type) {
	case []string:
		return v
	case string:
		return []string{v}
	}
	return nil
}

// number reads an option that is a whole number; none is 1, which is harmless.
func number(v any) (int, bool) {
	if v == nil {
		return 1, true
	}
	n, err := strconv.Atoi(fmt.Sprint(tidyOption(v)))
	return n, err == nil
}
