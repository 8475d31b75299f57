package peer

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

func TestAServerAsksAMemberWhatAppsUseThereAndNobodyElseDoes(t *testing.T) {
	l := newLab(t, "")
	want := pool.Uses{
		Containers: []pool.ContainerUse{{ID: "c1", App: "notes", CPU: 1 << 40, At: time.Unix(1_790_000_000, 5).UTC(), Memory: -1}},
		Volumes:    map[string]int64{"v1": 1 << 41},
	}
	_, port := l.serve(t, l.second, Options{Uses: func(context.Context) (pool.Uses, error) { return want, nil }})
	l.port = port
	got, err := l.client(t, l.server).Uses(t.Context(), l.second.Address)
	check(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = l.client(t, l.worker).Uses(t.Context(), l.second.Address)
	if e := agent.AsError(err); e == nil || e.Code == agent.CodeInternal || e.Code == agent.CodeNotFound {
		t.Errorf("a worker is told %v", err)
	}
}
