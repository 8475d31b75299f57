package control

import (
	"bytes"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/docker/docker/client"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// pullsOf are pulls of a service whose clock the test has.
func pullsOf(now *time.Time) (*pulls, *Service) {
	clock := func() time.Time { return *now }
	s := &Service{Deps: Deps{Now: clock, Log: slog.New(slog.DiscardHandler), Node: "pi1"}, events: newBroker(clock)}
	job := &nomad.Job{TaskGroups: []*nomad.TaskGroup{{Tasks: []*nomad.Task{{Name: "web", Config: map[string]any{"image": "docker.io/library/thing:1"}}}}}}
	return newPulls(s, job, &progress{s: s, op: "o", app: "a"}), s
}

func line(id, status string, current, total int64) pullMessage {
	m := pullMessage{ID: id, Status: status}
	m.Progress.Current, m.Progress.Total = current, total
	return m
}

func TestHowFarAnImageIsIsToldInBytesOnceAllOfItsLayersAreKnown(t *testing.T) {
	now := noon
	w, s := pullsOf(&now)
	one := &pulled{layers: map[string]*layer{}, stop: func() {}}
	w.going["pi1 thing"] = one
	for _, step := range []struct {
		m    pullMessage
		want agent.Event
	}{
		{line("1.0", "Pulling from library/thing", 0, 0), agent.Event{}},
		{line("a", "Pulling fs layer", 0, 0), agent.Event{}},
		{line("b", "Pulling fs layer", 0, 0), agent.Event{}},
		{line("c", "Already exists", 0, 0), agent.Event{}},
		{line("a", "Downloading", 10e6, 40e6), agent.Event{Bytes: 10e6, Message: "downloading, 10 MB so far"}},
		{line("b", "Downloading", 10e6, 60e6), agent.Event{Bytes: 20e6, Total: 100e6, Left: 16, Message: "downloading, 20 of 100 MB, about 16 s left"}},
		{line("b", "Downloading", 40e6, 60e6), agent.Event{Bytes: 50e6, Total: 100e6, Left: 5, Message: "downloading, 50 of 100 MB, about 5 s left"}},
		{line("a", "Download complete", 0, 0), agent.Event{Bytes: 80e6, Total: 100e6, Left: 2, Message: "downloading, 80 of 100 MB, about 2 s left"}},
		{line("b", "Download complete", 0, 0), agent.Event{Bytes: 100e6, Total: 100e6, Message: "unpacking 100 MB"}},
		{line("a", "Extracting", 1, 40e6), agent.Event{Bytes: 100e6, Total: 100e6, Message: "unpacking 100 MB"}},
		{line("a", "Pull complete", 0, 0), agent.Event{Bytes: 100e6, Total: 100e6, Message: "unpacking 100 MB"}},
	} {
		now = now.Add(2 * time.Second)
		_, last, _ := s.events.after("a", 0)
		one.note(step.m)
		w.tell()
		events, _, _ := s.events.after("a", last)
		if step.want.Message == "" {
			if len(events) != 0 {
				t.Errorf("%+v: %+v is told", step.m, events)
			}
			continue
		}
		if len(events) != 1 {
			t.Fatalf("%+v: %d events", step.m, len(events))
		}
		e := events[0]
		if e.Bytes != step.want.Bytes || e.Total != step.want.Total || e.Message != step.want.Message {
			t.Errorf("%+v: %q, %d of %d", step.m, e.Message, e.Bytes, e.Total)
		}
		if d := e.Left - step.want.Left; d < 0 || d > 0 {
			t.Errorf("%+v: %d s are left, want %d", step.m, e.Left, step.want.Left)
		}
	}
	if all, _, _ := s.events.after("a", 0); len(all) != 1 {
		t.Errorf("%d events of one pull are remembered", len(all))
	}
}

// Whatever Docker says in whatever order: nothing goes back, and no more comes than
// there is.
func TestThePercentageOfAPullNeverGoesBack(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	statuses := []string{"Pulling fs layer", "Waiting", "Downloading", "Downloading", "Verifying Checksum", "Download complete", "Extracting", "Pull complete", "Already exists", "?"}
	for range 200 {
		now := noon
		w, s := pullsOf(&now)
		one := &pulled{layers: map[string]*layer{}, stop: func() {}}
		w.going["x"] = one
		before := 0
		for range 80 {
			now = now.Add(time.Second)
			total := r.Int64N(1000)
			one.note(line(fmt.Sprint(r.IntN(6)), statuses[r.IntN(len(statuses))], r.Int64N(total+1), total))
			_, last, _ := s.events.after("a", 0)
			w.tell()
			events, _, _ := s.events.after("a", last)
			for _, e := range events {
				if e.Percent < before || e.Percent > percentAt[agent.StageStart] || e.Total > 0 && e.Bytes > e.Total || e.Left < 0 {
					t.Fatalf("after %d %%: %+v", before, e)
				}
				before = e.Percent
			}
		}
	}
}

func TestAPullIsFollowedWhileNomadPullsAndNoLonger(t *testing.T) {
	now := noon
	w, s := pullsOf(&now)
	asked, gone := make(chan string, 1), make(chan struct{})
	server := &dockerThatPulls{asked: asked, gone: gone}
	docker := server.client(t)
	w.docker = func(node string) (*client.Client, func(), error) { return docker, func() {}, nil }
	w.begin("pi1", "nothing") // a task without an image
	w.begin("pi1", "web")
	w.begin("pi1", "web")
	if got := <-asked; got != "docker.io/library/thing 1" {
		t.Errorf("asked for %q", got)
	}
	events, err := s.Events(t.Context(), "a", 0)
	check(t, err)
	if e := <-events; e.Bytes != 5e6 || e.Total != 10e6 {
		t.Errorf("%+v", e)
	}
	if !w.tells() {
		t.Error("it does not know that it tells")
	}
	w.done("pi1", "web")
	<-gone
	w.end()
	w.begin("pi1", "web") // it is over
	w.end()
	var none *pulls
	none.begin("pi1", "web")
	none.done("pi1", "web")
	none.end()
}

type dockerThatPulls struct {
	asked chan string
	gone  chan struct{}
}

func (d *dockerThatPulls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.asked <- r.URL.Query().Get("fromImage") + " " + r.URL.Query().Get("tag")
	fmt.Fprintln(w, `{"status":"Pulling fs layer","progressDetail":{},"id":"a"}`)
	fmt.Fprintln(w, `{"status":"Downloading","progressDetail":{"current":5000000,"total":10000000},"id":"a"}`)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done() // the transfer goes on: it is Nomad's
	close(d.gone)
}

func (d *dockerThatPulls) client(t *testing.T) *client.Client {
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	c, err := client.NewClientWithOpts(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithVersion("1.45"))
	check(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestWhatNomadSaysOfAPullIsReadWhereDockerSaysNothing(t *testing.T) {
	for text, want := range map[string][3]int64{
		"Docker image pull progress: Pulled 2/5 (1.5MiB/34MiB) layers: 0 waiting/2 pulling - est 3.5s remaining": {3 << 19, 34 << 20, 4},
		"Pulled 2/5 (1.5MiB/34MiB) layers: 1 waiting/2 pulling - est 3.5s remaining":                             {3 << 19, 0, 0},
		"Pulled 0/1 (12B/1.024e+03KiB) layers: 0 waiting/1 pulling":                                              {12, 1 << 20, 0},
	} {
		bytes, total, left, ok := readNomadPull(text)
		if got := [3]int64{bytes, total, int64(left)}; !ok || got != want {
			t.Errorf("%q: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{"", "Downloading image", "No progress", "Pulled 1/1 (9GiB/1MiB) layers: 0 waiting/0 pulling"} {
		if _, _, _, ok := readNomadPull(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}

func FuzzReadNomadPull(f *testing.F) {
	f.Add("Pulled 2/5 (1.5MiB/34MiB) layers: 0 waiting/2 pulling - est 3.5s remaining")
	f.Add("Pulled 2/5 (1e+99TiB/1e+99TiB) layers: 0 waiting/2 pulling - est ...s remaining")
	f.Fuzz(func(t *testing.T, text string) {
		bytes, total, left, ok := readNomadPull(text)
		if bytes < 0 || total < 0 || left < 0 || total > 0 && bytes > total || !ok && bytes+total != 0 {
			t.Fatal(bytes, total, left, ok)
		}
	})
}

func FuzzReadPull(f *testing.F) {
	f.Add([]byte(`{"status":"Downloading","progressDetail":{"current":5,"total":10},"id":"a"}` + "\n" + `{"status":"Extracting","progressDetail":{"current":5,"units":"s"},"id":"a"}`))
	f.Add([]byte(`{"error":"no such image"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		now := noon
		w, _ := pullsOf(&now)
		one := &pulled{layers: map[string]*layer{}, stop: func() {}}
		w.going["x"] = one
		_ = readPull(bytes.NewReader(text), func(m pullMessage) {
			one.note(m)
			now = now.Add(time.Second)
			w.tell()
		})
		if got, total, _ := w.soFar(); len(one.layers) > mostLayers || total > 0 && got > total {
			t.Fatal(got, total)
		}
	})
}
