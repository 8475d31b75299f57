package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestTenMegabytesPassThroughExecUnchangedWithTheExitCode(t *testing.T) {
	c := served(t, &fake{exec: func(_ context.Context, _ string, req agent.ExecRequest, s ExecStreams) (int, error) {
		if req.Command[0] != "cat" {
			t.Errorf("command is %q", req.Command)
		}
		if _, err := io.Copy(s.Stdout, s.Stdin); err != nil {
			return 0, err
		}
		_, err := io.WriteString(s.Stderr, "done")
		return 42, err
	}})
	data := make([]byte, 10<<20)
	rand.Read(data)
	var out, errs bytes.Buffer
	code, err := c.Exec(context.Background(), "a", agent.ExecRequest{Command: []string{"cat"}},
		ExecStreams{Stdin: bytes.NewReader(data), Stdout: &out, Stderr: &errs})
	if err != nil || code != 42 || !bytes.Equal(out.Bytes(), data) || errs.String() != "done" {
		t.Errorf("got %d, %v, %d bytes, %q", code, err, out.Len(), errs.String())
	}
}

func TestExecWithoutInputHasNoneAndResizesArrive(t *testing.T) {
	resize := make(chan [2]int, 1)
	resize <- [2]int{80, 24}
	c := served(t, &fake{exec: func(_ context.Context, _ string, _ agent.ExecRequest, s ExecStreams) (int, error) {
		if s.Stdin != nil {
			t.Error("there is an input")
		}
		size := <-s.Resize
		_, err := fmt.Fprint(s.Stdout, size)
		return 0, err
	}})
	var out bytes.Buffer
	_, err := c.Exec(context.Background(), "a", agent.ExecRequest{Command: []string{"x"}, TTY: true}, ExecStreams{Stdout: &out, Resize: resize})
	if err != nil || out.String() != "[80 24]" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestAnErrorOfExecReachesTheCaller(t *testing.T) {
	c := served(t, &fake{exec: func(context.Context, string, agent.ExecRequest, ExecStreams) (int, error) {
		return 0, agent.Errorf(agent.CodeNotFound, "no such service")
	}})
	_, err := c.Exec(context.Background(), "a", agent.ExecRequest{Command: []string{"x"}}, ExecStreams{})
	wantCode(t, err, agent.CodeNotFound)
	_, err = c.Exec(context.Background(), "a", agent.ExecRequest{}, ExecStreams{})
	wantCode(t, err, agent.CodeInvalid)
}

func TestACommandEndsWhenItsClientGoesAway(t *testing.T) {
	started, ended := make(chan struct{}), make(chan struct{})
	c := served(t, &fake{exec: func(ctx context.Context, _ string, _ agent.ExecRequest, _ ExecStreams) (int, error) {
		close(started)
		<-ctx.Done()
		close(ended)
		return 0, ctx.Err()
	}})
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-started; cancel() }()
	_, err := c.Exec(ctx, "a", agent.ExecRequest{Command: []string{"x"}}, ExecStreams{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	<-ended
}
