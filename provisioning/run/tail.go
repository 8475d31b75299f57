package run

import (
	"bytes"
	"strings"
	"sync"
)

// tailSize is how much of the output's end an error shows: enough for the
// message of a compiler or of apt, short enough for a terminal.
const tailSize = 4 << 10

// maxLine is the length at which a line without an end is handed over as it is.
const maxLine = 64 << 10

// tail keeps the end of what is written to it and hands on each line. It may be
// written to from several goroutines, as a command's stdout and stderr are.
type tail struct {
	mu      sync.Mutex
	line    func(string)
	kept    []byte
	cut     bool
	partial []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p...)
	if over := len(t.kept) - tailSize; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
		t.cut = true
	}
	if t.line == nil {
		return len(p), nil
	}
	t.partial = append(t.partial, p...)
	for {
		i := bytes.IndexByte(t.partial, '\n')
		if i < 0 {
			break
		}
		t.line(strings.TrimRight(string(t.partial[:i]), "\r"))
		t.partial = t.partial[i+1:]
	}
	if len(t.partial) > maxLine {
		t.line(string(t.partial))
		t.partial = nil
	}
	return len(p), nil
}

// end hands over a last line that has no newline.
func (t *tail) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.line != nil && len(t.partial) > 0 {
		t.line(string(t.partial))
		t.partial = nil
	}
}

// String is the kept end, from the beginning of a line where some was cut off.
func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := string(t.kept)
	if t.cut {
		if i := strings.IndexByte(s, '\n'); i >= 0 && i < len(s)-1 {
			s = s[i+1:]
		}
		s = "…\n" + s
	}
	return s
}
