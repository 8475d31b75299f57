package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

// widest is how many characters of a value are shown on a line; --json has all of it.
const widest = 100

// printDiff shows what would change, a line each, with a gap between what belongs to
// different groups and tasks.
func (e *env) printDiff(changes []agent.Change) error {
	for k, c := range changes {
		if k == 0 || owner(c.Address) != owner(changes[k-1].Address) {
			fmt.Fprintln(e.stdout)
		}
		sign, color := "~", yellow
		switch c.Op {
		case agent.DiffAdded:
			sign, color = "+", green
		case agent.DiffRemoved:
			sign, color = "-", red
		}
		for n, line := range changeLines(c) {
			if n == 0 {
				line = sign + " " + line
			}
			if _, err := fmt.Fprintln(e.stdout, e.paint(e.stdout, color, line)); err != nil {
				return err
			}
		}
	}
	return nil
}

// owner is the part of an address up to the name of the task, or of the group.
func owner(address string) string {
	parts := strings.SplitN(address, ".", 5)
	switch {
	case len(parts) > 4 && parts[2] == "task":
		return strings.Join(parts[:4], ".")
	case len(parts) > 2 && parts[0] == "group":
		return strings.Join(parts[:2], ".")
	}
	return ""
}

// changeLines are a change in words: "ADDRESS: old → new", and texts of several lines
// below it.
func changeLines(c agent.Change) []string {
	address := clean(c.Address)
	if strings.Contains(c.Old, "\n") || strings.Contains(c.New, "\n") {
		lines := []string{address + ":"}
		for _, half := range []struct{ sign, text string }{{"-", c.Old}, {"+", c.New}} {
			if half.text == "" {
				continue
			}
			for line := range strings.SplitSeq(strings.TrimSuffix(half.text, "\n"), "\n") {
				lines = append(lines, "    "+half.sign+" "+narrow(line))
			}
		}
		return lines
	}
	switch c.Op {
	case agent.DiffAdded:
		return []string{address + ": " + narrow(c.New)}
	case agent.DiffRemoved:
		return []string{address + ": " + narrow(c.Old)}
	}
	if c.Old == c.New { // a secret, of which neither is shown
		return []string{address + ": " + narrow(c.New) + " changes"}
	}
	return []string{address + ": " + narrow(c.Old) + " → " + narrow(c.New)}
}

// narrow cuts a value that is too wide for a line, and says how much of it is missing.
func narrow(value string) string {
	value = clean(value)
	count := utf8.RuneCountInString(value)
	if count <= widest {
		return value
	}
	runes := []rune(value)
	return fmt.Sprintf("%s… (%d more characters)", string(runes[:widest]), count-widest)
}
