package joinbench

import (
	"context"
	"testing"
)

func TestTenThousandBadTokensLeaveNobodyInAndTheMemoryFlat(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 600
	}
	accepted, before, after, err := Measure(context.Background(), n)
	if err != nil {
		t.Fatal(err)
	}
	if accepted != 0 {
		t.Errorf("%d of %d were accepted", accepted, n)
	}
	// 250 sources are remembered, and 16 connections are just ending.
	if after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d KB", before>>10, after>>10)
	}
	t.Logf("%d requests: heap %d KB before, %d KB after", n, before>>10, after>>10)
}
