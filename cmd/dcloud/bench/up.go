package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// ups times `dcloud up` on blank hosts, with Docker running and the engines in the
// cache, and then on a cloud that runs. The last of the hosts stays.
func (b *bench) ups(ctx context.Context) error {
	var first, again []float64
	for n := range b.fewer() {
		host, err := b.newHost(ctx, "bench")
		if err != nil {
			return err
		}
		if b.cloud != nil {
			if err := b.cloud.host.Close(); err != nil {
				return err
			}
		}
		b.cloud = newCloud(host, b.options.dcloud)
		began := time.Now()
		if _, err := b.cloud.must(ctx, "up"); err != nil {
			return err
		}
		first = append(first, time.Since(began).Seconds())
		b.detail("up %d: %.2f s", n, first[n])
	}
	for range b.runs {
		began := time.Now()
		said, err := b.cloud.must(ctx, "up")
		if err != nil {
			return err
		}
		again = append(again, time.Since(began).Seconds())
		if !strings.Contains(said, "Nothing was to be changed") {
			return fmt.Errorf("the second up changed something:\n%s", said)
		}
	}
	b.report.add(
		figure{ID: "up.blank", What: "up on a blank host, welcome app included", Unit: "s", Runs: first, Note: "Docker runs, engines are cached"},
		figure{ID: "up.again", What: "up on a running cloud, which changes nothing", Unit: "s", Runs: again}.atMost(5),
	)
	return b.cloud.remove(ctx, "welcome") // the sections after this one start without apps
}
