package control

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/pkg/stdcopy"

	"github.com/dentropy/dcloud/agent"
)

// longestLine is where a log line is cut.
const longestLine = 64 << 10

// merge hands on the lines of several sources, each in order of time, in order of
// time. It holds one line of each, however long they are.
func merge(sources []<-chan agent.LogLine, emit func(agent.LogLine) error) error {
	heads := make([]agent.LogLine, len(sources))
	open := make([]bool, len(sources))
	for k, src := range sources {
		heads[k], open[k] = <-src
	}
	for {
		first := -1
		for k := range sources {
			if open[k] && (first < 0 || heads[k].Time.Before(heads[first].Time)) {
				first = k
			}
		}
		if first < 0 {
			return nil
		}
		if err := emit(heads[first]); err != nil {
			return err
		}
		heads[first], open[first] = <-sources[first]
	}
}

// lastOf hands on the last n lines of what produce tells, all for 0.
func lastOf(n int, emit func(agent.LogLine) error, produce func(emit func(agent.LogLine) error) error) error {
	if n <= 0 {
		return produce(emit)
	}
	var ring []agent.LogLine
	next := 0 // the oldest, once the ring is full
	err := produce(func(l agent.LogLine) error {
		if len(ring) < n {
			ring = append(ring, l)
			return nil
		}
		ring[next] = l
		next = (next + 1) % n
		return nil
	})
	if err != nil {
		return err
	}
	for k := range ring {
		if err := emit(ring[(next+k)%len(ring)]); err != nil {
			return err
		}
	}
	return nil
}

// logs hands on the lines of one container.
func (f found) logs(ctx context.Context, follow bool, tail int, since time.Time, emit func(agent.LogLine) error) error {
	o := container.LogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: follow}
	if tail > 0 {
		o.Tail = strconv.Itoa(tail)
	}
	if !since.IsZero() {
		o.Since = since.UTC().Format(time.RFC3339Nano)
	}
	raw, err := f.docker.ContainerLogs(ctx, f.ID, o)
	if err != nil {
		return err
	}
	defer raw.Close()
	out := &lineWriter{stream: "stdout", service: f.service(), node: f.node, emit: emit}
	errs := &lineWriter{stream: "stderr", service: f.service(), node: f.node, emit: emit}
	if _, err := stdcopy.StdCopy(out, errs, bufio.NewReader(raw)); err != nil && err != io.EOF {
		return err
	}
	if err := out.flush(); err != nil {
		return err
	}
	return errs.flush()
}

// lineWriter makes lines of Docker's messages. StdCopy writes each message at once,
// and Docker puts a timestamp before each. A line of more than 16 KiB comes in
// several, of which all but the last have no line feed; so has the last line of a
// container that ended in the middle of it.
type lineWriter struct {
	stream, service, node string

	emit  func(agent.LogLine) error
	begun bool
	at    time.Time
	rest  []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	at, text := cutStamp(p)
	if !w.begun {
		w.at = at
	}
	w.begun = true
	w.rest = append(w.rest, text[:min(len(text), longestLine)]...)
	if !bytes.HasSuffix(text, []byte("\n")) && len(w.rest) < longestLine {
		return len(p), nil
	}
	return len(p), w.flush()
}

// flush hands on what there is of a line.
func (w *lineWriter) flush() error {
	if !w.begun {
		return nil
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(w.rest), "\n"), "\r")
	l := agent.LogLine{Service: w.service, Node: w.node, Stream: w.stream, Time: w.at, Text: strings.ToValidUTF8(text, "\uFFFD")}
	w.begun, w.rest = false, w.rest[:0]
	return w.emit(l)
}

// cutStamp takes Docker's timestamp (RFC 3339 with nanoseconds) off a message. What
// has none is all text.
func cutStamp(p []byte) (time.Time, []byte) {
	if n := bytes.IndexByte(p[:min(len(p), 40)], ' '); n > 0 {
		if at, err := time.Parse(time.RFC3339Nano, string(p[:n])); err == nil {
			return at, p[n+1:]
		}
	}
	return time.Time{}, p
}
