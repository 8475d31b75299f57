package sample

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// logged is how many lines there are before any that are followed.
const logged = 300

// Logs writes lines that are made up, and when following one more at each step.
func (c *Cloud) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	err := c.ok(ctx, "Logs")
	a, beat, now := c.apps[name], c.beat, c.now()
	c.mu.Unlock()
	if err != nil {
		return err
	}
	if a == nil {
		_, err := c.app(name)
		return err
	}
	service := a.Services[0]
	if opts.Service != "" && opts.Service != service.Name && (len(a.Services) < 2 || opts.Service != a.Services[1].Name) {
		return agent.Errorf(agent.CodeNotFound, "%s has no service called %q", name, clip(opts.Service))
	}
	first := 0
	if opts.Tail > 0 {
		first = max(0, logged-opts.Tail)
	}
	for k := first; k < logged; k++ {
		if err := emit(logLine(service, k, now.Add(-time.Duration(logged-k)*7*time.Second))); err != nil {
			return err
		}
	}
	for k := logged; opts.Follow; k++ {
		select {
		case <-ctx.Done():
			return nil
		case <-beat:
		}
		c.mu.Lock()
		beat, now = c.beat, c.now()
		c.mu.Unlock()
		if err := emit(logLine(service, k, now)); err != nil {
			return err
		}
	}
	return nil
}

func logLine(s agent.Service, k int, at time.Time) agent.LogLine {
	line := agent.LogLine{Service: s.Name, Node: s.Node, Stream: "stdout", Time: at}
	switch k % 25 {
	case 7:
		line.Stream, line.Text = "stderr", "WARN slow query: 1204 ms: SELECT id, title FROM entries WHERE status = 'unread' ORDER BY published_at DESC LIMIT 100"
	case 13:
		line.Stream, line.Text = "stderr", "\x1b[31mERROR\x1b[0m <script>alert(1)</script> could not fetch https://news.example/feed.xml: 503"
	case 21:
		line.Text = strings.Repeat("a very long line ", 30)
	default:
		line.Text = fmt.Sprintf("GET /page/%d 200 %d ms", k, 3+k%40)
	}
	return line
}

// Exec says what it was asked to run and echoes what it is sent, until "exit".
func (c *Cloud) Exec(ctx context.Context, name string, req agent.ExecRequest, s agent.ExecStreams) (int, error) {
	err := c.ok(ctx, "Exec")
	var running bool
	if err == nil {
		var a *app
		if a, err = c.app(name); err == nil {
			running = a.State == agent.StateRunning || a.State == agent.StateDegraded
		}
	}
	c.mu.Unlock()
	switch {
	case err != nil:
		return 0, err
	case len(req.Command) == 0:
		return 0, agent.Errorf(agent.CodeInvalid, "no command is given")
	case !running:
		return 0, agent.Errorf(agent.CodeConflict, "%s does not run at the moment", name).WithHint("start it first")
	}
	if _, err := fmt.Fprintf(s.Stdout, "%s: %s\r\n$ ", name, strings.Join(req.Command, " ")); err != nil {
		return 0, err
	}
	if s.Stdin == nil {
		return 0, nil
	}
	in := bufio.NewReader(s.Stdin)
	word := ""
	for {
		r, _, err := in.ReadRune()
		if err == io.EOF || ctx.Err() != nil {
			return 0, ctx.Err()
		}
		if err != nil {
			return 0, err
		}
		text := string(r)
		if r == '\r' || r == '\n' {
			if word == "exit" {
				return 0, nil
			}
			text, word = "\r\n$ ", ""
		} else {
			word += text
		}
		if _, err := io.WriteString(s.Stdout, text); err != nil {
			return 0, err
		}
	}
}
