// Command dcloud makes servers of one's own feel like one appliance on which apps
// are installed by name.
//
// It talks to the agent over its API (agent/api) and never to its storage. Start
// reading at execute, then at root.go, which lists the commands; each has a file of
// its own, named after it.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker: -X main.version=….
var version = "dev"

func main() {
	os.Exit(execute(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// execute is the whole program: it returns the exit code. The answer goes to stdout,
// everything else to stderr. The first SIGINT or SIGTERM ends the command
// gracefully, a second one at once.
func execute(args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// From the first signal on, signals have their default effect again, so that
	// a second one ends what does not want to end.
	context.AfterFunc(ctx, stop)

	e := newEnv(stdin, stdout, stderr, getenv)
	root := newRootCommand(e)
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)

	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	return e.fail(asUsage(cmd, err), e.json || wantsJSON(args))
}
