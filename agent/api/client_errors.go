package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"

	"github.com/dentropy/dcloud/agent"
)

// failure says in words why no answer came. The end of the caller's own context
// is returned as it is.
func (c *Client) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var netErr net.Error
	switch {
	case c.unix && errors.Is(err, os.ErrPermission):
		return agent.Errorf(agent.CodeUnauthorized, "only root may talk to the cloud on this machine").
			WithHint("run it again with sudo")
	case c.unix && (errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)):
		return agent.Errorf(agent.CodeUnavailable, "the cloud is not running").
			WithHint("start it with: dcloud up")
	case errors.Is(err, syscall.ECONNREFUSED):
		return agent.Errorf(agent.CodeUnavailable, "the cloud is not running: nobody answers at %s", c.addr).
			WithHint("start it there with: dcloud up; or check DCLOUD_ADDR")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return c.lost()
	case errors.As(err, &netErr) && netErr.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return agent.Errorf(agent.CodeUnavailable, "the cloud did not answer in time").
			WithHint("see what keeps it busy: dcloud doctor")
	}
	return agent.Errorf(agent.CodeUnavailable, "the cloud at %s cannot be reached: %w", c.addr, err).
		WithHint("check DCLOUD_ADDR, then: dcloud status")
}

// lost is the error of a connection that ended before its answer did.
func (c *Client) lost() *agent.Error {
	return agent.Errorf(agent.CodeUnavailable, "the connection to the cloud was lost").
		WithHint("the agent may be restarting; look again with: dcloud status")
}

// refusal reads the error of an answer that is not a success.
func (c *Client) refusal(resp *http.Response) error {
	var body errorBody
	err := json.NewDecoder(io.LimitReader(resp.Body, maxBody)).Decode(&body)
	if err != nil || body.Error == nil || body.Error.Code == "" {
		return c.notOurs(resp.StatusCode)
	}
	return body.Error
}

// notOurs is the error of an answer that no agent gives: a proxy's, or that of
// some other program at the address.
func (c *Client) notOurs(status int) error {
	return agent.Errorf(agent.CodeUnavailable, "what answers at %s is not a dcloud agent (HTTP status %d)", c.addr, status).
		WithHint("check DCLOUD_ADDR")
}

func isJSONError(err error) bool {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	return errors.As(err, &syntax) || errors.As(err, &kind)
}
