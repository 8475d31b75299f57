package control

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
)

// pair is a pool of two machines.
type pair struct {
	dir   string
	nomad string // the binary
	s     *Service
	procs map[string]*exec.Cmd
	kept  *nomad.AllocationListStub // the app with data
	ids   map[string]string         // of nodes, by name

	mu  sync.Mutex
	own map[int]bool // processes that are waited for
}

func newPair(t *testing.T) *pair {
	dir := os.Getenv(insideNamespace)
	l, err := node.NewLayout(filepath.Join(dir, "data"), "")
	check(t, err)
	if cache := os.Getenv("DCLOUD_CACHE"); cache != "" {
		l.Cache = cache
	}
	at := slices.IndexFunc(engines.All(), func(e engines.Engine) bool { return e.Name == node.Nomad })
	path, err := engines.Cache{Dir: l.Cache}.Lookup(engines.All()[at], engines.HostArch())
	if err != nil {
		t.Fatalf("nomad: %v: fetch it with `dcloud internal engines`, or set DCLOUD_CACHE", err)
	}
	p := &pair{dir: dir, nomad: path, procs: map[string]*exec.Cmd{}, ids: map[string]string{}, own: map[int]bool{}}
	go p.reap(t.Context())
	p.start(t, "server", `server {
  enabled            = true
  bootstrap_expect   = 1
  raft_multiplier    = 1
  min_heartbeat_ttl  = "2s"
  heartbeat_grace    = "10s"
  default_scheduler_config { scheduler_algorithm = "spread" }
}
ports {
  http = 4646
  rpc  = 4647
  serf = 4648
}`)
	client, err := nomad.NewClient(&nomad.Config{Address: "http://127.0.0.1:4646"})
	check(t, err)
	eventually(t, "Nomad's server has its keys", func() error {
		bounded, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		return awaitKeys(bounded, client)
	})
	for k, name := range []string{"pi1", "pi2"} {
		p.startClient(t, name, 5000+100*k)
	}
	p.s = &Service{Deps: Deps{Log: slog.New(slog.DiscardHandler), Nomad: client, Now: time.Now, Node: "pi9"}, view: newView(), events: newBroker(time.Now)}
	ctx := t.Context()
	for _, watch := range []func(context.Context) func(uint64) (uint64, error){p.s.watchNodes, p.s.watchAllocs, p.s.watchVolumes} {
		go func() { _ = follow(ctx, watch(ctx)) }()
	}
	p.await(t, "both machines are ready", func() error {
		for _, n := range p.s.view.nodes {
			if n.Status == nomad.NodeStatusReady {
				p.ids[n.Name] = n.ID
			}
		}
		if len(p.ids) < 2 {
			return fmt.Errorf("ready are %v", p.ids)
		}
		return nil
	})
	return p
}

func (p *pair) startClient(t *testing.T, name string, port int) {
	p.start(t, name, fmt.Sprintf(`client {
  enabled          = true
  servers          = ["127.0.0.1:4647"]
  network_interface = "lo"
  host_volumes_dir = %q
  options = {
    "driver.allowlist"     = "raw_exec"
    "fingerprint.denylist" = "env_aws,env_gce,env_azure,env_digitalocean"
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
ports {
  http = %d
  rpc  = %d
  serf = %d
}`, filepath.Join(p.dir, name, "volumes"), port, port+1, port+2))
}

func (p *pair) start(t *testing.T, name, config string) {
	t.Helper()
	dir := filepath.Join(p.dir, name)
	check(t, os.MkdirAll(dir, 0o755))
	file := filepath.Join(dir, "nomad.hcl")
	text := fmt.Sprintf("name = %q\ndatacenter = \"home\"\ndata_dir = %q\nbind_addr = \"127.0.0.1\"\nadvertise {\n  http = \"127.0.0.1\"\n  rpc = \"127.0.0.1\"\n  serf = \"127.0.0.1\"\n}\ndisable_update_check = true\n%s\n", name, filepath.Join(dir, "data"), config)
	check(t, os.WriteFile(file, []byte(text), 0o600))
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	check(t, err)
	defer log.Close()
	cmd := exec.Command(p.nomad, "agent", "-config", file)
	cmd.Env, cmd.Stdout, cmd.Stderr = []string{"PATH=" + os.Getenv("PATH")}, log, log
	p.mu.Lock() // not to be buried before it is known
	check(t, cmd.Start())
	p.procs[name], p.own[cmd.Process.Pid] = cmd, true
	p.mu.Unlock()
	t.Cleanup(func() {
		if t.Failed() {
			text, _ := os.ReadFile(filepath.Join(dir, "log"))
			t.Logf("%s: …%s", name, text[max(0, len(text)-2000):])
		}
	})
}

func (p *pair) kill(name string) {
	_ = p.procs[name].Process.Kill()
	_ = p.procs[name].Wait()
}

// await waits for a state of the view; cond is called under its lock.
func (p *pair) await(t *testing.T, what string, cond func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	var last error
	if p.s.view.await(ctx, func() (bool, error) { last = cond(); return last == nil, nil }) != nil {
		t.Fatalf("%s: not within %s: %v", what, patient, last)
	}
}

// job is one that we build, with plain processes for containers.
func (p *pair) job(t *testing.T, service string, in jobs.Intent) *nomad.Job {
	t.Helper()
	input := jobs.Input{Entry: parsed(t, in.Name, service), Intent: in, Pool: jobs.Pool{Domain: "d", Scheme: "http", HTTPPort: 80, Datacenter: "home"}}
	job, err := jobs.Build(input)
	check(t, err)
	for _, g := range job.TaskGroups {
		g.Networks = nil
		for _, task := range g.Tasks {
			task.Driver, task.Config = "raw_exec", map[string]any{"command": "/bin/sleep", "args": []string{"600"}}
			task.Services, task.VolumeMounts, task.ShutdownDelay, task.LogConfig = nil, nil, 0, nil
		}
		g.EphemeralDisk = nil
	}
	job.SetMeta(metaIntent, jobs.Hash(job))
	return job
}

func parsed(t *testing.T, name, service string) *catalog.App {
	t.Helper()
	entry, problems := catalog.Parse("app.hcl", fmt.Appendf(nil, `app %q {
  title = "A test"
  tagline = "A test"
  category = "tools"
  version = "1"
  license = "MIT"
  website = "https://example.com"
  source = "https://example.com"
  service "web" {
    image = "docker.io/library/nginx:1.27.3"
    expose "web" { port = 80 }
    resources {
      cpu    = 20
      memory = 20
    }
    %s
  }
}`, name, service))
	if entry == nil {
		t.Fatal(problems)
	}
	return entry
}

func (p *pair) register(t *testing.T, job *nomad.Job) uint64 {
	t.Helper()
	_, _, err := p.s.register(t.Context(), &Intent{Name: *job.ID}, job, &progress{s: p.s, op: "o", app: *job.ID})
	check(t, err)
	now, _, err := p.s.Nomad.Jobs().Info(*job.ID, nil)
	check(t, err)
	return *now.Version
}

// on says how many copies of a job's version run on each machine.
func (p *pair) on(app string, version uint64) map[string]int {
	out := map[string]int{}
	for _, a := range running(p.s.view.allocs[app], version) {
		if a.ClientStatus == nomad.AllocClientStatusRunning {
			out[a.NodeName]++
		}
	}
	return out
}

func (p *pair) awaitOn(t *testing.T, app string, version uint64, want map[string]int) {
	t.Helper()
	p.await(t, fmt.Sprintf("%s runs on %v", app, want), func() error {
		if got := p.on(app, version); fmt.Sprint(got) != fmt.Sprint(want) {
			return fmt.Errorf("it runs on %v", got)
		}
		return nil
	})
}

func pids() (list []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			list = append(list, pid)
		}
	}
	return list
}

// reap does what the first process of a machine does: it buries orphans, which are
// the tasks of a Nomad that was killed. Without that they would look alive.
func (p *pair) reap(ctx context.Context) {
	for tick := time.NewTicker(50 * time.Millisecond); ctx.Err() == nil; <-tick.C {
		for _, pid := range pids() {
			stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
			_, rest, _ := strings.Cut(string(stat), ") ")
			p.mu.Lock()
			if strings.HasPrefix(rest, "Z 1 ") && !p.own[pid] {
				_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
			}
			p.mu.Unlock()
		}
	}
}
