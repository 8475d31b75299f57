package gossipbench_test

import (
	"testing"

	"github.com/dentropy/dcloud/agent/pool/gossip/gossipbench"
)

func TestManyMembersFindEachOtherAndNoticeTheDead(t *testing.T) {
	// Two hundred are for the benchmark: on a processor that others use too, members of
	// a pool that large are late with their answers, all of them, and doubt one another.
	n, dead := 60, 6
	if testing.Short() {
		n, dead = 30, 3
	}
	joined, noticed, err := gossipbench.Measure(n, dead)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d members: all joined after %s, %d dead noticed by all after %s", n, joined, dead, noticed)
}
