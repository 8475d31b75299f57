package engine

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
)

const (
	outputKeep = 1 << 20  // bytes; more than this is set aside as .1 when an engine starts
	outputMax  = 16 << 20 // bytes; a running engine's output is cut back above this
	tailSize   = 64 << 10 // bytes that are looked at for an engine's last words
	lineMax    = 240      // characters of a line in a reason
)

// openOutput opens the file that takes an engine's stdout and stderr. The file may be
// appended to by an engine that another supervisor started.
func openOutput(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of its output: %w", err)
	}
	if info, err := os.Stat(path); err == nil && info.Size() > outputKeep {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("set its old output aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open its output: %w", err)
	}
	return f, nil
}

// trimOutput keeps an engine that talks without end from filling the disk: the tail
// goes to .1 and the file is emptied. The engine appends, so it goes on at the start.
func trimOutput(path string) error {
	info, err := os.Stat(path)
	if err != nil || info.Size() <= outputMax {
		return nil
	}
	tail := readTail(path, outputKeep)
	if err := os.WriteFile(path+".1", tail, 0o600); err != nil {
		return fmt.Errorf("keep the end of %s: %w", path, err)
	}
	return os.Truncate(path, 0)
}

func readTail(path string, size int64) []byte {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > size {
		_, _ = f.Seek(-size, io.SeekEnd)
	}
	b, _ := io.ReadAll(io.LimitReader(f, size))
	return b
}

// outputSize is where a new engine's output will begin.
func outputSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// outputSince reads what was written from an offset on, at most tailSize of its end.
func outputSince(path string, offset int64) []byte {
	size := outputSize(path) - offset
	if size < 0 { // cut back meanwhile
		size = tailSize
	}
	return readTail(path, min(size, tailSize))
}

var ansi = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// lastWords picks the line that says most about why an engine ended: where a Go
// program panicked that is the first line of the panic, otherwise the last line.
func lastWords(out []byte) string {
	last := ""
	for line := range bytes.Lines(out) {
		s := cleanLine(line)
		if s == "" {
			continue
		}
		last = s
		if strings.HasPrefix(s, "panic: ") || strings.HasPrefix(s, "fatal error: ") {
			break
		}
	}
	return last
}

func cleanLine(b []byte) string {
	s := strings.ToValidUTF8(ansi.ReplaceAllString(string(b), ""), "�")
	s = strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > lineMax {
		s = string(r[:lineMax]) + "…"
	}
	return s
}
