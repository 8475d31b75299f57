package jobs

import (
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
)

// ordered builds an app from lines such as "web after db migrate" and "once migrate
// after db", and says of each service when it starts: first, once or main, with a
// "?" where it may be early.
func ordered(t *testing.T, lines ...string) (string, []int) {
	t.Helper()
	var services []catalog.Service
	for i, line := range lines {
		words := strings.Fields(line)
		var s catalog.Service
		if words[0] == "once" {
			s.Once, words = true, words[1:]
		} else {
			s.Port = 1000 + i
		}
		s.Name = words[0]
		if len(words) > 1 {
			s.After = words[2:]
		}
		services = append(services, s)
	}
	o, err := startOrder(services)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range services {
		when := "main"
		if l := o.lifecycle(s.Name); l != nil {
			when = map[bool]string{true: "first", false: "once"}[l.Sidecar]
		}
		if o.restarts(s.Name) != nil {
			when += "?"
		}
		out = append(out, s.Name+" "+when)
	}
	return strings.Join(out, ", "), o.ports
}

func TestServicesStartAfterWhatTheyNeedAsFarAsNomadCan(t *testing.T) {
	for _, c := range []struct {
		what, want string
		ports      []int
		app        []string
	}{
		{"nothing to wait for", "web main, worker main", nil, []string{"web", "worker"}},
		{"two steps", "web main, db first", []int{1001}, []string{"web after db", "db"}},
		{"what runs once is waited for", "web main, keys once", nil, []string{"web after keys", "once keys"}},
		{"a migration is tried until its database is up", "web main, migrate once?, db first", []int{1002},
			[]string{"web after db migrate", "once migrate after db", "db"}},
		{"the middle of a chain is tried again", "web main, api first?, db first", []int{1001, 1002},
			[]string{"web after api", "api after db", "db"}},
		{"what comes after something that ends is never before it", "web main?, api main, migrate once?, db first", []int{1003},
			[]string{"web after api", "api after migrate", "once migrate after db", "db"}},
		{"and a database too", "web main?, db main, keys once", nil, []string{"web after db", "db after keys", "once keys"}},
		{"two that end in a row", "web main, b once?, a once", nil, []string{"web after b", "once b after a", "once a"}},
		{"a long chain", "e main, d first?, c first?, b first?, a first", []int{1001, 1002, 1003, 1004},
			[]string{"e after d", "d after c", "c after b", "b after a", "a"}},
	} {
		got, ports := ordered(t, c.app...)
		if got != c.want || !slices.Equal(ports, c.ports) {
			t.Errorf("%s:\nwant %s, %v\ngot  %s, %v", c.what, c.want, c.ports, got, ports)
		}
	}
}

func TestEveryTaskOfAGroupWritesTheSameHosts(t *testing.T) {
	job, err := Build(exampleInput(t, "once"))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range job.TaskGroups[0].Tasks {
		hosts, _ := task.Config["extra_hosts"].([]string)
		if !slices.Equal(hosts, []string{"web:127.0.0.1", "db:127.0.0.1"}) {
			t.Errorf("task %s: %v", task.Name, hosts)
		}
	}
	alone, err := Build(exampleInput(t, "whoami"))
	if err != nil {
		t.Fatal(err)
	}
	if hosts := alone.TaskGroups[0].Tasks[0].Config["extra_hosts"]; hosts != nil {
		t.Errorf("an app of one service has hosts: %v", hosts)
	}
}

func TestOnlyWhatMayBeEarlyIsEager(t *testing.T) {
	job, err := Build(exampleInput(t, "once"))
	if err != nil {
		t.Fatal(err)
	}
	for _, task := range job.TaskGroups[0].Tasks {
		if Eager(task) != (task.Name == "migrate") {
			t.Errorf("task %s: eager %v", task.Name, Eager(task))
		}
	}
}
