package panel

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/node"
)

// stageTime is how long after Nomad knows of it a stage may be seen at the latest.
const stageTime = time.Second

// started is when a task of an app started: by the clock of the machine that it runs on,
// and when Nomad's servers told of it. The machine tells them up to a second later,
// several things at once; nobody can know sooner.
type started struct{ happened, told time.Time }

// starts follows what Nomad tells of an app's tasks.
type starts struct {
	mu    sync.Mutex
	tasks map[string]started
	ended chan struct{}
	err   error
}

// followStarts follows the tasks of an app that is not there yet, until the test ends.
func followStarts(t *testing.T, app string) *starts {
	t.Helper()
	e := newEngines(t)
	e.client.Timeout = 0
	ctx, cancel := context.WithCancel(t.Context())
	url := fmt.Sprintf("https://127.0.0.1:%d/v1/event/stream?topic=Allocation", node.NomadHTTPPort)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Nomad-Token", e.secrets.NomadBootstrap)
	res, err := e.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("Nomad's events: %s", res.Status)
	}
	s := &starts{tasks: map[string]started{}, ended: make(chan struct{})}
	t.Cleanup(func() {
		cancel()
		<-s.ended
		res.Body.Close()
		if s.err != nil && !errors.Is(s.err, context.Canceled) {
			t.Errorf("Nomad's events: %v", s.err)
		}
	})
	go func() {
		defer close(s.ended)
		for events := json.NewDecoder(res.Body); s.err == nil; {
			var frame struct {
				Events []struct {
					Payload struct{ Allocation allocation }
				}
			}
			if s.err = events.Decode(&frame); s.err == nil {
				for _, ev := range frame.Events {
					s.take(app, ev.Payload.Allocation)
				}
			}
		}
	}()
	return s
}

// allocation is what is read of Nomad's.
type allocation struct {
	JobID      string
	TaskStates map[string]struct {
		Events []struct {
			Type string
			Time int64 // in nanoseconds
		}
	}
}

func (s *starts) take(app string, a allocation) {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for task, state := range a.TaskStates {
		for _, e := range state.Events {
			if _, known := s.tasks[task]; a.JobID == app && e.Type == "Started" && !known {
				s.tasks[task] = started{time.Unix(0, e.Time), now}
			}
		}
	}
}

// watch notes from now on what an app's page says, and when.
func watch(p *Page) {
	p.Await("the page is there", `(() => {
		const main = document.querySelector("article.app");
		if (!main) return false;
		window.dcloudSaw = [];
		const note = () => window.dcloudSaw.push({ at: performance.timeOrigin + performance.now(), text: main.innerText });
		new MutationObserver(note).observe(main, { subtree: true, childList: true, characterData: true, attributes: true });
		note();
		return true;
	})()`)
}

// seenInTime holds what a watched page said of an app's parts against when Nomad told it.
func (s *starts) seenInTime(t *testing.T, p *Page, parts []agent.Service) {
	t.Helper()
	var page []struct {
		At   float64 // milliseconds since 1970
		Text string
	}
	text, _ := p.Value("JSON.stringify(window.dcloudSaw)").(string)
	if err := json.Unmarshal([]byte(text), &page); err != nil || len(page) == 0 {
		t.Fatalf("the page noted nothing: %v", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, part := range parts {
		task, seen := part.Name, false
		began, known := s.tasks[task]
		if !known {
			t.Errorf("Nomad did not tell that %s started", task)
			continue
		}
		for _, said := range page {
			if seen = strings.Contains(said.Text, task+" started"); !seen {
				continue
			}
			at := time.UnixMicro(int64(said.At * 1000))
			late := at.Sub(began.told)
			t.Logf("%s started; %s later Nomad's servers said so, and %s after them the page", task,
				began.told.Sub(began.happened).Round(time.Millisecond), late.Round(time.Millisecond))
			if late > stageTime {
				t.Errorf("that %s started was seen %s after Nomad told it, which is more than %s", task, late, stageTime)
			}
			break
		}
		if !seen {
			t.Errorf("the page never said that %s started", task)
		}
	}
}
