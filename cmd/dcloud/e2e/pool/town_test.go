package pool

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
	"github.com/dentropy/dcloud/provisioning/node"
)

const (
	poolVersion = "v0.0.1-e2e"
	vpsAddress  = "203.0.113.20"
)

// The world, shared by all tests.
var (
	world *lab.World
	home  *lab.Home
	// server, pi and vps become the pool; spare is for joins that do not last, and
	// visitor is nobody's.
	server, pi, vps, spare, visitor *Machine
	binDir                          string
)

// machines are those on which dcloud is used.
func machines() []*Machine { return []*Machine{server, pi, vps, spare} }

// token makes a token on the server.
func token(t *testing.T, args ...string) agent.Token {
	t.Helper()
	return Decode[agent.Token](t, server.Must(t, append([]string{"node", "token", "--json"}, args...)...))
}

// line makes a token on the server and returns the line that is to be pasted.
func line(t *testing.T, args ...string) string {
	t.Helper()
	out := strings.TrimSpace(server.Must(t, append([]string{"node", "token"}, args...)...))
	if !strings.HasPrefix(out, "sudo dcloud node join dcloud1_") || strings.ContainsAny(out, "\n'\"$") {
		t.Fatalf("the token's line is %q, which cannot be pasted", out)
	}
	return out
}

// paste runs a token's line on a machine, and says how long it took.
func paste(t *testing.T, m *Machine, line string) time.Duration {
	t.Helper()
	start := time.Now()
	a := m.Shell(t, line)
	if a.Code != 0 {
		t.Fatalf("on %s the line ended with %d\n%s%s", m.Name, a.Code, a.Stdout, a.Stderr)
	}
	return time.Since(start)
}

// awaitNodes waits until the list on a machine has just these, in these states.
func awaitNodes(t *testing.T, m *Machine, want map[string]string) {
	t.Helper()
	Await(t, fmt.Sprintf("%s lists %v", m.Name, want), HealTime, func() error {
		a := m.Dcloud(t, "node", "list", "--json")
		if a.Code != 0 {
			return errors.New(a.Stderr)
		}
		got := map[string]string{}
		for _, n := range Decode[[]agent.Node](t, a.Stdout) {
			got[n.Name] = n.State
		}
		if !maps.Equal(got, want) {
			return fmt.Errorf("%v", got)
		}
		return nil
	})
}

// allReady is the pool as most tests find it and leave it.
var allReady = map[string]string{"server": agent.NodeReady, "pi": agent.NodeReady, "vps": agent.NodeReady}

// running lists the containers of an app on a machine.
func running(t *testing.T, m *Machine, app string) (list []string) {
	t.Helper()
	a := m.Shell(t, `docker ps --quiet | xargs -r docker inspect --format '{{.Id}} {{range .Config.Env}}{{.}} {{end}}'`)
	for problem := range strings.Lines(a.Stderr) {
		// Between the two a container may go, which is then not running.
		if !strings.Contains(problem, "No such object") {
			t.Fatalf("%+v", a)
		}
	}
	for container := range strings.Lines(a.Stdout) {
		if fields := strings.Fields(container); slices.Contains(fields, "NOMAD_JOB_NAME="+app) {
			list = append(list, fields[0])
		}
	}
	return list
}

// blank fails where a machine has anything of a cloud: files other than logs and
// locks, the interface, processes.
func blank(t *testing.T, m *Machine) {
	t.Helper()
	err := filepath.WalkDir(m.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if name, _ := filepath.Rel(m.Data, path); !strings.HasPrefix(name, "logs/") && !strings.HasSuffix(name, ".lock") {
			t.Errorf("%s has %s", m.Name, name)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	err = m.Inside(func() error {
		if _, err := net.InterfaceByName(node.Interface); err == nil {
			return fmt.Errorf("%s has the interface %s", m.Name, node.Interface)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	procs, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range procs {
		if text, err := os.ReadFile(p); err == nil && strings.Contains(string(text), m.Data) {
			t.Errorf("%s still runs %s", m.Name, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
}

// answers asks a URL often, and says which of an app's copies answered how often.
func answers(m *Machine, url string) (map[string]int, error) {
	counts := map[string]int{}
	for range 30 {
		code, body, err := m.Get(url)
		if err := OK(code, body, err); err != nil {
			return nil, fmt.Errorf("%s: %w", url, err)
		}
		_, rest, _ := strings.Cut(body, "Hostname: ")
		name, _, ok := strings.Cut(rest, "\n")
		if !ok {
			return nil, fmt.Errorf("whoami answers %q", Clip(body))
		}
		counts[name]++
	}
	return counts, nil
}

// awaitApp waits until an app is as it should be, by what the server says of it. It may
// not answer for a moment, while it looks for whom it has lost.
func awaitApp(t *testing.T, what, name string, is func(agent.AppDetail) error) {
	t.Helper()
	Await(t, what, HealTime, func() error {
		a := server.Dcloud(t, "app", "status", name, "--json")
		if a.Code != 0 {
			return errors.New(a.Stderr)
		}
		return is(Decode[agent.AppDetail](t, a.Stdout))
	})
}

// copies tells whether so many copies of an app run, on just these machines where any
// are named.
func copies(n int, machines ...string) func(agent.AppDetail) error {
	return func(a agent.AppDetail) error {
		if a.Running != n || len(machines) > 0 && !slices.Equal(homesOf(a.App), machines) {
			return fmt.Errorf("%d copies on %s: %s (%s)", a.Running, a.Node, a.State, a.Reason)
		}
		return nil
	}
}

// awaitBody waits until the file at home is served at a machine's door.
func awaitBody(t *testing.T, door *Machine) {
	t.Helper()
	Await(t, "the data is there at the door of "+door.Name, HealTime, func() error {
		code, body, err := door.Get("http://files.dcloud.localhost/")
		if err != nil || code != http.StatusOK || body != "kept at home" {
			return fmt.Errorf("%d %q (%v); it is said to be %s", code, Clip(body), err, server.Dcloud(t, "app", "status", files, "--json").Stdout)
		}
		return nil
	})
}

// awaitFit waits until a plan says that just these machines fit, which sees a machine
// that was not heard of for a moment as one that does not.
func awaitFit(t *testing.T, want []string, args ...string) {
	t.Helper()
	args = append(append([]string{"app", "install", "whoami", "--name", "other"}, args...), "--plan", "--json")
	Await(t, fmt.Sprintf("just %v fit", want), HealTime, func() error {
		a := server.Dcloud(t, args...)
		if a.Code != 0 {
			return errors.New(a.Stderr)
		}
		plan := Decode[agent.Plan](t, a.Stdout)
		var fit []string
		for _, f := range plan.Nodes {
			if f.Fits {
				fit = append(fit, f.Name)
			} else if len(f.Why) == 0 {
				return fmt.Errorf("why not %s is not said", f.Name)
			}
		}
		if slices.Sort(fit); len(plan.Nodes) != 3 || !slices.Equal(fit, want) {
			return fmt.Errorf("the plan says %+v", plan.Nodes)
		}
		return nil
	})
}

// homesOf are the machines that an app is said to run on.
func homesOf(a agent.App) []string {
	names := strings.Split(strings.ReplaceAll(a.Node, " ", ""), ",")
	slices.Sort(names)
	return names
}
