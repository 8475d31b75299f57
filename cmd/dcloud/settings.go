package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

// maxSettingFile bounds what --set NAME=@FILE reads, in bytes. A setting is a
// line or two; a megabyte is surely the wrong file.
const maxSettingFile = 64 << 10

// parseSettings turns NAME=VALUE and NAME=@FILE into settings. A value never
// appears in an error, since it may be a password.
func (e *env) parseSettings(set []string) (map[string]string, error) {
	if len(set) == 0 {
		return nil, nil
	}
	out := make(map[string]string, len(set))
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		if !ok || name == "" {
			return nil, agent.Errorf(agent.CodeInvalid, "--set needs NAME=VALUE or NAME=@FILE; %d of the given has no name or no equals sign", len(out)+1).
				WithHint("For example: --set admin_username=ada")
		}
		if _, twice := out[name]; twice {
			return nil, agent.Errorf(agent.CodeInvalid, "--set names %s twice", clean(name)).
				WithHint("Give each setting once")
		}
		if path, isFile := strings.CutPrefix(value, "@"); isFile {
			var err error
			if value, err = e.readSetting(name, path); err != nil {
				return nil, err
			}
		}
		if !utf8.ValidString(value) {
			return nil, agent.Errorf(agent.CodeInvalid, "the value of %s is not UTF-8 text", clean(name)).
				WithHint("Settings are text")
		}
		out[name] = value
	}
	return out, nil
}

// readSetting reads a setting's value from a file, "-" being standard input. One
// newline at the end is the editor's, not the value's.
func (e *env) readSetting(name, path string) (string, error) {
	in := e.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return "", agent.Errorf(agent.CodeInvalid, "the value of %s cannot be read: %w", clean(name), err).
				WithHint("--set NAME=@FILE reads a value from a file; to give a value that starts with @, write it to a file")
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxSettingFile+1))
	if err != nil {
		return "", agent.Errorf(agent.CodeInvalid, "the value of %s cannot be read: %w", clean(name), err).WithHint("See: dcloud app install --help")
	}
	if len(data) > maxSettingFile {
		return "", agent.Errorf(agent.CodeInvalid, "the file for %s is larger than %d KiB", clean(name), maxSettingFile>>10).
			WithHint("A setting is a short text; is it the right file?")
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
}

// secretName fits names whose values people do not want on their screen.
var secretName = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|secret|token|api_?key|private_?key|credential)`)

// shownValue is a setting's value as a terminal may show it.
func (e *env) shownValue(name, value string) string {
	if value != "" && secretName.MatchString(name) {
		return "••••••"
	}
	return value
}

// printText prints a text of several lines, cleaned of control characters.
func printText(w io.Writer, text string) {
	for line := range strings.Lines(strings.TrimSpace(text) + "\n") {
		fmt.Fprintln(w, strings.TrimRight(clean(strings.TrimRight(line, "\n")), " "))
	}
}
