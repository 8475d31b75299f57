package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/coder/websocket"
	"github.com/dentropy/dcloud/agent"
	"github.com/labstack/echo/v4"
)

// startTimeout is what a client has to say what it wants to run.
const startTimeout = 10 * time.Second

func (s *Server) exec() endpoint {
	return endpoint{out: reflect.TypeFor[execControl](), in: reflect.TypeFor[execStart](), status: http.StatusSwitchingProtocols, handle: func(c echo.Context) error {
		if err := checkUpgrade(c.Request()); err != nil {
			return err
		}
		ctx, done, err := s.stream(c)
		if err != nil {
			return err
		}
		defer done()
		conn, err := websocket.Accept(c.Response(), c.Request(), nil)
		if err != nil {
			return nil // Accept has answered
		}
		c.Response().Committed = true
		defer conn.CloseNow()
		// What is read and written outlives the end of ctx a little, so that the
		// client learns why it ended.
		wire, hangUp := context.WithCancel(context.WithoutCancel(ctx))
		defer hangUp()
		defer context.AfterFunc(s.killed, hangUp)()
		return s.runExec(ctx, wire, c, conn)
	}}
}

// checkUpgrade refuses what is no WebSocket, and one that a web page elsewhere
// opens in its visitor's name.
func checkUpgrade(r *http.Request) error {
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return withStatus(http.StatusUpgradeRequired, agent.Errorf(agent.CodeInvalid, "exec is a WebSocket").
			WithHint("use: dcloud app exec NAME -- COMMAND"))
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err != nil || !strings.EqualFold(u.Host, r.Host) {
		return withStatus(http.StatusForbidden, agent.Errorf(agent.CodeUnauthorized, "a page of another site may not run commands here"))
	}
	return nil
}

// runExec runs one command: ctx ends it, wire is what the connection lives by.
func (s *Server) runExec(ctx, wire context.Context, c echo.Context, conn *websocket.Conn) error {
	conn.SetReadLimit(execFrameLimit)
	start, err := readStart(wire, conn)
	if err != nil && !errors.As(err, new(*agent.Error)) {
		return nil // it left, or said nothing in time
	}
	if err != nil {
		return s.endExec(wire, c, conn, 0, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	session := newExecSession(conn, start)
	received, beating := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(received)
		defer cancel() // the client is gone
		session.receive(wire)
	}()
	go func() {
		defer close(beating)
		defer cancel()
		session.beat(ctx, wire)
	}()
	code, err := s.svc.Exec(ctx, c.Param("name"), start.ExecRequest, session.streams(wire))
	cancel()
	session.stop()
	err = s.endExec(wire, c, conn, code, err)
	conn.CloseNow()
	<-beating
	<-received
	return err
}

// readStart reads what to run.
func readStart(wire context.Context, conn *websocket.Conn) (execStart, error) {
	var start execStart
	ctx, cancel := context.WithTimeout(wire, startTimeout)
	defer cancel()
	kind, b, err := conn.Read(ctx)
	switch {
	case err != nil:
		return start, err
	case kind != websocket.MessageText:
		return start, agent.Errorf(agent.CodeInvalid, "the first message must be text: what to run")
	}
	if err := decodeStrict(b, &start); err != nil {
		return start, err
	}
	if len(start.Command) == 0 {
		return start, agent.Errorf(agent.CodeInvalid, "the request names no command").
			WithHint("use: dcloud app exec NAME -- COMMAND")
	}
	if start.Service != "" {
		if err := checkName("a service", start.Service); err != nil {
			return start, err
		}
	}
	if start.Width < 0 || start.Height < 0 || start.Width > maxTerminal || start.Height > maxTerminal {
		return start, agent.Errorf(agent.CodeInvalid, "a terminal has at most %d columns and rows", maxTerminal)
	}
	return start, nil
}

// endExec tells the client how it ended, and closes.
func (s *Server) endExec(wire context.Context, c echo.Context, conn *websocket.Conn, code int, err error) error {
	last := execControl{Type: controlExit, Code: code}
	if err != nil {
		explained, _ := s.explain(err, c)
		last = execControl{Type: controlError, Error: explained}
	}
	ctx, cancel := context.WithTimeout(wire, s.streamGrace)
	defer cancel()
	if err := writeControl(ctx, conn, last); err != nil {
		return nil // nobody is there to be told
	}
	closeErr := conn.Close(websocket.StatusNormalClosure, "")
	var closed websocket.CloseError
	if closeErr != nil && !errors.As(closeErr, &closed) {
		s.log.Debug("exec did not close in time", "request", requestID(c), "error", closeErr)
	}
	return nil
}
