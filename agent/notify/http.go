package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits of what a web address may answer. The owner chose it, but who runs it is
// another matter.
const (
	mostRedirects = 3
	mostAnswer    = 64 << 10 // bytes that are read; the rest is not waited for
)

// limited is the client unless another is given. No proxy: none of the agent's
// environment is meant for this.
var limited = &http.Client{
	Transport: &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		ResponseHeaderTimeout:  10 * time.Second,
		MaxResponseHeaderBytes: 32 << 10,
		IdleConnTimeout:        10 * time.Second,
		MaxIdleConns:           2,
	},
	CheckRedirect: fewRedirects,
}

// fewRedirects follows few, and none from https to http: what is told is not for all
// who listen.
func fewRedirects(req *http.Request, via []*http.Request) error {
	if len(via) > mostRedirects {
		return errors.New("it leads on to other addresses again and again")
	}
	if via[0].URL.Scheme == "https" && req.URL.Scheme != "https" {
		return errors.New("it leads on to an address without encryption")
	}
	return nil
}

// webhook posts the activity as JSON.
func (s Sender) webhook(ctx context.Context, address string, m Message) error {
	a := m.Activity
	// What people set, and what they wrote to an app, is not to lie with others.
	a.Request, a.Logs = nil, nil
	body, err := json.Marshal(a)
	if err != nil {
		return permanent{fmt.Errorf("write the change down: %w", err)}
	}
	return s.post(ctx, address, body, http.Header{"Content-Type": {"application/json"}})
}

// ntfy publishes to a topic, as https://docs.ntfy.sh/publish/ has it.
func (s Sender) ntfy(ctx context.Context, address string, m Message) error {
	h := http.Header{
		"Content-Type": {"text/plain; charset=utf-8"},
		// Headers are ASCII; ntfy reads RFC 2047 in them.
		"Title":    {mime.QEncoding.Encode("utf-8", m.Title())},
		"Priority": {m.priority()},
		"Tags":     {m.tags()},
	}
	if m.Panel != "" {
		h.Set("Click", m.Panel)
	}
	return s.post(ctx, address, []byte(m.Text()), h)
}

func (s Sender) post(ctx context.Context, address string, body []byte, h http.Header) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return permanent{errors.New("its address cannot be used")}
	}
	req.Header = h
	req.Header.Set("User-Agent", "dcloud")
	client := s.Client
	if client == nil {
		client = limited
	}
	res, err := client.Do(req)
	if err != nil {
		return errors.New(withoutAddress(err))
	}
	defer res.Body.Close()
	// Read, so that the connection can be used again; never more than this.
	said, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return nil // whatever else it wanted to say
	case err != nil && ctx.Err() != nil:
		return errors.New("it did not answer in time")
	}
	err = fmt.Errorf("it answered %s%s", res.Status, quoted(said))
	if res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests || res.StatusCode == http.StatusRequestTimeout {
		return err
	}
	return permanent{err}
}

// withoutAddress says what was wrong with a request. The address stays out of it: a
// webhook's path and a topic's name are all that protects them.
func withoutAddress(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "it did not answer in time"
	}
	if call, ok := errors.AsType[*url.Error](err); ok {
		err = call.Err
	}
	return err.Error()
}

// quoted is the beginning of an answer, on one line, for people.
func quoted(said []byte) string {
	text := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\uFFFD' {
			return ' '
		}
		return r
	}, string(said[:min(len(said), 200)]))
	if text = strings.Join(strings.Fields(text), " "); text == "" || strings.HasPrefix(text, "<") {
		return ""
	}
	return ": " + text
}
