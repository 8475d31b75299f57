package engine

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestWhatAnEngineMustFindIsPreparedBeforeEachStartAndNotForAnAdoptedOne(t *testing.T) {
	dir := room(t)
	var calls atomic.Int32
	specs := specsFor(dir, "consul")
	specs[0].Before = func(context.Context) error {
		if calls.Add(1) == 1 {
			return errors.New("the disk is full")
		}
		return nil
	}
	first := run(t, dir, specs)
	st := first.until("ready after the second try", func(all []agent.Engine) bool { return all[0].State == agent.EngineReady })
	if calls.Load() != 2 {
		t.Errorf("prepared %d times, 2 expected", calls.Load())
	}
	if err := syscall.Kill(st[0].PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	pid := st[0].PID
	first.until("healed", func(all []agent.Engine) bool { return all[0].State == agent.EngineReady && all[0].PID != pid })
	if calls.Load() != 3 {
		t.Errorf("prepared %d times, 3 expected", calls.Load())
	}
	before := first.pids()
	first.end()
	second := run(t, dir, specs)
	if after := second.pids(); !slices.Equal(before, after) || calls.Load() != 3 {
		t.Errorf("adopted %v instead of %v, prepared %d times", after, before, calls.Load())
	}
}
