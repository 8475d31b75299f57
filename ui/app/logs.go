package app

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// lastShown is how many lines a page begins with.
const lastShown = 200

// logsPage is what an app wrote last.
type logsPage struct {
	Frame    *frame
	Services []string
	Service  string
	Q        string
	Lines    []logLine
	Problem  *agent.Error
}

type logLine struct {
	shown
	Pieces []piece
}

// logs shows the last lines. Without a script the page's form searches them.
func logs(c *web.Ctx) error {
	f, err := enter(c, "logs")
	if err != nil {
		return err
	}
	page := logsPage{Frame: f, Services: services(f), Service: c.Query("service"), Q: c.Query("q")}
	if len(page.Q) > 200 {
		page.Q = page.Q[:200]
	}
	lines, err := tail(c.Context(), c.Cloud, f.Name, page.Service, lastShown)
	if err != nil {
		page.Problem = agent.AsError(err)
		if page.Problem.Code == agent.CodeInternal {
			return err
		}
	}
	for _, l := range lines {
		s := show(l)
		if pieces, ok := find(s.Text, page.Q); ok {
			page.Lines = append(page.Lines, logLine{s, pieces})
		}
	}
	return c.Page(pages, "logs.html", page)
}

func services(f *frame) []string {
	var out []string
	for _, s := range f.Detail.Services {
		out = append(out, s.Name)
	}
	return sortedOnce(out)
}

// logsText sends all that the app wrote as a file, made as harmless as on the page:
// who opens it in a terminal is not to be surprised either.
func logsText(c *web.Ctx) error {
	name := c.Param("name")
	h := c.Echo.Response().Header()
	w := bufio.NewWriter(c.Echo.Response())
	err := c.Cloud.Logs(c.Context(), name, agent.LogOptions{Service: c.Query("service")}, func(l agent.LogLine) error {
		if !c.Echo.Response().Committed {
			h.Set("Content-Type", "text/plain; charset=utf-8")
			h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", clean(name)+".log.txt"))
		}
		s := show(l)
		_, err := fmt.Fprintf(w, "%s %s %s\n", l.Time.UTC().Format(time.RFC3339Nano), s.Service, s.Text)
		return err
	})
	if err != nil && !c.Echo.Response().Committed {
		h.Del("Content-Disposition")
		return err
	}
	if err != nil {
		fmt.Fprintf(w, "\n%s\n", c.T("The rest could not be read: %s", agent.AsError(err).Message))
	}
	if !c.Echo.Response().Committed {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", clean(name)+".log.txt"))
	}
	w.Flush()
	return nil
}

// maxBatch bounds the lines that wait to be sent, and with maxBytes what they hold.
const (
	maxBatch = 500
	maxBytes = 256 << 10
)

// logsLive sends the last lines and then each new one, as server-sent events: "lines"
// with an array of shown, "problem" with a message. Each connection begins with the
// event "begin", at which a page forgets what it has: so that nothing is there twice,
// and nothing is missing, after a connection broke.
func (t timing) logsLive(c *web.Ctx) error {
	s := beginStream(c)
	defer s.end()
	s.send("begin", "{}")
	lines := make(chan shown, 64)
	ended := make(chan error, 1)
	ctx := s.ctx
	go func() {
		defer close(lines)
		ended <- c.Cloud.Logs(ctx, c.Param("name"), agent.LogOptions{Service: c.Query("service"), Tail: lastShown, Follow: true},
			func(l agent.LogLine) error {
				select {
				case lines <- show(l):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
	}()
	err := t.pump(c, s, lines)
	listens := err == nil && ctx.Err() == nil
	s.cancel()
	for range lines { // until the reader has noticed
	}
	if err := <-ended; err != nil && listens {
		e := agent.AsError(err)
		if e.Code == agent.CodeInternal {
			c.Log.Warn("an app's lines cannot be read", "app", c.Param("name"), "err", err)
			e = agent.Errorf(agent.CodeInternal, "%s", c.T("The lines cannot be read just now."))
		}
		b, _ := json.Marshal(e.Message)
		s.send("problem", string(b))
	}
	return nil
}

// pump sends lines in batches until there are no more, nobody listens, or the person
// is signed out.
func (t timing) pump(c *web.Ctx, s *stream, lines <-chan shown) error {
	alive := time.NewTicker(t.signIn)
	defer alive.Stop()
	var batch []shown
	bytes := 0
	var due <-chan time.Time
	flush := func() error {
		due = nil
		if len(batch) == 0 {
			return nil
		}
		b, err := json.Marshal(batch)
		if err != nil {
			return err
		}
		batch, bytes = batch[:0], 0
		return s.send("lines", string(b))
	}
	for {
		select {
		case l, more := <-lines:
			if !more {
				return flush()
			}
			if batch = append(batch, l); due == nil {
				due = time.After(t.batch)
			}
			if bytes += len(l.Text); len(batch) >= maxBatch || bytes >= maxBytes {
				if err := flush(); err != nil {
					return err
				}
			}
		case <-due:
			if err := flush(); err != nil {
				return err
			}
		case <-alive.C:
			if !signedIn(c) {
				b, _ := json.Marshal(c.T("You are not signed in any more."))
				s.send("problem", string(b))
				return http.ErrAbortHandler
			}
			if err := s.send("", ""); err != nil {
				return err
			}
		case <-s.ctx.Done():
			return s.ctx.Err()
		}
	}
}
