package api

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html

// maxSSELine bounds one line of a stream: an event with the last log lines of an
// app in it is a few KiB.
const maxSSELine = 1 << 20

// sseMessage is one event of a stream. Its data is valid until the next one.
type sseMessage struct {
	id, event string
	data      []byte
}

// sseReader reads messages off a stream.
type sseReader struct {
	lines *bufio.Scanner
	alive func()
	data  []byte
}

// newSSEReader reads r and calls alive for each line, comments included.
func newSSEReader(r io.Reader, alive func()) *sseReader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxSSELine)
	return &sseReader{lines: lines, alive: alive}
}

// next returns the next message that has data, io.EOF at the end.
func (s *sseReader) next() (sseMessage, error) {
	var msg sseMessage
	s.data = s.data[:0]
	seen := false
	for s.lines.Scan() {
		s.alive()
		line := s.lines.Bytes()
		if len(line) == 0 {
			if seen {
				msg.data = s.data
				return msg, nil
			}
			continue
		}
		field, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "id":
			msg.id = string(value)
		case "event":
			msg.event = string(value)
		case "data":
			if seen {
				s.data = append(s.data, '\n')
			}
			if len(s.data)+len(value) > maxSSELine {
				return msg, bufio.ErrTooLong
			}
			s.data = append(s.data, value...)
			seen = true
		}
	}
	if err := s.lines.Err(); err != nil {
		return msg, err
	}
	return msg, io.EOF
}

// writeSSE writes one message, without an ID if that is 0. data is JSON, which has no
// line breaks.
func writeSSE(w io.Writer, id uint64, event string, data []byte) error {
	if id == 0 {
		_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
		return err
	}
	_, err := fmt.Fprintf(w, "id: %d\nevent: %s\ndata: %s\n\n", id, event, data)
	return err
}
