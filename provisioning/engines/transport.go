package engines

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// reachTime is how long a host may take until it begins to answer: name, dial,
// TLS and headers together. One that is out of reach costs no more than this.
const reachTime = 5 * time.Second

// stallTime is how long a download may stand still before it is given up.
const stallTime = 30 * time.Second

// transport gives up on hosts that do not answer or stop to, and tells how
// far the body of each response has come.
type transport struct {
	inner  http.RoundTripper
	reach  time.Duration
	stall  time.Duration
	onBody func(url string, got, total int64) // total is -1 where it is unknown
	// onBytes, where it is set, gets what is read before the reader does; its error
	// ends the reading.
	onBytes func(url string, p []byte) error
}

func newTransport(onBody func(url string, got, total int64)) *transport {
	return &transport{
		inner: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: reachTime}).DialContext,
			TLSHandshakeTimeout: reachTime,
			ForceAttemptHTTP2:   true,
			DisableKeepAlives:   true, // a few requests, then never again
		},
		reach: reachTime, stall: stallTime, onBody: onBody,
	}
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	late := fmt.Errorf("%s did not answer within %s", req.URL.Host, t.reach)
	timer := time.AfterFunc(t.reach, func() { cancel(late) })
	resp, err := t.inner.RoundTrip(req.WithContext(ctx))
	if !timer.Stop() && err == nil { // at the last moment: its body could not be read any more
		resp.Body.Close()
		err = late
	}
	if err != nil {
		cancel(nil)
		if cause := context.Cause(ctx); cause == late {
			return nil, late
		}
		return nil, err
	}
	stalled := fmt.Errorf("%s sent nothing for %s", req.URL.Host, t.stall)
	t = t.forStatus(resp.StatusCode)
	resp.Body = &watchedBody{
		ReadCloser: resp.Body, t: t, ctx: ctx, url: req.URL.Path, total: resp.ContentLength,
		timer: time.AfterFunc(t.stall, func() { cancel(stalled) }), cancel: cancel, stalled: stalled,
	}
	return resp, nil
}

// forStatus leaves the bodies of redirects and errors untold: they are not what
// was asked for.
func (t *transport) forStatus(code int) *transport {
	if code == http.StatusOK {
		return t
	}
	quiet := *t
	quiet.onBody, quiet.onBytes = nil, nil
	return &quiet
}

type watchedBody struct {
	io.ReadCloser
	t       *transport
	ctx     context.Context
	url     string
	got     atomic.Int64
	total   int64
	timer   *time.Timer
	cancel  context.CancelCauseFunc
	stalled error
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.timer.Reset(b.t.stall)
		if b.t.onBody != nil {
			b.t.onBody(b.url, b.got.Add(int64(n)), b.total)
		}
		if b.t.onBytes != nil {
			if err := b.t.onBytes(b.url, p[:n]); err != nil {
				return 0, err
			}
		}
	}
	if err != nil && err != io.EOF && context.Cause(b.ctx) == b.stalled {
		err = b.stalled
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
