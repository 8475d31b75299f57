package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// history is a fake's Events: it remembers, replays and goes on.
type history struct {
	mu    sync.Mutex
	all   []agent.Event
	more  chan struct{}
	asked []uint64
}

func (h *history) add(evs ...agent.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, evs...)
	if h.more != nil {
		close(h.more)
		h.more = nil
	}
}

func (h *history) events(ctx context.Context, _ string, after uint64) (<-chan agent.Event, error) {
	out := make(chan agent.Event)
	h.mu.Lock()
	h.asked = append(h.asked, after)
	h.mu.Unlock()
	go func() {
		defer close(out)
		for i := 0; ; {
			h.mu.Lock()
			if i == len(h.all) {
				if h.more == nil {
					h.more = make(chan struct{})
				}
				more := h.more
				h.mu.Unlock()
				select {
				case <-more:
					continue
				case <-ctx.Done():
					return
				}
			}
			ev := h.all[i]
			i++
			h.mu.Unlock()
			if ev.ID <= after {
				continue
			}
			select {
			case out <- ev:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}

func event(id uint64) agent.Event {
	return agent.Event{ID: id, Op: "op", App: "a", Stage: agent.StagePull, State: agent.EventProgress, Message: "line\nbreak"}
}

func TestEventsGoOnWhereTheyWereWhenTheAgentComesBack(t *testing.T) {
	path, h := socketPath(t), &history{}
	h.add(event(1), event(2))
	stop := serveOn(t, path, &fake{events: h.events})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	events, err := dial(t, path).Events(ctx, "a", 0)
	if err != nil {
		t.Fatal(err)
	}
	for want := uint64(1); want <= 2; want++ {
		if ev := <-events; ev.ID != want || ev.Message != "line\nbreak" {
			t.Fatalf("got %+v", ev)
		}
	}
	stop()
	h.add(event(3))
	serveOn(t, path, &fake{events: h.events})
	if ev := <-events; ev.ID != 3 {
		t.Fatalf("after the restart came %+v", ev)
	}
	cancel()
	for range events {
	}
	if fmt.Sprint(h.asked) != "[0 2]" {
		t.Errorf("asked for events after %v", h.asked)
	}
}

func TestTheLastEventIDOfABrowserWinsOverItsQuery(t *testing.T) {
	h := &history{}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := served(t, &fake{events: h.events})
	req, err := c.request(ctx, "GET", "/v1/events?after=1", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", "7")
	resp, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	h.add(event(7), agent.Event{ID: 8, Final: true})
	buf := make([]byte, 0, 4096)
	for !bytes.Contains(buf, []byte("}\n\n")) {
		n, err := resp.Body.Read(buf[len(buf):cap(buf)])
		if err != nil {
			t.Fatal(err)
		}
		buf = buf[:len(buf)+n]
	}
	if got := string(buf); !strings.Contains(got, "id: 8\nevent: final\ndata: {") || strings.Contains(got, "id: 7\n") {
		t.Errorf("stream is %q", got)
	}
}

func TestWaitReturnsTheFinalEventOfItsOwnOperation(t *testing.T) {
	h := &history{}
	failed := event(4)
	failed.Final, failed.Error = true, agent.Errorf(agent.CodeFailed, "no").WithHint("look")
	h.add(event(1), agent.Event{ID: 2, Op: "another", Final: true}, event(3), failed)
	c := served(t, &fake{events: h.events})
	var seen []uint64
	ev, err := c.Wait(context.Background(), agent.Operation{ID: "op", App: "a"}, func(ev agent.Event) { seen = append(seen, ev.ID) })
	if e := wantCode(t, err, agent.CodeFailed); e.Hint != "look" || ev.ID != 4 || fmt.Sprint(seen) != "[1 3 4]" {
		t.Errorf("got %+v, %v after %v", ev, e, seen)
	}
}

func TestWaitEndsWithTheAppsStateWhenTheAgentForgotTheOperation(t *testing.T) {
	path, h := socketPath(t), &history{}
	h.add(event(1))
	stop := serveOn(t, path, &fake{events: h.events})
	first := make(chan struct{})
	type end struct {
		ev  agent.Event
		err error
	}
	ended := make(chan end, 1)
	c := dial(t, path)
	go func() {
		ev, err := c.wait(context.Background(), agent.Operation{ID: "op", App: "a"}, func(ev agent.Event) {
			if ev.ID == 1 && !ev.Final {
				close(first)
			}
		}, 10*time.Millisecond)
		ended <- end{ev, err}
	}()
	<-first
	stop()
	states := []string{agent.StateInstalling, agent.StateRunning}
	serveOn(t, path, &fake{events: (&history{}).events, app: func(context.Context, string) (agent.AppDetail, error) {
		state := states[0]
		if len(states) > 1 {
			states = states[1:]
		}
		return agent.AppDetail{App: agent.App{State: state, URL: "http://a"}}, nil
	}})
	if got := <-ended; got.err != nil || !got.ev.Final || got.ev.URL != "http://a" {
		t.Errorf("ended with %+v", got)
	}
}

func TestWaitFollowsAnOperationOnAMachineToItsEnd(t *testing.T) {
	h := &history{}
	h.add(agent.Event{ID: 1, Op: "op", Node: "pi", Stage: agent.StageDrain},
		agent.Event{ID: 2, Op: "op2", App: "a", Final: true},
		agent.Event{ID: 3, Op: "op", Node: "pi", Stage: agent.StageDrain, State: agent.EventFailed, Message: "no", Final: true})
	ev, err := served(t, &fake{events: h.events}).Wait(context.Background(), agent.Operation{ID: "op", Node: "pi"}, nil)
	if e := wantCode(t, err, agent.CodeFailed); ev.ID != 3 || !strings.Contains(e.Hint, "dcloud node list") {
		t.Errorf("got %+v, %v", ev, e)
	}
}

func TestWaitEndsWithTheMachinesStateWhenTheAgentForgotTheOperation(t *testing.T) {
	under := agent.Node{Name: "pi", State: agent.NodeDraining, Op: "op"}
	for _, c := range []struct {
		stage string
		then  []agent.Node // how the machine is listed once it is over
		says  string
		code  string
	}{
		{agent.StageDrain, []agent.Node{{Name: "pi", State: agent.NodeDraining}}, "pi is draining", ""},
		{agent.StageRemove, nil, "pi does not belong to the cloud any more", ""},
		{agent.StageRemove, []agent.Node{{Name: "pi", State: agent.NodeReady}}, "pi was not removed", agent.CodeFailed},
	} {
		path, h := socketPath(t), &history{}
		h.add(agent.Event{ID: 1, Op: "op", Node: "pi", Stage: c.stage})
		stop := serveOn(t, path, &fake{events: h.events})
		first, ended := make(chan struct{}), make(chan error, 1)
		var last agent.Event
		client := dial(t, path)
		go func() {
			var err error
			last, err = client.wait(context.Background(), agent.Operation{ID: "op", Node: "pi"}, func(ev agent.Event) {
				if ev.ID == 1 && !ev.Final {
					close(first)
				}
			}, 10*time.Millisecond)
			ended <- err
		}()
		<-first
		stop()
		asked := 0
		serveOn(t, path, &fake{events: (&history{}).events, nodes: func(context.Context) ([]agent.Node, error) {
			if asked++; asked == 1 {
				return []agent.Node{under}, nil
			}
			return c.then, nil
		}})
		err := <-ended
		if c.code != "" {
			wantCode(t, err, c.code)
		} else if err != nil {
			t.Error(err)
		}
		if asked < 2 || !last.Final || last.Node != "pi" || !strings.Contains(last.Message, c.says) {
			t.Errorf("%s: %+v after %d questions", c.stage, last, asked)
		}
	}
}

func TestAClientThatDoesNotReadHoldsUpNobodyAndNotTheShutdown(t *testing.T) {
	path := socketPath(t)
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	big := agent.Event{ID: 1, Message: strings.Repeat("x", 1<<16)}
	s := New(&fake{
		status: func(context.Context) (agent.Status, error) { return agent.Status{Ready: true}, nil },
		events: func(ctx context.Context, _ string, _ uint64) (<-chan agent.Event, error) {
			out := make(chan agent.Event)
			go func() {
				defer close(out)
				for {
					select {
					case out <- big:
					case <-ctx.Done():
						return
					}
				}
			}()
			return out, nil
		}}, Options{})
	// What is cut off is the stream, long before the time for short requests is over.
	s.shutdownGrace, s.streamGrace = time.Hour, 10*time.Millisecond
	stop := serveAt(t, s, l)
	conn, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	c := dial(t, path)
	for range 20 {
		if _, err := c.Status(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	stop()
}

func TestLogLinesArriveOneByOneAndAnErrorAmongThemIsTheEnd(t *testing.T) {
	next, broken := make(chan struct{}), agent.Errorf(agent.CodeFailed, "docker went away")
	c := served(t, &fake{logs: func(_ context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
		if name != "a" || opts != (agent.LogOptions{Service: "web", Follow: true, Tail: 7}) {
			t.Errorf("asked for %s %+v", name, opts)
		}
		for i := range 3 {
			if err := emit(agent.LogLine{Text: fmt.Sprint(i)}); err != nil {
				return err
			}
			<-next // the line is there before the next one is made
		}
		return broken
	}})
	var got []string
	err := c.Logs(context.Background(), "a", agent.LogOptions{Service: "web", Follow: true, Tail: 7}, func(l agent.LogLine) error {
		got = append(got, l.Text)
		next <- struct{}{}
		return nil
	})
	if e := wantCode(t, err, agent.CodeFailed); e.Message != broken.Message || strings.Join(got, "") != "012" {
		t.Errorf("got %q, %v", got, e)
	}
}

func TestAnErrorBeforeTheFirstLogLineIsTheAnswer(t *testing.T) {
	c := served(t, &fake{logs: func(context.Context, string, agent.LogOptions, func(agent.LogLine) error) error {
		return agent.Errorf(agent.CodeNotFound, "there is no app a")
	}})
	wantCode(t, c.Logs(context.Background(), "a", agent.LogOptions{}, nil), agent.CodeNotFound)
}

func TestWhenTheAgentStopsStreamsEndAndNothingIsLeftBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	path := socketPath(t)
	inside := make(chan struct{}, 2)
	wait := func(ctx context.Context) error { inside <- struct{}{}; <-ctx.Done(); return ctx.Err() }
	stop := serveOn(t, path, &fake{
		events: (&history{}).events,
		logs: func(ctx context.Context, _ string, _ agent.LogOptions, _ func(agent.LogLine) error) error {
			return wait(ctx)
		},
		exec: func(ctx context.Context, _ string, _ agent.ExecRequest, _ ExecStreams) (int, error) {
			return 0, wait(ctx)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	c := dial(t, path)
	events, err := c.Events(ctx, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 2)
	go func() { errs <- c.Logs(ctx, "a", agent.LogOptions{Follow: true}, nil) }()
	go func() {
		_, err := c.Exec(ctx, "a", agent.ExecRequest{Command: []string{"x"}}, ExecStreams{})
		errs <- err
	}()
	<-inside
	<-inside
	stop()
	for range 2 {
		if e := wantCode(t, <-errs, agent.CodeUnavailable); e.Message != "the agent is stopping" {
			t.Errorf("a stream ended with %q", e.Message)
		}
	}
	cancel()
	for range events {
	}
	c.Close()
	deadline := time.Now().Add(patient)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("goroutines are left:\n%s", stacks[:runtime.Stack(stacks, true)])
		}
		time.Sleep(time.Millisecond) // there is no event for the end of a goroutine
	}
}

func FuzzAnEventStreamIsReadWithoutPanic(f *testing.F) {
	f.Add([]byte("id: 1\nevent: step\ndata: {}\n\n"))
	f.Add([]byte(":\n\ndata\ndata: x\r\n\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		r := newSSEReader(bytes.NewReader(stream), func() {})
		for {
			msg, err := r.next()
			if err != nil {
				return
			}
			if len(msg.data) > len(stream) {
				t.Fatal("more came out than went in")
			}
		}
	})
}
