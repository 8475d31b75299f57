package join

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

const (
	// maxAnswer holds a roster of some thousand machines.
	maxAnswer = 8 << 20
	// maxWait for what the server asks to wait.
	maxWait = time.Minute
	// maxLeft is more seconds than a token is ever good for.
	maxLeft = 365 * 24 * 60 * 60
)

// transient is why an exchange failed that may succeed later.
type transient struct{ text string }

func (t *transient) Error() string { return t.text }

// waiting is the answer while somebody has to accept this machine first.
type waiting struct {
	text string
	left time.Duration // that there is to answer, 0 for unknown
}

func (w *waiting) Error() string { return w.text }

func (w *waiting) Unwrap() error { return pool.ErrPending }

// exchange sends one request on a connection whose server has been checked, and
// returns the answer's body. wait is how long the server asks to wait before the
// next one.
func exchange(ctx context.Context, o Options, m *met, path string, body any) (data []byte, wait time.Duration, err error) {
	defer m.conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = m.conn.Close() })
	defer stop()
	_ = m.conn.SetDeadline(time.Now().Add(2*headerTime + admitTime))

	text, err := json.Marshal(body)
	if err != nil {
		return nil, 0, fmt.Errorf("write the request: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+Name+path, bytes.NewReader(text))
	if err != nil {
		return nil, 0, fmt.Errorf("write the request: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "dcloud")
	r.Close = true
	broken := &transient{"the connection to " + m.address + " broke off"}
	if err := r.Write(m.conn); err != nil {
		return nil, 0, broken
	}
	answered, err := http.ReadResponse(bufio.NewReader(io.LimitReader(m.conn, maxAnswer)), r)
	if err != nil {
		return nil, 0, broken
	}
	defer answered.Body.Close()
	data, err = io.ReadAll(answered.Body)
	if err != nil {
		return nil, 0, broken
	}
	if answered.StatusCode == http.StatusOK {
		return data, 0, nil
	}
	wait, err = refusal(answered, data, o.Now())
	return nil, wait, err
}

// refusal reads an answer that is not the wanted one.
func refusal(r *http.Response, data []byte, now time.Time) (wait time.Duration, err error) {
	// The clocks first: with a wrong one, all else that the server says may follow
	// from it ("the token has expired").
	if cloud, err := http.ParseTime(r.Header.Get("Date")); err == nil {
		if err := checkClock(now, cloud); err != nil {
			return 0, err
		}
	}
	var told answer
	if json.Unmarshal(data, &told) != nil || told.Error == nil || told.Error.Message == "" {
		told.Error = agent.Errorf(agent.CodeFailed, "the cloud answered with status %d and no word", r.StatusCode).
			WithHint("the cause may be in the log of the cloud's server: journalctl -u dcloud")
	}
	if seconds, err := strconv.Atoi(r.Header.Get("Retry-After")); err == nil && seconds > 0 {
		wait = min(time.Duration(seconds)*time.Second, maxWait)
	}
	if r.StatusCode == http.StatusAccepted {
		return wait, &waiting{told.Error.Message, time.Duration(max(0, min(told.Left, maxLeft))) * time.Second}
	}
	if told.Error.Code == agent.CodeUnavailable || r.StatusCode == http.StatusTooManyRequests {
		return wait, &transient{told.Error.Message}
	}
	return 0, told.Error
}

// allStrangers is true where something answered at each address to which there is a
// way, and it never was
// the token's cloud.
func allStrangers(errs []error) bool {
	strangers := false
	for _, err := range errs {
		switch {
		case errors.Is(err, errForeign), errors.Is(err, errNoCloud):
			strangers = true
		case errors.Is(err, syscall.ENETUNREACH): // IPv6 of a front door, and this machine has none
		default:
			return false
		}
	}
	return strangers
}
