package api

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/coder/websocket"
)

// maxTerminal bounds a terminal's columns and rows: what fits a uint16 fits a
// winsize, ioctl_tty(2).
const maxTerminal = 1<<16 - 1

// execSession is the server's half of a running exec.
type execSession struct {
	conn    *websocket.Conn
	start   execStart
	stdin   *io.PipeReader
	input   *io.PipeWriter
	resizes chan [2]int
}

func newExecSession(conn *websocket.Conn, start execStart) *execSession {
	s := &execSession{conn: conn, start: start, resizes: make(chan [2]int, 1)}
	s.stdin, s.input = io.Pipe()
	return s
}

// streams are what the command is connected to.
func (s *execSession) streams(wire context.Context) ExecStreams {
	streams := ExecStreams{
		Stdout: &frameWriter{ctx: wire, conn: s.conn, stream: streamStdout},
		Stderr: &frameWriter{ctx: wire, conn: s.conn, stream: streamStderr},
	}
	if s.start.Stdin {
		streams.Stdin = s.stdin
	}
	if s.start.TTY {
		streams.Resize = s.resizes
	}
	return streams
}

// stop ends the input: the command reads no more.
func (s *execSession) stop() { s.stdin.Close() }

// receive takes what the client sends until the connection ends. A command that
// does not read its input holds the client up, which is what a pipe does too.
func (s *execSession) receive(wire context.Context) {
	defer s.input.Close()
	buf := make([]byte, execChunk)
	for {
		kind, frame, err := s.conn.Reader(wire)
		if err != nil {
			return
		}
		if kind == websocket.MessageBinary {
			err = s.takeInput(frame, buf)
		} else {
			err = s.takeControl(frame)
		}
		if err != nil {
			s.conn.Close(websocket.StatusPolicyViolation, "a frame is not what it should be")
			return
		}
	}
}

// takeInput writes a frame to the command's input. What comes after the command
// closed it is dropped.
func (s *execSession) takeInput(frame io.Reader, buf []byte) error {
	var which [1]byte
	if _, err := io.ReadFull(frame, which[:]); err != nil {
		return err
	}
	if which[0] != streamStdin {
		return io.ErrUnexpectedEOF
	}
	for {
		n, err := frame.Read(buf)
		if n > 0 && s.start.Stdin {
			s.input.Write(buf[:n])
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *execSession) takeControl(frame io.Reader) error {
	var msg execControl
	b, err := io.ReadAll(frame) // SetReadLimit bounds it
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, &msg); err != nil {
		return err
	}
	switch msg.Type {
	case controlStdinClose:
		return s.input.Close()
	case controlResize:
		if msg.Width < 1 || msg.Height < 1 || msg.Width > maxTerminal || msg.Height > maxTerminal {
			return nil
		}
		select { // only the latest size counts
		case <-s.resizes:
		default:
		}
		s.resizes <- [2]int{msg.Width, msg.Height}
	}
	return nil
}

// beat writes a frame now and then: where nothing else is written or read, that is
// how a client that went away is noticed.
func (s *execSession) beat(ctx, wire context.Context) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if writeControl(wire, s.conn, execControl{Type: controlHeartbeat}) != nil {
				return
			}
		}
	}
}

// frameWriter sends what is written to it as frames of one stream. It waits where
// the client does not read.
type frameWriter struct {
	ctx    context.Context
	conn   *websocket.Conn
	stream byte
	buf    []byte
}

func (w *frameWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		chunk := p[:min(len(p), execChunk)]
		w.buf = append(append(w.buf[:0], w.stream), chunk...)
		if err := w.conn.Write(w.ctx, websocket.MessageBinary, w.buf); err != nil {
			return written, err
		}
		written += len(chunk)
		p = p[len(chunk):]
	}
	return written, nil
}
