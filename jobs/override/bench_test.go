package override_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/jobs/override"
	"github.com/hashicorp/nomad/api"
)

// lines200 is an override of 200 lines, and what its parser makes of it.
func lines200(tb testing.TB) (string, *api.Job) {
	job := &api.Job{ID: ptr("miniflux"), Name: ptr("miniflux"), Priority: ptr(70)}
	group := &api.TaskGroup{Name: ptr("miniflux")}
	job.TaskGroups = []*api.TaskGroup{group}
	for i := range 4 {
		task := &api.Task{
			Name: fmt.Sprintf("side%d", i), Driver: "docker", Env: map[string]string{},
			Config: map[string]any{"image": "docker.io/x/y:1", "args": []string{"a", "b"},
				"mount": []map[string]any{{"type": "bind", "source": "local/a", "target": "/a"}, {"type": "tmpfs", "target": "/b"}}},
			Resources: &api.Resources{CPU: ptr(50), MemoryMB: ptr(64)},
			Templates: []*api.Template{{DestPath: ptr("local/a"), EmbeddedTmpl: ptr(strings.Repeat("{{ env \"NOMAD_PORT_x\" }}\n", 6))}},
			Services:  []*api.Service{{Name: fmt.Sprintf("miniflux-side%d", i), PortLabel: "web_web", Checks: []api.ServiceCheck{{Name: "c", Type: "tcp", Interval: 1e10, Timeout: 1e9}}}},
		}
		for j := range 14 {
			task.Env[fmt.Sprintf("VARIABLE_%d", j)] = "value"
		}
		group.Tasks = append(group.Tasks, task)
	}
	text := partialText(tb, job)
	if n := strings.Count(text, "\n"); n < 200 || n > 260 {
		tb.Fatalf("the override has %d lines", n)
	}
	return text, job
}

// BenchmarkApply200Lines is the merge of an override of 200 lines: reading its text,
// joining it with Nomad's answer, merging and checking. (Nomad's own parsing is not
// in here.)
func BenchmarkApply200Lines(b *testing.B) {
	job, allow := generated(b, "miniflux")
	text, parsed := lines200(b)
	b.ReportAllocs()
	for b.Loop() {
		w, problems := override.Parse("x.hcl", []byte(text))
		if w == nil {
			b.Fatal(problems)
		}
		if _, _, problems = override.New(w, parsed).Apply(job, allow); problems != nil {
			b.Fatal(problems)
		}
	}
}

func BenchmarkChanges(b *testing.B) {
	job, allow := generated(b, "miniflux")
	text, parsed := lines200(b)
	w, _ := override.Parse("x.hcl", []byte(text))
	result, _, _ := override.New(w, parsed).Apply(job, allow)
	for b.Loop() {
		if len(override.Changes(job, result)) == 0 {
			b.Fatal("no changes")
		}
	}
}
