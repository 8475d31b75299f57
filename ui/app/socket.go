package app

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// What goes over a terminal's WebSocket: bytes that were typed and that the shell
// wrote as binary messages; from the browser {"width":80,"height":24} and to it
// {"end":"The shell has ended."} as text.
type (
	sizeMessage struct {
		Width  int `json:"width"`
		Height int `json:"height"`
	}
	endMessage struct {
		End  string `json:"end"`
		Hint string `json:"hint,omitempty"`
	}
)

// maxTyped bounds a message of the browser: a paste in pieces.
const maxTyped = 64 << 10

// socket runs a shell for as long as the page is open and the person is signed in. A
// WebSocket is not covered by the token of our forms: the browser's word for where the
// page came from is asked for instead, which no page can forge.
func (t timing) socket(c *web.Ctx) error {
	r := c.Echo.Request()
	if !ownOrigin(c) {
		return agent.Errorf(agent.CodeInvalid, "%s", c.T("a terminal is opened by its own page alone"))
	}
	conn, err := websocket.Accept(c.Echo.Response(), r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil // Accept has answered
	}
	c.Echo.Response().Committed = true
	defer conn.CloseNow()
	conn.SetReadLimit(maxTyped)
	// A hijacked request's context does not end with its connection: receive ends it.
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)

	input, typed := io.Pipe()
	resize := make(chan [2]int, 1)
	received, watched := make(chan struct{}), make(chan struct{})
	wire, hangUp := context.WithCancel(context.WithoutCancel(ctx)) // outlives ctx, to say why it ended
	defer hangUp()
	go func() {
		defer close(received)
		defer cancel(errLeft)
		defer typed.Close()
		receive(wire, conn, typed, resize)
	}()
	go func() {
		defer close(watched)
		t.watch(ctx, c, cancel, wire, conn)
	}()
	code, err := c.Cloud.Exec(ctx, c.Param("name"), agent.ExecRequest{
		Service: c.Query("service"), Command: []string{"sh"}, TTY: true, Width: size(c.Query("width"), 80), Height: size(c.Query("height"), 24),
	}, agent.ExecStreams{Stdin: input, Stdout: output{wire, conn}, Stderr: output{wire, conn}, Resize: resize})
	why := context.Cause(ctx)
	cancel(nil)
	input.Close()
	if why != errLeft {
		sayEnd(wire, conn, ending(c, code, err, why))
	}
	hangUp()
	conn.CloseNow()
	<-received
	<-watched
	return nil
}

// ownOrigin tells whether a page of the panel asks. A browser always says which.
func ownOrigin(c *web.Ctx) bool {
	return strings.EqualFold(c.Echo.Request().Header.Get("Origin"), c.Origin())
}

// Reasons for which a terminal ends, beside its shell's own end.
var (
	errLeft      = agent.Errorf(agent.CodeFailed, "the page is gone")
	errSignedOut = agent.Errorf(agent.CodeUnauthorized, "signed out")
)

// watch ends the terminal when the sign-in has ended, or the browser is gone without
// a word: a ping finds that out.
func (t timing) watch(ctx context.Context, c *web.Ctx, cancel context.CancelCauseFunc, wire context.Context, conn *websocket.Conn) {
	every := time.NewTicker(t.signIn)
	defer every.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
		s, err := c.Accounts.Session(ctx, c.Token)
		if err != nil || !agent.Allows(s.Role, agent.ActTerminal) {
			cancel(errSignedOut)
			return
		}
		ping, done := context.WithTimeout(wire, 2*t.signIn)
		err = conn.Ping(ping)
		done()
		if err != nil {
			cancel(errLeft)
			return
		}
	}
}

// receive hands on what is typed until the connection ends.
func receive(ctx context.Context, conn *websocket.Conn, typed io.Writer, resize chan [2]int) {
	for {
		kind, message, err := conn.Read(ctx)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			if _, err := typed.Write(message); err != nil {
				return
			}
			continue
		}
		var s sizeMessage
		if json.Unmarshal(message, &s) != nil || s.Width < 1 || s.Height < 1 || s.Width > maxSize || s.Height > maxSize {
			conn.Close(websocket.StatusPolicyViolation, "a message is not what it should be")
			return
		}
		select { // the latest size alone counts
		case <-resize:
		default:
		}
		resize <- [2]int{s.Width, s.Height}
	}
}

// maxSize is more columns or rows than any screen has.
const maxSize = 2000

// size reads a number of columns or rows.
func size(text string, unless int) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxSize {
		return unless
	}
	return n
}

// output sends what the shell writes. It waits where the browser does not read.
type output struct {
	ctx  context.Context
	conn *websocket.Conn
}

func (o output) Write(p []byte) (int, error) {
	if err := o.conn.Write(o.ctx, websocket.MessageBinary, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ending says in words how a terminal ended.
func ending(c *web.Ctx, code int, err, why error) endMessage {
	switch {
	case why == errSignedOut:
		return endMessage{c.T("You are not signed in any more, so the shell was ended."), ""}
	case err != nil && agent.AsError(err).Code == agent.CodeInternal:
		c.Log.Warn("a terminal ended", "app", c.Param("name"), "err", err)
		return endMessage{c.T("The connection to the shell broke."), c.T("Try again in a moment.")}
	case err != nil:
		e := agent.AsError(err)
		return endMessage{web.Sentence(e.Message), e.Hint}
	case code == 126 || code == 127: // POSIX: not found, or not to be executed
		return endMessage{c.T("There is no shell in this container."), c.T("Some images hold their program alone. Its logs say what it does.")}
	case code != 0:
		return endMessage{c.T("The shell has ended with code %d.", code), ""}
	}
	return endMessage{c.T("The shell has ended."), ""}
}

func sayEnd(ctx context.Context, conn *websocket.Conn, end endMessage) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	b, err := json.Marshal(end)
	if err != nil || conn.Write(ctx, websocket.MessageText, b) != nil {
		return
	}
	conn.Close(websocket.StatusNormalClosure, http.StatusText(http.StatusOK))
}
