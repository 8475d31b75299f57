package gossipbench_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/agent/pool/gossip/gossipbench"
)

// On a processor that others use too, members of a pool this large are late with their
// answers, all of them, and doubt one another. So their clock goes on only when all of
// them wait; what it takes on a real one is for the benchmark, with two hundred.
func TestManyMembersFindEachOtherAndNoticeTheDead(t *testing.T) {
	n, dead := 60, 6
	if testing.Short() {
		n, dead = 30, 3
	}
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // calls that were under way end at their limit
		joined, noticed, err := gossipbench.Measure(n, dead)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d members: all joined after %s, %d dead noticed by all after %s", n, joined, dead, noticed)
		if joined > 10*time.Second || noticed > 10*time.Second {
			t.Errorf("all joined after %s, the dead were noticed after %s", joined, noticed)
		}
	})
}
