package main

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/dentropy/dcloud/agent/pool/gossip/gossipbench"
	"github.com/dentropy/dcloud/agent/pool/join/joinbench"
	"github.com/dentropy/dcloud/agent/pool/overlay/overlaybench"
)

// How large a pool is simulated, and how many of it die at once.
const (
	simulated = 200
	dead      = 20
)

// badTokens is how often somebody tries to join who has no token.
const badTokens = 10_000

// poolTokens has a crowd without a token ask a join port in this process, whose heap
// can be told from all else.
func (b *bench) poolTokens(ctx context.Context) error {
	if err := b.alone(ctx); err != nil {
		return err
	}
	accepted, before, after, err := joinbench.Measure(ctx, badTokens)
	if err != nil {
		return err
	}
	b.detail("%d bad tokens: %d accepted, heap %d KB before, %d KB after", badTokens, accepted, before>>10, after>>10)
	grown := (float64(after) - float64(before)) / (1 << 20)
	b.report.add(
		figure{ID: "pool.tokens.accepted", What: "bad tokens accepted, of 10,000, by a join port on loopback", Value: float64(accepted)}.atMost(0),
		figure{ID: "pool.tokens.heap", What: "what its heap grew by", Unit: "MiB", Value: grown}.atMost(1),
	)
	return nil
}

// poolMembers times a large pool that finds itself, and that notices its dead. All
// members are in this process, on a network in memory.
//
// One collector works for all of them: as often as usual it would take a third of the
// processors, and members late with their answers hold one another for dead.
func (b *bench) poolMembers(ctx context.Context) error {
	if err := b.alone(ctx); err != nil {
		return err
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	var joined, noticed []float64
	for range b.fewer() {
		if err := b.quiet(ctx); err != nil {
			return err
		}
		began := time.Now()
		j, n, err := gossipbench.Measure(simulated, dead)
		took := time.Since(began)
		if err != nil && took < time.Minute {
			return err
		}
		// It gives up where others take the processors from so many members. That is a
		// run as well, and no reason to lose what else is measured.
		b.detail("%d members: %.2f s to join, %.2f s to notice %d dead (%v)", simulated, j.Seconds(), n.Seconds(), dead, err)
		j, n = atLeastTook(j, n, took, err)
		joined, noticed = append(joined, j.Seconds()), append(noticed, n.Seconds())
	}
	b.report.add(
		figure{ID: "pool.members.joined", What: "200 members in memory, from nothing to all seeing all", Unit: "s", Runs: joined}.atMost(5),
		figure{ID: "pool.members.noticed", What: "20 of them dead, until all others know of all 20", Unit: "s", Runs: noticed}.atMost(5),
	)
	return nil
}

// atLeastTook are the times of a run, also of one that gave up: then what did not come
// about took all of the time that there was, and more.
func atLeastTook(joined, noticed, whole time.Duration, err error) (time.Duration, time.Duration) {
	switch {
	case err == nil:
		return joined, noticed
	case joined == 0:
		return whole, whole
	}
	return joined, whole - joined
}

// poolOverlay measures the overlay against wireguard-go and no tunnel. Each round
// measures all three, so that the rounds' ratios are of the same moment.
func (b *bench) poolOverlay(ctx context.Context) error {
	if err := b.alone(ctx); err != nil {
		return err
	}
	o := overlaybench.Options{Rounds: 1, Overlay: func(file string) []string {
		return []string{b.dcloud, "internal", "overlay", "--config", file}
	}}
	var none, plain, ours, udp, tcp []float64
	for range b.runs {
		r, err := overlaybench.Measure(ctx, o)
		if err != nil {
			return err
		}
		b.detail("\n%s", r)
		none, plain, ours = append(none, r.None.Throughput/1e6), append(plain, r.Plain.Throughput/1e6), append(ours, r.Overlay.Throughput/1e6)
		udp, tcp = append(udp, r.AddedUDP().Seconds()*1e3), append(tcp, r.AddedTCP().Seconds()*1e3)
	}
	b.report.add(
		figure{ID: "pool.overlay", What: "one TCP connection over the overlay, machine to machine", Unit: "MB/s", Runs: ours},
		figure{ID: "pool.overlay.plain", What: "the same over wireguard-go as it comes", Unit: "MB/s", Runs: plain},
		figure{ID: "pool.overlay.none", What: "the same without a tunnel", Unit: "MB/s", Runs: none},
		ratio("pool.overlay.ratio", "the overlay over wireguard-go", ours, plain).atLeast(0.9),
		ratio("pool.overlay.ratio_none", "the overlay over no tunnel", ours, none),
		figure{ID: "pool.overlay.udp", What: "what the overlay adds to 64 bytes there and back, UDP, median", Unit: "ms", Runs: udp}.atMost(0.3),
		figure{ID: "pool.overlay.tcp", What: "the same over an open TCP connection", Unit: "ms", Runs: tcp}.atMost(0.3),
	)
	return nil
}
