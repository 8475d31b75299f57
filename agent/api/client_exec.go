package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/coder/websocket"
	"github.com/dentropy/dcloud/agent"
)

// Exec implements Service. It returns when the command has ended; a read of
// streams.Stdin that waits then (a terminal's) is left waiting, as Go has no way
// to end it.
func (c *Client) Exec(ctx context.Context, name string, req agent.ExecRequest, streams ExecStreams) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	conn, err := c.dialExec(ctx, name)
	if err != nil {
		return 0, err
	}
	defer conn.CloseNow()
	conn.SetReadLimit(execFrameLimit)
	if err := writeControl(ctx, conn, execStart{ExecRequest: req, Stdin: streams.Stdin != nil}); err != nil {
		return 0, c.failure(ctx, err)
	}
	if streams.Stdin != nil {
		go sendStdin(ctx, conn, streams.Stdin)
	}
	if streams.Resize != nil {
		go sendResizes(ctx, conn, streams.Resize)
	}
	return c.receiveExec(ctx, conn, streams)
}

func (c *Client) dialExec(ctx context.Context, name string) (*websocket.Conn, error) {
	header := http.Header{}
	c.authorize(ctx, header)
	conn, resp, err := websocket.Dial(ctx, c.base+appPath(name, "exec"), &websocket.DialOptions{
		HTTPClient: c.http,
		HTTPHeader: header,
	})
	if err == nil {
		return conn, nil
	}
	if resp != nil && resp.Body != nil {
		defer resp.Body.Close()
		return nil, c.refusal(resp)
	}
	return nil, c.failure(ctx, err)
}

// receiveExec copies what the command writes until its exit code comes.
func (c *Client) receiveExec(ctx context.Context, conn *websocket.Conn, streams ExecStreams) (int, error) {
	buf := make([]byte, execChunk)
	for {
		kind, frame, err := conn.Reader(ctx)
		if err != nil {
			return 0, c.execFailure(ctx, err)
		}
		if kind == websocket.MessageBinary {
			if err := copyOut(frame, buf, streams); err != nil {
				return 0, err
			}
			continue
		}
		var msg execControl
		if err := json.NewDecoder(frame).Decode(&msg); err != nil {
			return 0, c.execFailure(ctx, err)
		}
		// The rest of the frame is read so that the next one can be.
		if _, err := io.Copy(io.Discard, frame); err != nil {
			return 0, c.execFailure(ctx, err)
		}
		switch {
		case msg.Type == controlExit:
			conn.Close(websocket.StatusNormalClosure, "")
			return msg.Code, nil
		case msg.Type == controlError && msg.Error != nil:
			conn.Close(websocket.StatusNormalClosure, "")
			return 0, msg.Error
		}
	}
}

// copyOut writes a binary frame to the stream that its first byte names.
func copyOut(frame io.Reader, buf []byte, streams ExecStreams) error {
	var which [1]byte
	if _, err := io.ReadFull(frame, which[:]); err != nil {
		return agent.Errorf(agent.CodeInternal, "the cloud sent an empty frame: %w", err)
	}
	var to io.Writer
	switch which[0] {
	case streamStdout:
		to = streams.Stdout
	case streamStderr:
		to = streams.Stderr
	}
	if to == nil {
		to = io.Discard
	}
	// Only Write, so that a writer's own ReadFrom does not pick another buffer.
	_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{frame}, buf)
	return err
}

func (c *Client) execFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var closed websocket.CloseError
	if errors.As(err, &closed) && closed.Code != websocket.StatusGoingAway {
		return agent.Errorf(agent.CodeInternal, "the cloud ended the connection: %s", closed.Reason).
			WithHint("see what it logged: dcloud doctor")
	}
	return c.lost()
}

// sendStdin sends r as frames, then that it ended.
func sendStdin(ctx context.Context, conn *websocket.Conn, r io.Reader) {
	buf := make([]byte, 1+execChunk)
	buf[0] = streamStdin
	for {
		n, err := r.Read(buf[1:])
		if n > 0 && conn.Write(ctx, websocket.MessageBinary, buf[:1+n]) != nil {
			return
		}
		if err != nil {
			writeControl(ctx, conn, execControl{Type: controlStdinClose})
			return
		}
	}
}

func sendResizes(ctx context.Context, conn *websocket.Conn, sizes <-chan [2]int) {
	for {
		select {
		case size, ok := <-sizes:
			if !ok || writeControl(ctx, conn, execControl{Type: controlResize, Width: size[0], Height: size[1]}) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// writeControl sends v as a text frame.
func writeControl(ctx context.Context, conn *websocket.Conn, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return conn.Write(ctx, websocket.MessageText, b)
}
