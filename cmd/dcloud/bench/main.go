// Command bench measures dcloud on hosts of the lab (provisioning/lab) and prints
// a table: the times and the memory that an app costs, side by side with
// docker-compose and with Nomad by hand in the same run, and what the cloud
// itself takes. `make bench` runs it; docs/benchmarks.md says what each figure
// means.
//
// It needs root, Docker's daemon, docker-compose, the engines in the cache and the
// whoami image, which it has built where it is not; for the panel Chromium. It depends on provisioning/lab,
// on provisioning/node for where a node keeps its things, on catalog and jobs, whose
// speed it measures, and on the packages of agent/pool that measure themselves. Start
// reading at sections, then at bench (bench.go); of the pool at poolRun (pool.go), of
// the panel at panelRun (panel.go).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay/overlaybench"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// section is one part of the benchmark; they run in this order, each on the hosts
// as the one before left them: without apps. A name a.b is that of a part of a.
type section struct {
	name    string
	what    string
	measure func(*bench, context.Context) error
}

var sections = []section{
	{"pure", "catalog and jobs of 1,000 entries", (*bench).pure},
	{"choice.search", "search through 3,000 entries", (*bench).search},
	{"choice.merge", "an override of 200 lines", (*bench).merge},
	{"up", "dcloud up on a blank host, and again", (*bench).ups},
	{"idle", "memory of agent and engines at rest", (*bench).idle},
	{"install", "install to first answer, and its peers", (*bench).installs},
	{"memory", "memory per app, and its peer", (*bench).memory},
	{"api", "API and command line with 100 apps", (*bench).latency},
	{"heal", "kill -9 of each engine and the agent", (*bench).heals},
	// First: it measures this process, in which the members leave their traces.
	{"pool.tokens", "10,000 bad tokens", (*bench).poolTokens},
	{"pool.members", "200 members in memory", (*bench).poolMembers},
	{"pool.overlay", "the overlay, wireguard-go and no tunnel", (*bench).poolOverlay},
	{"pool.join", "joining on a LAN and through a router", (*bench).poolJoins},
	{"pool.worker", "memory of a worker at rest", (*bench).poolWorker},
	{"pool.gone", "a machine that is cut off", (*bench).poolGone},
	{"pool.port", "10,000 bad tokens at a server's own port", (*bench).poolPort},
	{"pool.restart", "an agent killed and started under requests", (*bench).poolRestarts},
	{"panel.memory", "memory with the panel open, and a sign-in", (*bench).panelMemory},
	{"panel.stage", "a stage to the page that shows it", (*bench).panelStage},
	{"panel.store", "the store with 2,000 entries, key by key", (*bench).panelStore},
	{"panel.home", "home with 100 apps under load", (*bench).panelHome},
	{"panel.weight", "what home weighs over the wire", (*bench).panelWeight},
	{"panel.lighthouse", "Lighthouse on four pages", (*bench).panelAudit},
}

func main() {
	overlaybench.Main() // what measures the overlay starts this program again
	var o options
	only := flag.String("only", "", "run these sections alone, separated by commas: install, or pool, or a part such as pool.join")
	flag.StringVar(&o.dcloud, "dcloud", "bin/dcloud", "the program to measure")
	flag.StringVar(&o.out, "json", "bin/bench.json", "where the figures go as JSON")
	flag.IntVar(&o.runs, "runs", 7, "how often an install is timed; a third of it, at least 3, for what takes longer")
	flag.IntVar(&o.apps, "apps", 100, "how many apps are known when the API is timed")
	flag.BoolVar(&o.verbose, "v", false, "show each run")
	flag.Parse()
	if *only != "" {
		o.only = strings.Split(*only, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := benchmark(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func benchmark(ctx context.Context, o options) (err error) {
	for _, name := range o.only {
		if !slices.ContainsFunc(sections, func(s section) bool { return partOf(s.name, name) }) {
			return fmt.Errorf("there is no section %q", name)
		}
	}
	if _, err := lab.Sweep(); err != nil {
		return fmt.Errorf("sweep what an earlier run left: %w", err)
	}
	b, err := newBench(ctx, o)
	if err != nil {
		return err
	}
	// What was measured before a failure is told too.
	defer func() {
		b.report.print(os.Stdout)
		err = errors.Join(err, b.report.write(o.out), b.close())
	}()
	for _, s := range sections {
		if !b.wants(s.name) {
			continue
		}
		began := time.Now()
		b.say("%s …", s.what)
		if err := s.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", s.what, err)
		}
		b.say("%s: done in %s", s.what, time.Since(began).Round(time.Second))
	}
	return nil
}
