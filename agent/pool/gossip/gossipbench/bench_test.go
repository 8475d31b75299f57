package gossipbench_test

import (
	"testing"

	"github.com/dentropy/dcloud/agent/pool/gossip/gossipbench"
)

func TestManyMembersFindEachOtherAndNoticeTheDead(t *testing.T) {
	n, dead := 200, 20
	if testing.Short() {
		n, dead = 30, 3
	}
	joined, noticed, err := gossipbench.Measure(n, dead)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d members: all joined after %s, %d dead noticed by all after %s", n, joined, dead, noticed)
}
