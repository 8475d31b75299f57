package api

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/dentropy/dcloud/agent"
)

func TestAShortRequestFinishesWhileTheAgentStops(t *testing.T) {
	path := socketPath(t)
	inside, finish := make(chan struct{}), make(chan struct{})
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := New(&fake{status: func(ctx context.Context) (agent.Status, error) {
		close(inside)
		<-finish
		return agent.Status{Ready: true}, ctx.Err()
	}}, Options{})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l, nil) }()
	answer := make(chan error, 1)
	c := dial(t, path)
	go func() {
		_, err := c.Status(context.Background())
		answer <- err
	}()
	<-inside
	cancel()
	<-s.stopping.Done()
	close(finish)
	if err := <-answer; err != nil {
		t.Errorf("the request was cut off: %v", err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAPageOfAnotherSiteMayNotRunCommands(t *testing.T) {
	c := served(t, &fake{})
	_, resp, err := websocket.Dial(context.Background(), c.base+"/v1/apps/a/exec", &websocket.DialOptions{
		HTTPClient: c.http, HTTPHeader: http.Header{"Origin": {"https://evil.example"}}})
	if err == nil || resp == nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("got %v, %v", resp, err)
	}
}

func TestAFrameThatIsTooLargeEndsTheExec(t *testing.T) {
	ended := make(chan struct{})
	c := served(t, &fake{exec: func(ctx context.Context, _ string, _ agent.ExecRequest, _ ExecStreams) (int, error) {
		defer close(ended)
		<-ctx.Done()
		return 0, ctx.Err()
	}})
	conn, err := c.dialExec(context.Background(), "a")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.CloseNow()
	ctx := context.Background()
	if err := writeControl(ctx, conn, execStart{ExecRequest: agent.ExecRequest{Command: []string{"x"}}}); err != nil {
		t.Fatal(err)
	}
	conn.Write(ctx, websocket.MessageText, []byte(strings.Repeat("x", execFrameLimit+1)))
	if _, _, err := conn.Read(ctx); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("the connection ended with %v", err)
	}
	<-ended
}
