package jobs

import (
	"testing"

	"github.com/hashicorp/nomad/api"
)

func TestTheMostMemoryGrowsWithWhatIsReserved(t *testing.T) {
	of := func(memory, most int) *api.Resources {
		return &api.Resources{MemoryMB: ptr(memory), MemoryMaxMB: ptr(most)}
	}
	for _, c := range []struct{ was, is, want *api.Resources }{
		{of(128, 256), of(200, 256), of(200, 256)},
		{of(128, 256), of(300, 256), of(300, 428)},
		{of(128, 256), of(300, 200), of(300, 200)}, // both were written: Nomad says what is wrong
		{of(128, 128), of(300, 128), of(300, 300)},
	} {
		headroom(c.was, c.is)
		if *c.is.MemoryMB != *c.want.MemoryMB || *c.is.MemoryMaxMB != *c.want.MemoryMaxMB {
			t.Errorf("%d, %d; want %d, %d", *c.is.MemoryMB, *c.is.MemoryMaxMB, *c.want.MemoryMB, *c.want.MemoryMaxMB)
		}
	}
	headroom(nil, of(1, 1))
	headroom(of(1, 1), &api.Resources{})
}

func TestATaskThatAnOverrideAddsIsFoundByItsLabels(t *testing.T) {
	for _, config := range []map[string]any{nil, {}, {"labels": []map[string]any{{"x": "y"}}}, {"labels": []any{map[string]any{"x": "y"}}},
		{"labels": map[string]any{"x": "y"}}, {"labels": []map[string]any{{LabelApp: "a", LabelService: "side"}}}} {
		task := &api.Task{Name: "side", Driver: "docker", Config: config}
		label("a", task)
		found := 0
		each := func(m map[string]any) {
			if m[LabelApp] == "a" && m[LabelService] == "side" {
				found++
			}
		}
		switch labels := task.Config["labels"].(type) {
		case []map[string]any:
			for _, m := range labels {
				each(m)
			}
		case []any:
			for _, m := range labels {
				each(m.(map[string]any))
			}
		}
		if found != 1 {
			t.Errorf("%v has its labels %d times: %v", config, found, task.Config)
		}
	}
	other := &api.Task{Name: "side", Driver: "exec"}
	if label("a", other); other.Config != nil {
		t.Error("a task that is no container has labels")
	}
}
