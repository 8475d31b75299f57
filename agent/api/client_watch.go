package api

import (
	"context"
	"net/http"
	"time"
)

// Watch implements Service. Where the connection ends before the context does it comes
// back, which counts as a change: nobody knows what was missed. Changes that are not
// taken in time become one. The channel is also closed when the cloud, back again,
// refuses the request.
func (c *Client) Watch(ctx context.Context) (<-chan struct{}, error) {
	connect := func() (*http.Response, error) { return c.openStream(ctx, "/v1/watch", nil) }
	resp, err := connect()
	if err != nil {
		return nil, err
	}
	out := make(chan struct{}, 1)
	go func() {
		defer close(out)
		for resp != nil {
			readChanges(resp, out)
			resp = c.reopen(ctx, connect)
		}
	}()
	return out, nil
}

// readChanges tells of each event until the connection ends.
func readChanges(resp *http.Response, out chan<- struct{}) {
	defer resp.Body.Close()
	silence := time.AfterFunc(3*heartbeat, func() { resp.Body.Close() })
	defer silence.Stop()
	stream := newSSEReader(resp.Body, func() { silence.Reset(3 * heartbeat) })
	for {
		if _, err := stream.next(); err != nil {
			return
		}
		select {
		case out <- struct{}{}:
		default: // one that was not taken yet says as much
		}
	}
}
