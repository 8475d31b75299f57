package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/dentropy/dcloud/agent"
)

// Logs implements Service. An error of emit ends the stream and is returned.
func (c *Client) Logs(ctx context.Context, name string, opts agent.LogOptions, emit func(agent.LogLine) error) error {
	req, err := c.request(ctx, http.MethodGet, appPath(name, "logs"), logQuery(opts), nil)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.failure(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return c.refusal(resp)
	}
	lines := json.NewDecoder(resp.Body)
	for {
		var msg logMessage
		switch err := lines.Decode(&msg); {
		case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil && isJSONError(err):
			return c.notOurs(resp.StatusCode)
		case err != nil:
			return c.failure(ctx, err)
		case msg.Error != nil:
			return msg.Error
		}
		if err := emit(msg.LogLine); err != nil {
			return err
		}
	}
}
