package gossip

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

const (
	// sameLine is how long a line that was logged is not logged again: memberlist says
	// the same several times a second while one member is not to be reached.
	sameLine = 30 * time.Second
	maxLines = 256 // that are remembered for that
	maxLine  = 400 // bytes of a line; memberlist prints whole metadata
	likeness = 80  // bytes at which two lines are taken for the same
)

// logger turns memberlist's lines ("[WARN] memberlist: …") into slog's records.
type logger struct {
	log *slog.Logger
	now func() time.Time

	mu    sync.Mutex
	lines map[string]time.Time
}

// Write takes one line.
func (l *logger) Write(line []byte) (int, error) {
	level, text := parse(string(line))
	if !l.log.Enabled(context.Background(), level) || level > slog.LevelDebug && l.repeated(text) {
		return len(line), nil
	}
	l.log.Log(context.Background(), level, text)
	return len(line), nil
}

// parse finds a line's level. Memberlist's errors are mostly about others that are not
// to be reached, which is its daily work: they are at most warnings here, and that a
// member is gone we tell ourselves.
func parse(line string) (slog.Level, string) {
	line = strings.TrimSpace(line)
	level := slog.LevelWarn
	if strings.HasPrefix(line, "[") {
		tag, rest, ok := strings.Cut(line[1:], "] ")
		if ok {
			line = rest
			switch tag {
			case "DEBUG", "INFO":
				level = slog.LevelDebug
			case "WARN":
				level = slog.LevelInfo
			}
		}
	}
	line = strings.TrimPrefix(line, "memberlist: ")
	if len(line) > maxLine {
		line = line[:maxLine] + "…"
	}
	return level, line
}

func (l *logger) repeated(text string) bool {
	key := text[:min(len(text), likeness)]
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if at, ok := l.lines[key]; ok && now.Sub(at) < sameLine {
		return true
	}
	if l.lines == nil || len(l.lines) >= maxLines {
		l.lines = map[string]time.Time{}
	}
	l.lines[key] = now
	return false
}
