package api

import "github.com/dentropy/dcloud/agent"

// The shapes that server and client share beyond agent's own types.

// errorBody is every answer that is not a success, and the last line of a log
// stream that broke.
type errorBody struct {
	Error *agent.Error `json:"error"`
}

// configChange is the body of PATCH /v1/apps/{name}/config.
type configChange struct {
	Settings map[string]string `json:"settings"`
}

// pong is what GET /v1/ping answers, to anybody.
type pong struct {
	Pong bool `json:"pong"`
}

// change is what a stream of changes says: nothing but that there was one.
type change struct{}

// logMessage is one line of a log stream: a line, or the error that ended it.
type logMessage struct {
	agent.LogLine
	Error *agent.Error `json:"error,omitempty"`
}

// First byte of a binary frame of an exec: which stream its rest belongs to.
const (
	streamStdin  = 0
	streamStdout = 1
	streamStderr = 2
)

// execChunk is how much of a stream goes into one frame at most. It is what
// io.Copy reads at once; with the byte for the stream a frame stays under
// execFrameLimit, which both sides enforce.
const (
	execChunk      = 32 << 10
	execFrameLimit = 64 << 10
)

// execStart is the first message on the exec WebSocket.
type execStart struct {
	agent.ExecRequest
	Stdin bool `json:"stdin"` // whether the caller will send any
}

// Types of execControl.
const (
	controlResize     = "resize"      // to the server: width, height
	controlStdinClose = "stdin-close" // to the server: no more input follows
	controlHeartbeat  = "heartbeat"   // to the client, so that a dead peer is noticed
	controlExit       = "exit"        // to the client, the last: code
	controlError      = "error"       // to the client, the last: error
)

// execControl is a text frame of an exec.
type execControl struct {
	Type   string       `json:"type"`
	Width  int          `json:"width,omitempty"`
	Height int          `json:"height,omitempty"`
	Code   int          `json:"code,omitempty"`
	Error  *agent.Error `json:"error,omitempty"`
}
