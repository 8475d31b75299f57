package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agext/levenshtein"
	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitError ends the program with a code and prints nothing: a command in a
// container ended so, or the answer on stdout has already said what is wrong.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// fail prints an error once and returns the exit code that goes with it.
func (e *env) fail(err error, asJSON bool) int {
	var exit exitError
	if errors.As(err, &exit) {
		return int(exit)
	}
	if errors.Is(err, context.Canceled) {
		err = agent.Errorf(agent.CodeFailed, "interrupted")
	}
	told := asTold(err)
	if asJSON {
		out := json.NewEncoder(e.stderr)
		out.SetEscapeHTML(false)
		out.Encode(map[string]*agent.Error{"error": told})
		return told.ExitCode()
	}
	e.printProblems(told.Problems)
	fmt.Fprintf(e.stderr, "%s%s\n", e.paint(e.stderr, red, "Error: "), sentence(told.Message))
	if told.Hint != "" {
		fmt.Fprintln(e.stderr, capital(told.Hint))
	}
	return told.ExitCode()
}

// asTold returns an error as people get to see it. The rooms beneath the agent
// have refusals of their own, with hints.
func asTold(err error) *agent.Error {
	var told *agent.Error
	var step *provisioning.Error
	var self *node.Error
	switch {
	case errors.As(err, &told):
		return told
	case errors.As(err, &step):
		return agent.Errorf(agent.CodeFailed, "%s", step.Message).WithHint("%s", step.Hint)
	case errors.As(err, &self):
		return agent.Errorf(agent.CodeFailed, "%s", self.Message).WithHint("%s", self.Next)
	}
	return agent.AsError(err)
}

// sentence ends with a full stop, as what is said to people does. A text of
// several lines stays as it is.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || strings.Contains(s, "\n") || strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

// capital starts with a capital letter, unless it starts with our own name, which
// is typed as it stands.
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if strings.HasPrefix(s, "dcloud") || size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// usagef is wrong usage: exit code 2, with where to read how it is done.
func usagef(cmd *cobra.Command, format string, args ...any) *agent.Error {
	return agent.Errorf(agent.CodeInvalid, format, args...).
		WithHint("Usage: %s", cmd.UseLine())
}

// asUsage turns what cobra says of wrong arguments into wrong usage. Everything
// that our own commands return is an *agent.Error or comes from the API.
func asUsage(cmd *cobra.Command, err error) error {
	text := err.Error()
	for _, start := range []string{"unknown command ", "required flag(s) ", "if any flags in the group ", "at least one of the flags "} {
		if strings.HasPrefix(text, start) {
			first, _, _ := strings.Cut(text, "\n")
			return usagef(cmd, "%s", first)
		}
	}
	return err
}

// flagError is cobra's hook for flags that do not exist or do not parse.
func flagError(cmd *cobra.Command, err error) error {
	var missing *pflag.NotExistError
	if errors.As(err, &missing) {
		name := missing.GetSpecifiedName()
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !f.Hidden {
				known = append(known, f.Name)
			}
		})
		if near := nearest(name, known); near != "" && len(name) > 1 {
			return usagef(cmd, "%s has no flag --%s; did you mean --%s?", cmd.CommandPath(), name, near)
		}
		if missing.GetSpecifiedShortnames() != "" {
			return usagef(cmd, "%s has no flag -%s", cmd.CommandPath(), name)
		}
		return usagef(cmd, "%s has no flag --%s", cmd.CommandPath(), name)
	}
	return usagef(cmd, "%s: %s", cmd.CommandPath(), err)
}

// nearest returns the known name that s was most likely meant to be, or "".
func nearest(s string, known []string) string {
	// One slip of the fingers in a short word, a swap (two edits) in a longer one.
	best, distance := "", 2
	if len(s) > 3 {
		distance = 3
	}
	for _, name := range known {
		d := levenshtein.Distance(strings.ToLower(s), name, nil)
		if len(s) > 2 && strings.HasPrefix(name, s) {
			d = min(d, 1)
		}
		if d < distance {
			best, distance = name, d
		}
	}
	return best
}

// noun is a command that only groups others.
func noun(use, short string, verbs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use + " COMMAND", Short: short, Args: cobra.ArbitraryArgs, DisableFlagsInUseLine: true}
	cmd.AddCommand(verbs...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return unknownVerb(cmd, args) }
	return cmd
}

// unknownVerb says which commands a noun (or the root) has, and the nearest one.
func unknownVerb(cmd *cobra.Command, args []string) error {
	var known []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			known = append(known, c.Name())
		}
	}
	hint := fmt.Sprintf("See: %s --help", cmd.CommandPath())
	if len(args) == 0 {
		return agent.Errorf(agent.CodeInvalid, "%s needs a command: %s", cmd.CommandPath(), strings.Join(known, ", ")).WithHint("%s", hint)
	}
	err := agent.Errorf(agent.CodeInvalid, "%s has no command %q", cmd.CommandPath(), args[0])
	if near := nearest(args[0], known); near != "" {
		err = agent.Errorf(agent.CodeInvalid, "%s has no command %q; did you mean %q?", cmd.CommandPath(), args[0], near)
	}
	return err.WithHint("%s", hint)
}

// exactly asks for the named arguments, neither more nor fewer.
func exactly(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < len(names):
			return usagef(cmd, "%s needs %s", cmd.CommandPath(), strings.Join(names[len(args):], " and "))
		case len(args) > len(names):
			return usagef(cmd, "%s takes no argument %q", cmd.CommandPath(), args[len(names)])
		}
		return nil
	}
}

// wantsJSON looks for --json where the flags were never parsed, so that wrong
// usage is told as JSON too.
func wantsJSON(args []string) bool {
	for _, a := range args {
		switch a {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}
