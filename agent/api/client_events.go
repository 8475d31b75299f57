package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// heartbeat is how often a stream with nothing to say shows that it lives. A
// client takes three missed ones for a dead connection.
const heartbeat = 15 * time.Second

// backoff is how long to wait between attempts: doubling from first to most.
type backoff struct{ first, most time.Duration }

// An agent that restarts is back within a second or two.
var defaultBackoff = backoff{first: 100 * time.Millisecond, most: 5 * time.Second}

// Events implements Service. Where the connection ends before the context does
// (the agent restarts, say) it comes back and goes on after the last event seen.
// The channel is also closed when the cloud, back again, refuses the request.
func (c *Client) Events(ctx context.Context, app string, after uint64) (<-chan agent.Event, error) {
	return c.events(ctx, app, after, func() {})
}

// events is Events that tells of each connection after the first.
func (c *Client) events(ctx context.Context, app string, after uint64, again func()) (<-chan agent.Event, error) {
	resp, err := c.openEvents(ctx, app, after)
	if err != nil {
		return nil, err
	}
	out := make(chan agent.Event)
	go func() {
		defer close(out)
		for {
			after = c.readEvents(ctx, resp, after, out)
			resp = c.reopen(ctx, func() (*http.Response, error) { return c.openEvents(ctx, app, after) })
			if resp == nil {
				return
			}
			again()
		}
	}()
	return out, nil
}

// openEvents connects once.
func (c *Client) openEvents(ctx context.Context, app string, after uint64) (*http.Response, error) {
	path := "/v1/events"
	if app != "" {
		path = appPath(app, "events")
	}
	return c.openStream(ctx, path, url.Values{"after": {strconv.FormatUint(after, 10)}})
}

// openStream asks for server-sent events.
func (c *Client) openStream(ctx context.Context, path string, query url.Values) (*http.Response, error) {
	req, err := c.request(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.failure(ctx, err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, c.refusal(resp)
	}
	return resp, nil
}

// reopen connects again, until it works (the response), the context ends or the cloud
// refuses for good (nil).
func (c *Client) reopen(ctx context.Context, connect func() (*http.Response, error)) *http.Response {
	for wait := c.retry.first; ; wait = min(2*wait, c.retry.most) {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		resp, err := connect()
		if err == nil {
			return resp
		}
		switch agent.AsError(err).Code {
		case agent.CodeInvalid, agent.CodeUnauthorized, agent.CodeNotFound:
			return nil
		}
	}
}

// readEvents sends what arrives to out until the connection or the context ends,
// and returns the ID of the last event seen.
func (c *Client) readEvents(ctx context.Context, resp *http.Response, after uint64, out chan<- agent.Event) uint64 {
	defer resp.Body.Close()
	// Closing the body ends a read that waits on a connection that is dead.
	silence := time.AfterFunc(3*heartbeat, func() { resp.Body.Close() })
	defer silence.Stop()
	stream := newSSEReader(resp.Body, func() { silence.Reset(3 * heartbeat) })
	for {
		msg, err := stream.next()
		if err != nil {
			return after
		}
		var ev agent.Event
		if json.Unmarshal(msg.data, &ev) != nil {
			continue // of a kind that this version does not know
		}
		silence.Stop() // the caller may take as long as it likes
		select {
		case out <- ev:
			after = ev.ID
		case <-ctx.Done():
			return after
		}
		silence.Reset(3 * heartbeat)
	}
}
