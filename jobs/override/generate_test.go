package override_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/jobs/export"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/hashicorp/nomad/api"
)

func ptr[T any](v T) *T { return &v }

// A piece writes one thing into a partial job. Pieces of different names write
// different fields; what they write is drawn.
type piece struct {
	name  string
	write func(r *rand.Rand, p *partial)
}

// partial is a job in which only what an override writes is set.
type partial struct {
	job     *api.Job
	removed []string
}

func (p *partial) group() *api.TaskGroup {
	if len(p.job.TaskGroups) == 0 {
		p.job.TaskGroups = []*api.TaskGroup{{Name: ptr("miniflux")}}
	}
	return p.job.TaskGroups[0]
}

func (p *partial) network() *api.NetworkResource {
	if len(p.group().Networks) == 0 {
		p.group().Networks = []*api.NetworkResource{{}}
	}
	return p.group().Networks[0]
}

func (p *partial) task(name string) *api.Task {
	for _, t := range p.group().Tasks {
		if t.Name == name {
			return t
		}
	}
	t := &api.Task{Name: name}
	p.group().Tasks = append(p.group().Tasks, t)
	return t
}

func (p *partial) config(task string) map[string]any {
	t := p.task(task)
	if t.Config == nil {
		t.Config = map[string]any{}
	}
	return t.Config
}

func (p *partial) resources() *api.Resources {
	if p.task("web").Resources == nil {
		p.task("web").Resources = &api.Resources{}
	}
	return p.task("web").Resources
}

func (p *partial) service() *api.Service {
	t := p.task("web")
	if len(t.Services) == 0 {
		t.Services = []*api.Service{{Name: "miniflux"}}
	}
	return t.Services[0]
}

func (p *partial) env(task, key, value string) {
	t := p.task(task)
	if t.Env == nil {
		t.Env = map[string]string{}
	}
	t.Env[key] = value
}

func text(r *rand.Rand) string {
	parts := []string{"a", "B", "7", " ", "$", "{", "}", "${", "%{", "$${", "\"", "\\", "\n", "\t", "é", "EOT", "${NOMAD_TASK_DIR}", "#", "/*", "<<X"}
	var b strings.Builder
	b.WriteString("x")
	for range r.IntN(6) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}

func oneOf[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func seconds(r *rand.Rand) *time.Duration { return ptr(time.Duration(1+r.IntN(100)) * time.Second) }

// pieces are of every kind of merging that there is.
var pieces = []piece{
	{"priority", func(r *rand.Rand, p *partial) { p.job.Priority = ptr(1 + r.IntN(99)) }},
	{"datacenters", func(r *rand.Rand, p *partial) { p.job.Datacenters = []string{oneOf(r, "home", "away")} }},
	{"meta", func(r *rand.Rand, p *partial) { p.job.Meta = map[string]string{oneOf(r, "a", "b.c"): text(r)} }},
	{"constraint", func(r *rand.Rand, p *partial) {
		p.job.Constraints = []*api.Constraint{{LTarget: "${meta.rack}", RTarget: oneOf(r, "1", "2"), Operand: oneOf(r, "=", "!=")}}
	}},
	{"affinity", func(r *rand.Rand, p *partial) {
		p.group().Affinities = []*api.Affinity{{LTarget: "${meta.disk}", RTarget: "ssd", Operand: "=", Weight: ptr(int8(r.IntN(100) - 50))}}
	}},
	{"spread", func(r *rand.Rand, p *partial) {
		p.group().Spreads = []*api.Spread{{Attribute: "${node.datacenter}", Weight: ptr(int8(50)), SpreadTarget: []*api.SpreadTarget{{Value: "a", Percent: uint8(r.IntN(100))}}}}
	}},
	{"restart", func(r *rand.Rand, p *partial) { p.group().RestartPolicy = &api.RestartPolicy{Attempts: ptr(r.IntN(9))} }},
	{"disk", func(r *rand.Rand, p *partial) {
		p.group().EphemeralDisk = &api.EphemeralDisk{SizeMB: ptr(20 + r.IntN(9))}
	}},
	{"update", func(r *rand.Rand, p *partial) { p.group().Update = &api.UpdateStrategy{MinHealthyTime: seconds(r)} }},
	{"migrate", func(r *rand.Rand, p *partial) { p.group().Migrate = &api.MigrateStrategy{MaxParallel: ptr(r.IntN(3))} }},
	{"dns", func(r *rand.Rand, p *partial) { p.network().DNS = &api.DNSConfig{Servers: []string{"9.9.9.9"}} }},
	{"port", func(r *rand.Rand, p *partial) {
		p.network().DynamicPorts = []api.Port{{Label: oneOf(r, "x", "y"), To: 1 + r.IntN(9)}}
	}},
	{"static", func(r *rand.Rand, p *partial) {
		p.network().ReservedPorts = []api.Port{{Label: oneOf(r, "s", "t"), Value: 2000 + r.IntN(9)}}
	}},
	{"env", func(r *rand.Rand, p *partial) { p.env("web", oneOf(r, "A", "TZ", "b.c", "RUN_MIGRATIONS"), text(r)) }},
	{"templated", func(r *rand.Rand, p *partial) { p.env("db", "POSTGRES_PASSWORD", text(r)) }},
	{"user", func(r *rand.Rand, p *partial) { p.task("web").User = oneOf(r, "1000", "root") }},
	{"kill", func(r *rand.Rand, p *partial) { p.task("db").KillTimeout = seconds(r) }},
	{"memory", func(r *rand.Rand, p *partial) { p.resources().MemoryMB = ptr(64 + r.IntN(512)) }},
	{"cpu", func(r *rand.Rand, p *partial) { p.resources().CPU = ptr(50 + r.IntN(512)) }},
	{"args", func(r *rand.Rand, p *partial) { p.config("web")["args"] = []string{text(r), text(r)} }},
	{"pids", func(r *rand.Rand, p *partial) { p.config("web")["pids_limit"] = 1 + r.IntN(4000) }},
	{"labels", func(r *rand.Rand, p *partial) {
		p.config("web")["labels"] = []map[string]any{{oneOf(r, "a", "b.c"): text(r)}}
	}},
	{"logging", func(r *rand.Rand, p *partial) {
		p.config("web")["logging"] = []map[string]any{{"config": []map[string]any{{oneOf(r, "max-size", "tag"): "5m"}}}}
	}},
	{"mount", func(r *rand.Rand, p *partial) {
		p.config("web")["mount"] = []map[string]any{{"type": "bind", "source": "local/x", "target": oneOf(r, "/a", "/b"), "readonly": r.IntN(2) == 0}}
	}},
	{"privileged", func(r *rand.Rand, p *partial) { p.config("db")["privileged"] = true }},
	{"template", func(r *rand.Rand, p *partial) {
		p.task("web").Templates = []*api.Template{{DestPath: ptr(oneOf(r, "local/a", "local/b c", "secrets/dcloud.env")), Perms: ptr(oneOf(r, "0600", "0400"))}}
		if d := *p.task("web").Templates[0].DestPath; d != "secrets/dcloud.env" {
			p.task("web").Templates[0].EmbeddedTmpl = ptr(strings.ReplaceAll(text(r), "{{", ""))
		}
	}},
	{"check", func(r *rand.Rand, p *partial) {
		p.service().Checks = []api.ServiceCheck{{Name: oneOf(r, "health", "more"), Type: "http", Path: "/x", Interval: *seconds(r), Timeout: *seconds(r), Header: map[string][]string{"X": {text(r)}}}}
	}},
	{"weights", func(r *rand.Rand, p *partial) {
		p.service().Weights = &api.ServiceWeights{Passing: 1 + r.IntN(9), Warning: 1}
	}},
	{"service", func(r *rand.Rand, p *partial) {
		db := p.task("db")
		db.Services = []*api.Service{{Name: oneOf(r, "miniflux-one", "miniflux-two"), PortLabel: "web_web", Tags: []string{text(r)}}}
	}},
	{"artifact", func(r *rand.Rand, p *partial) {
		p.task("db").Artifacts = []*api.TaskArtifact{{GetterSource: ptr("https://example.org/" + oneOf(r, "a", "b")), RelativeDest: ptr("local/x")}}
	}},
	{"action", func(r *rand.Rand, p *partial) {
		p.task("db").Actions = []*api.Action{{Name: oneOf(r, "a", "b"), Command: "sh", Args: []string{text(r)}}}
	}},
	{"task", func(r *rand.Rand, p *partial) {
		t := p.task("extra")
		t.Driver, t.Config = "docker", map[string]any{"image": "docker.io/x/y:" + oneOf(r, "1", "2")}
	}},
	{"group", func(r *rand.Rand, p *partial) {
		p.group()
		p.job.TaskGroups = append(p.job.TaskGroups, &api.TaskGroup{Name: ptr("more"), Count: ptr(1 + r.IntN(3)),
			Tasks: []*api.Task{{Name: "m", Driver: "docker", Config: map[string]any{"image": "docker.io/x/z:1"}}}})
	}},
	{"remove-env", func(r *rand.Rand, p *partial) {
		p.removed = append(p.removed, oneOf(r, "group.miniflux.task.web.env.BASE_URL", "group.miniflux.task.web.env.DATABASE_URL"))
	}},
	{"remove-check", func(r *rand.Rand, p *partial) {
		p.removed = append(p.removed, "group.miniflux.task.db.service.miniflux-db.check.health")
	}},
	{"remove-option", func(r *rand.Rand, p *partial) {
		p.removed = append(p.removed, oneOf(r, "group.miniflux.task.db.config.shm_size", "group.miniflux.task.db.config.logging"))
	}},
	{"remove-block", func(r *rand.Rand, p *partial) {
		p.removed = append(p.removed, oneOf(r, "group.miniflux.reschedule", "group.miniflux.task.wait_for", "group.miniflux.task.web.resources.memory_max"))
	}},
}

// refusals are what makes any override refused.
var refusals = []piece{
	{"meta", func(r *rand.Rand, p *partial) { p.group().Meta = map[string]string{"dcloud.app": "other"} }},
	{"type", func(r *rand.Rand, p *partial) { p.job.Type = ptr("batch") }},
	{"vault", func(r *rand.Rand, p *partial) { p.task("web").Vault = &api.Vault{Role: "x"} }},
	{"name", func(r *rand.Rand, p *partial) { p.task("wep").User = "0" }},
	{"option", func(r *rand.Rand, p *partial) { p.config("web")["nothing"] = 1 }},
	{"remove", func(r *rand.Rand, p *partial) { p.removed = append(p.removed, "group.miniflux.nothing") }},
}

// compose draws a text from pieces, and what its parser makes of it.
func draw(t testing.TB, r *rand.Rand, real bool, from []piece) *override.Override {
	t.Helper()
	p := &partial{job: &api.Job{ID: ptr("miniflux"), Name: ptr("miniflux")}}
	for _, x := range from {
		x.write(r, p)
	}
	hcl, err := export.Partial(p.job)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.removed) > 0 {
		list, _ := json.Marshal(p.removed)
		hcl = fmt.Sprintf("remove = %s\n%s", list, hcl)
	}
	w, problems := override.Parse("x.hcl", []byte(hcl))
	if w == nil {
		t.Fatalf("%v\n%s", problems, hcl)
	}
	parsed := fromJSON(t, asJSON(t, p.job))
	if real {
		var complaint string
		if parsed, complaint = read(t, w.ForNomad()); complaint != "" {
			t.Fatalf("%s\n%s", complaint, hcl)
		}
	}
	return override.New(w, parsed)
}

// some draws pieces of different names.
func some(r *rand.Rand, most int) []piece {
	var list []piece
	for _, i := range r.Perm(len(pieces))[:r.IntN(most+1)] {
		list = append(list, pieces[i])
	}
	return list
}
