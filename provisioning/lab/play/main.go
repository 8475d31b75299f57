// Command play makes a pool to play in on this machine, in a world of the lab
// (provisioning/lab): a home with `server` and `pi` behind its router and a `vps` on
// an internet of its own, joined by the very lines that dcloud prints. `make lab` runs
// it; Ctrl-C removes all of it. With arguments it runs a command in one of the hosts.
//
// It needs root, Docker's daemon and bin/dcloud, and has the images built that it
// loads. It depends on provisioning/lab alone. Start reading at play.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/dentropy/dcloud/provisioning/lab"
)

// world is the name of the world that is made, and in which hosts are looked for.
const world = "play"

const usage = `usage: lab [flags]               make a pool of three hosts, until Ctrl-C
       lab HOST [COMMAND…]       run a command in a host of it: server, pi or vps; a shell

`

func main() {
	var o options
	flag.StringVar(&o.dcloud, "dcloud", "bin/dcloud", "the program to play with")
	flag.StringVar(&o.once, "once", "", "a line for the server's shell: run it when the pool is there, and remove all")
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, usage)
		flag.PrintDefaults()
	}
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if flag.NArg() > 0 {
		err = enter(ctx, flag.Arg(0), flag.Args()[1:])
	} else {
		err = play(ctx, o)
	}
	var exit *exec.ExitError
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return
	}
	fmt.Fprintln(os.Stderr, "lab:", err)
	if errors.As(err, &exit) {
		stop()
		os.Exit(max(exit.ExitCode(), 1))
	}
	stop()
	os.Exit(1)
}

// enter becomes a command in a host.
func enter(ctx context.Context, name string, argv []string) error {
	host, err := lab.Find(world, name)
	if errors.Is(err, lab.ErrNoHost) {
		return fmt.Errorf("there is no host called %q; make lab, in another terminal, makes server, pi and vps", name)
	}
	if err != nil {
		return err
	}
	if len(argv) == 0 {
		argv = []string{"sh"}
	}
	cmd := host.Command(ctx, argv...)
	program, err := exec.LookPath(cmd.Args[0])
	if err != nil {
		return err
	}
	// The program at our terminal, in our place: Ctrl-C is its own.
	env := append(cmd.Env, "PS1="+name+"# ", "TERM="+os.Getenv("TERM"))
	return fmt.Errorf("%s: %w", strings.Join(argv, " "), syscall.Exec(program, cmd.Args, env))
}
