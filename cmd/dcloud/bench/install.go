package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// contender is one way to bring up the same app.
type contender struct {
	name   string
	run    func(ctx context.Context) (timed, error)
	answer []float64 // seconds
	end    []float64
}

// installs times an install side by side with its peers, in turns, so that what
// else happens on the machine hits all of them alike.
func (b *bench) installs(ctx context.Context) error {
	c, err := b.needCloud(ctx)
	if err != nil {
		return err
	}
	peer, err := b.needCompose(ctx)
	if err != nil {
		return err
	}
	if err := peer.tune(ctx); err != nil {
		return err
	}
	compose := func(d *door) func(context.Context) (timed, error) {
		return func(ctx context.Context) (t timed, err error) {
			cmd, err := peer.up(ctx, "whoami")
			if err != nil {
				return t, err
			}
			if t, err = b.quietly(ctx, func() (timed, error) { return firstAnswer(ctx, peer.host, d.name("whoami"), cmd) }); err != nil {
				return t, err
			}
			return t, peer.remove(ctx, "whoami")
		}
	}
	ours := &contender{name: "dcloud app install", run: func(ctx context.Context) (t timed, err error) {
		cmd := c.command(ctx, "app", "install", "whoami")
		if t, err = b.quietly(ctx, func() (timed, error) { return firstAnswer(ctx, c.host, "whoami.dcloud.localhost", cmd) }); err != nil {
			return t, err
		}
		return t, c.remove(ctx, "whoami")
	}}
	plain := &contender{name: "docker-compose up -d, Traefik as it comes", run: compose(peer.plain)}
	tuned := &contender{name: "docker-compose up -d, Traefik's throttle at 100 ms", run: compose(peer.tuned)}
	bare := &contender{name: "nomad job run", run: func(ctx context.Context) (t timed, err error) {
		cmd, err := b.runBare(ctx, "bare")
		if err != nil {
			return t, err
		}
		if t, err = b.quietly(ctx, func() (timed, error) { return firstAnswer(ctx, c.host, "bare.localhost", cmd) }); err != nil {
			return t, err
		}
		return t, b.removeBare(ctx, "bare")
	}}
	all := []*contender{ours, plain, bare, tuned}
	for round := range b.runs + 1 { // the first warms caches up and does not count
		for _, k := range all {
			t, err := k.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			b.detail("round %d: %-52s %6.3f s to the answer, %6.3f s to its end", round, k.name, t.answer.Seconds(), t.end.Seconds())
			if round > 0 {
				k.answer, k.end = append(k.answer, t.answer.Seconds()), append(k.end, t.end.Seconds())
			}
		}
	}
	b.report.add(
		figure{ID: "install", What: "install to first 200: " + ours.name, Unit: "s", Runs: ours.answer},
		figure{ID: "install.compose", What: "the same: " + plain.name, Unit: "s", Runs: plain.answer},
		figure{ID: "install.compose_tuned", What: "the same: " + tuned.name, Unit: "s", Runs: tuned.answer},
		figure{ID: "install.nomad", What: "the same: " + bare.name, Unit: "s", Runs: bare.answer},
		ratio("install.ratio", "install over docker-compose", ours.answer, plain.answer).atMost(0.9),
		ratio("install.ratio_tuned", "install over docker-compose with the tuned Traefik", ours.answer, tuned.answer),
		ratio("install.ratio_nomad", "install over nomad job run", ours.answer, bare.answer),
		figure{ID: "install.end", What: "install to the end of the command: " + ours.name, Unit: "s", Runs: ours.end},
		figure{ID: "install.end_compose", What: "the same: " + plain.name, Unit: "s", Runs: plain.end},
	)
	tunedDoor := peer.tuned
	peer.tuned = nil
	return tunedDoor.close()
}

// quietly calls f once the processor has nothing else to do, or after a while.
func (b *bench) quietly(ctx context.Context, f func() (timed, error)) (timed, error) {
	if err := b.quiet(ctx); err != nil {
		return timed{}, err
	}
	return f()
}

// quiet waits until the processors idle, but not for ever: other things may run on
// the machine.
func (b *bench) quiet(ctx context.Context) error {
	var idle, total uint64
	err := poll(ctx, 300*time.Millisecond, 20*time.Second, func() error {
		i, t, err := cpuTimes()
		if err != nil {
			return err
		}
		share, first := float64(i-idle)/float64(max(t-total, 1)), total == 0
		idle, total = i, t
		if first || share < 0.8 {
			return fmt.Errorf("the processor is %.0f %% busy", 100-100*share)
		}
		return nil
	})
	if err != nil {
		b.detail("measuring on a busy machine: %v", err)
	}
	return ctx.Err()
}

// cpuTimes reads how long all processors have idled and existed, in ticks (proc_stat(5)).
func cpuTimes() (idle, total uint64, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	for k, f := range strings.Fields(line)[1:] {
		n, err := strconv.ParseUint(f, 10, 64)
		if err != nil {
			return 0, 0, err
		}
		if total += n; k == 3 || k == 4 { // idle, iowait
			idle += n
		}
	}
	return idle, total, nil
}
