package cloudtest

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning/node"
)

// reports are what was found on the machines at the end of each test that failed,
// before the next one changed it. They are shown at the end of the run, the first
// failure last: what follows it is often its consequence, and of a long output it is
// the end that is read.
var reports struct {
	sync.Mutex
	latest string // the test that used a machine last
	failed []*failure
}

// failure is a test that failed, and what was found then, by the machines' IDs.
type failure struct {
	test  string
	found map[string]string
	cloud bool // what the cloud says of itself is among it
}

// fullReports is how many of the failures are told with all that there is to tell,
// and moreReports how many beyond them in short.
const (
	fullReports = 1
	moreReports = 3
)

// watch has what is on the machine looked at when the test ends and has failed.
// Called again by each command, so that it comes before what the test has done at
// its end (t.Cleanup).
func (m *Machine) watch(t testing.TB) {
	reports.Lock()
	reports.latest = t.Name()
	reports.Unlock()
	t.Cleanup(func() {
		if t.Failed() {
			m.Note(t.Name())
		}
	})
}

// Note keeps what is on the machine now for a test that failed.
func (m *Machine) Note(test string) {
	reports.Lock()
	defer reports.Unlock()
	var f *failure
	for _, have := range reports.failed {
		if strings.HasPrefix(have.test, test+"/") {
			return // a part of it has told
		}
		if have.test == test {
			f = have
		}
	}
	if f == nil {
		f = &failure{test: test, found: map[string]string{}}
		reports.failed = append(reports.failed, f)
	}
	if _, told := f.found[m.ID]; told {
		return
	}
	text := ""
	if len(reports.failed) <= fullReports {
		m.keepLogs()
		text = m.logs() + m.containers() + m.nodes()
	}
	// Each server would say the same of the cloud, and others less.
	if len(reports.failed) <= fullReports+moreReports && !f.cloud && m.isServer() {
		f.cloud = true
		text += m.cloud()
	}
	if endsAtFirst() {
		fmt.Fprintf(os.Stderr, "--- %s when %s failed\n%s", m.Name, test, text)
		text = ""
	}
	f.found[m.ID] = text
}

// EndAtFirst ends a run with the first test that fails (go test -failfast): for tests
// that go on where the one before has left off. What is found on the machines is then
// shown at once, so that what the test itself says comes last.
func EndAtFirst() {
	if err := flag.Set(failfast, "true"); err != nil {
		panic(err) // the flag's name is wrong
	}
}

const failfast = "test.failfast"

func endsAtFirst() bool { return flag.Lookup(failfast).Value.String() == "true" }

// Dump shows what tests that failed left on this machine, and what is there now where
// none of them tells of it. All the logs are kept in the directory that
// DCLOUD_E2E_LOGS names.
func (m *Machine) Dump() {
	m.keepLogs()
	reports.Lock()
	defer reports.Unlock()
	if len(reports.failed) == 0 {
		fmt.Fprintf(os.Stderr, "--- %s at the end\n%s%s%s", m.Name, m.logs(), m.nodes(), m.cloud())
	}
	for _, f := range slices.Backward(reports.failed) {
		if text := f.found[m.ID]; text != "" {
			fmt.Fprintf(os.Stderr, "--- %s when %s failed\n%s", m.Name, f.test, text)
		}
	}
}

// keepLogs copies all logs to where somebody asked for them. The last test deletes
// those of the machine.
func (m *Machine) keepLogs() {
	dir := os.Getenv("DCLOUD_E2E_LOGS")
	if dir == "" {
		return
	}
	to := filepath.Join(dir, fmt.Sprintf("%s-%s", m.ID, time.Now().Format("150405")))
	if err := os.CopyFS(to, os.DirFS(filepath.Join(m.Data, "logs"))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintln(os.Stderr, "keep the logs:", err)
	}
}

// lookPatience bounds each look at a machine on which something is broken.
const lookPatience = 10 * time.Second

// look runs a program on the machine for a report, whatever it ends with.
func (m *Machine) look(argv ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), lookPatience)
	defer cancel()
	cmd := m.Command(ctx, argv...)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return fmt.Sprintf("(%s: %v) %s", strings.Join(argv, " "), err, out)
	}
	return string(out)
}

// logs are the ends of the agent's log and output, and what the engines complained
// of last.
func (m *Machine) logs() string {
	var b strings.Builder
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(m.Data, "logs", name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err.Error()
		}
		return strings.ReplaceAll(string(text), m.Data, "DATA")
	}
	for _, name := range []string{"traefik", "consul", "nomad"} {
		// What they print goes on where the log file cannot be written, or in a panic.
		section(&b, m.Name+" "+name+", complaints", lastLines(complaints(read(name+".log")+read(name+".err")), 4))
	}
	section(&b, m.Name+" agent.log", lastLines(read("agent.log"), 12))
	section(&b, m.Name+" agent.err", lastLines(read("agent.err"), 5))
	return b.String()
}

// containers are those of the machine's Docker that run, and how others ended.
func (m *Machine) containers() string {
	var b strings.Builder
	section(&b, m.Name+" containers, newest first", firstLines(m.look("docker", "ps", "--all", "--format", "{{.Names}}: {{.Status}}"), 10))
	return b.String()
}

// nodes are the cloud's machines as this one sees them.
func (m *Machine) nodes() string {
	var b strings.Builder
	text := m.look(m.Bin, "node", "list", "--json")
	var nodes []agent.Node
	if err := json.Unmarshal([]byte(text), &nodes); err == nil {
		text = ""
		for _, n := range nodes {
			text += fmt.Sprintf("%s: %s %s, %s %s\n", n.Name, n.State, n.Reason, n.Role, n.Address)
		}
	}
	section(&b, "machines as "+m.Name+" sees them", text)
	return b.String()
}

// isServer tells whether the machine has what it takes to ask Nomad.
func (m *Machine) isServer() bool {
	l, err := node.NewLayout(m.Data, m.Cache)
	if err == nil {
		_, err = node.LoadSecrets(l)
	}
	return err == nil
}

// cloud is what the cloud says of itself: its engines, apps and their allocations.
func (m *Machine) cloud() string {
	var b strings.Builder
	var allocs []allocation
	ctx, cancel := context.WithTimeout(context.Background(), lookPatience)
	defer cancel()
	if code, err := m.askNomad(ctx, "GET", "/v1/allocations?task_states=true", nil, &allocs); err != nil || code != 200 {
		fmt.Fprintf(&b, "-- Nomad answers %d (%v)\n", code, err)
	}
	section(&b, "allocations, their last events", allocationLines(allocs))
	text := m.look(m.Bin, "status", "--json")
	var s agent.Status
	if err := json.Unmarshal([]byte(text), &s); err == nil {
		text = fmt.Sprintf("ready: %t", s.Ready)
		for _, e := range s.Engines {
			text += fmt.Sprintf("; %s %s since %s, %d restarts %s", e.Name, e.State, e.Since.Format("15:04:05"), e.Restarts, e.Reason)
		}
	}
	section(&b, m.Name+" status at "+time.Now().Format("15:04:05"), text)
	text = m.look(m.Bin, "app", "list", "--json")
	var apps []agent.App
	if err := json.Unmarshal([]byte(text), &apps); err == nil {
		text = ""
		for _, a := range apps {
			text += fmt.Sprintf("%s: %s %s\n", a.Name, a.State, a.Reason)
			if a.State != agent.StateRunning && a.State != agent.StateStopped {
				section(&b, "log of "+a.Name, m.look(m.Bin, "app", "logs", a.Name, "--tail", "6"))
			}
		}
	}
	section(&b, "apps", text)
	return b.String()
}
