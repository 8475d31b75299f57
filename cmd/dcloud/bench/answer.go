package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/dentropy/dcloud/provisioning/lab"
)

const (
	askEvery  = 10 * time.Millisecond // between two questions whether an app answers
	answerMax = time.Minute
)

// timed is how long a command took to its effect, and to its own end.
type timed struct{ answer, end time.Duration }

// firstAnswer starts a command on a host and tells when the host's front door first
// answers 200 for a name, counted from the start of the command.
func firstAnswer(ctx context.Context, host *lab.Host, name string, cmd *exec.Cmd) (t timed, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerMax)
	defer cancel()
	browser := host.HTTPClient()
	browser.Timeout = time.Second
	if code, _ := ask(ctx, browser, name); code == http.StatusOK {
		return t, fmt.Errorf("%s answers before it is there", name)
	}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return t, err
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		t.end = time.Since(began)
		ended <- err
	}()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	var answer time.Duration
	for answer == 0 {
		if code, _ := ask(ctx, browser, name); code == http.StatusOK {
			answer = time.Since(began)
			break
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			_ = cmd.Process.Kill()
			<-ended
			return t, fmt.Errorf("%s: %s gave no answer in time: %s", strings.Join(cmd.Args, " "), name, out.String())
		}
	}
	if err := <-ended; err != nil {
		return t, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, out.String())
	}
	t.answer = answer
	return t, nil
}

// ask is one GET of a name at the front door.
func ask(ctx context.Context, browser *http.Client, name string) (code int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+name+"/", nil)
	if err != nil {
		return 0, err
	}
	res, err := browser.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, err = io.Copy(io.Discard, res.Body)
	return res.StatusCode, err
}

// untilGone waits until a name is no longer routed.
func untilGone(ctx context.Context, host *lab.Host, name string) error {
	return poll(ctx, 50*time.Millisecond, answerMax, func() error {
		code, err := ask(ctx, host.HTTPClient(), name)
		if err == nil && code != http.StatusNotFound {
			err = fmt.Errorf("%s still answers %d", name, code)
		}
		return err
	})
}

// poll calls cond until it returns nil.
func poll(ctx context.Context, every, patience time.Duration, cond func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := cond()
		if err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("not within %s: %w", patience, err)
		}
	}
}
