package pool

import (
	"context"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestAPoolThatWasSwitchedOffWholeFindsItselfAgain(t *testing.T) {
	all := []*Machine{server, pi, vps}
	var g errgroup.Group
	for _, m := range all {
		g.Go(func() error { return m.PowerOff(t.Context()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		g.Go(func() error { return m.PowerOn(t.Context()) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for _, m := range all {
		g.Go(func() error {
			ctx, cancel := context.WithTimeout(t.Context(), CommandTime)
			defer cancel()
			out, err := m.Command(ctx, m.Bin, "up").CombinedOutput()
			if err != nil {
				return fmt.Errorf("up on %s: %w: %s", m.Name, err, out)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	for _, m := range all {
		awaitNodes(t, m, allReady)
	}
	t.Logf("all ready after %s", time.Since(start).Round(100*time.Millisecond))
	awaitApps(t)
}
