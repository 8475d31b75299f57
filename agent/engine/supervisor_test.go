package engine

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

var bg = context.Background()

func healed(t *testing.T) {
	dir := room(t)
	r := run(t, dir, specsFor(dir, "consul", "nomad"))
	before := r.pids()
	if err := syscall.Kill(before[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	st := r.until("healed", func(all []agent.Engine) bool {
		return all[0].State == agent.EngineReady && all[0].PID != before[0]
	})
	if st[0].Restarts != 1 || st[1].PID != before[1] {
		t.Errorf("one restart of consul alone was expected: %+v", st)
	}
	if st, err := readStat(before[0]); err == nil && st.ppid == os.Getpid() && !st.alive() {
		t.Error("the killed engine is left as a zombie")
	}
}

func TestAnEngineThatIsKilledIsStartedAgain(t *testing.T) { healed(t) }

func TestAnEngineThatIsKilledIsStartedAgainOnKernelsWithoutPidfd(t *testing.T) {
	noPidfd = true
	t.Cleanup(func() { noPidfd = false })
	healed(t)
}

func TestEnginesGoOnWithoutTheAgentAndTheNextAgentAdoptsThem(t *testing.T) {
	dir := room(t)
	first := run(t, dir, specsFor(dir, "consul", "nomad"))
	before := first.pids()
	first.end()
	for _, pid := range before {
		if !isAlive(pid) {
			t.Fatalf("process %d ended with the agent", pid)
		}
	}
	second := run(t, dir, specsFor(dir, "consul", "nomad"))
	if after := second.pids(); !slices.Equal(before, after) {
		t.Fatalf("adopted %v instead of %v", after, before)
	}
	// And an adopted engine is healed like any other.
	syscall.Kill(before[1], syscall.SIGKILL)
	second.until("healed", func(all []agent.Engine) bool { return all[1].State == agent.EngineReady && all[1].PID != before[1] })
}

func TestAnEngineIsRestartedWhenItsConfigurationHasChangedAndTheOthersAreNot(t *testing.T) {
	dir := room(t)
	specs := specsFor(dir, "consul", "nomad")
	first := run(t, dir, specs)
	before := first.pids()
	first.end()
	specs[1].ConfigHash, specs[1].Version = "new", "2.0"
	second := run(t, dir, specs)
	st := second.until("restarted", func(all []agent.Engine) bool {
		return all[1].State == agent.EngineReady && all[1].PID != before[1] && all[0].State == agent.EngineReady
	})
	if st[0].PID != before[0] || st[1].Version != "2.0" || aliveOf(t, dir, "nomad") != 1 {
		t.Errorf("got %+v", st)
	}
	specs[0].ConfigHash = "newer"
	if err := second.Update(bg, specs[0]); err != nil {
		t.Fatal(err)
	}
	if st := second.ready(); st[0].PID == before[0] {
		t.Error("Update with another configuration did not restart the engine")
	}
}

func TestAnUpgradeWhoseProgramIsMissingLeavesTheRunningEngineAlone(t *testing.T) {
	dir := room(t)
	specs := specsFor(dir, "consul")
	r := run(t, dir, specs)
	before := r.pids()
	specs[0].Path = "/nonexistent/consul"
	err := r.Update(bg, specs[0])
	if err == nil || !strings.Contains(err.Error(), "missing") {
		t.Fatalf("got %v", err)
	}
	if after := r.pids(); after[0] != before[0] {
		t.Error("the engine was stopped")
	}
}

func TestAMissingProgramIsTold(t *testing.T) {
	dir := room(t)
	specs := specsFor(dir, "consul")
	specs[0].Path = "/nonexistent/consul"
	r := run(t, dir, specs)
	st := r.until("in back-off", func(all []agent.Engine) bool { return all[0].State == agent.EngineBackoff })
	if !strings.Contains(st[0].Reason, "/nonexistent/consul is missing") {
		t.Errorf("reason: %q", st[0].Reason)
	}
}

func TestACrashLoopBacksOffAndSaysWhyUntilItIsMended(t *testing.T) {
	dir := room(t)
	set(t, dir, "consul.crash")
	pauses := make(chan time.Duration, 100)
	r := run(t, dir, specsFor(dir, "consul"), WithJitter(func(d time.Duration) time.Duration {
		select {
		case pauses <- d:
		default:
		}
		return d
	}))
	st := r.until("in back-off", func(all []agent.Engine) bool { return all[0].State == agent.EngineBackoff && all[0].Restarts >= 5 })
	if want := "exit status 3: cannot bind port 8500"; !strings.Contains(st[0].Reason, want) {
		t.Errorf("reason: %q, should say %q", st[0].Reason, want)
	}
	for i, want := range []time.Duration{10, 20, 40, 80, 80} {
		if got := <-pauses; got != want*time.Millisecond {
			t.Errorf("pause %d is %v, not %v ms", i, got, int64(want))
		}
	}
	os.Remove(filepath.Join(dir, "consul.crash"))
	r.ready()
}

func TestStopEndsAllInReverseOrderAlsoAStubbornOne(t *testing.T) {
	dir := room(t)
	set(t, dir, "nomad.stubborn")
	specs := specsFor(dir, "consul", "nomad", "traefik")
	specs[1].StopTimeout = 100 * time.Millisecond
	r := run(t, dir, specs)
	pids := r.pids()
	if err := r.Stop(bg); err != nil {
		t.Fatal(err)
	}
	// Each says what was there when it was asked to end; the stubborn one may have been
	// ended before it said a word.
	said := map[string]string{}
	for line := range strings.Lines(read(t, dir, "log")) {
		if f := strings.Fields(line); f[0] == "stop" {
			said[f[1]] = strings.Join(f[3:], "")
		}
	}
	if nomad, heard := said["nomad"]; said["traefik"] != "consul+nomad" || heard && nomad != "consul" || said["consul"] != "" || len(said) < 2 {
		t.Errorf("when each was stopped these ran: %q", said)
	}
	for i, st := range r.Status() {
		if st.State != agent.EngineStopped || st.PID != 0 || isAlive(pids[i]) {
			t.Errorf("%+v", st)
		}
	}
}

func TestStopAlsoEndsEnginesWhoseAgentIsGone(t *testing.T) {
	dir := room(t)
	r := run(t, dir, specsFor(dir, "consul"))
	pid := r.pids()[0]
	r.end()
	s, err := New(r.log, r.state, specsFor(dir, "consul"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(bg); err != nil {
		t.Fatal(err)
	}
	if isAlive(pid) {
		t.Error("still there")
	}
}

func TestASecondAgentIsRefused(t *testing.T) {
	dir := room(t)
	r := run(t, dir, specsFor(dir, "consul"))
	r.ready()
	timing := quick
	timing.LockWait = 50 * time.Millisecond
	s, err := New(r.log, r.state, specsFor(dir, "consul"), WithTiming(timing))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(bg); err == nil || agent.AsError(err).Code != agent.CodeConflict ||
		!strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("got %v", err)
	}
}

func TestWhatAnEngineStartedIsNeitherKilledNorTakenForIt(t *testing.T) {
	dir := room(t)
	set(t, dir, "nomad.child")
	r := run(t, dir, specsFor(dir, "nomad"))
	before := r.pids()[0]
	child, err := strconv.Atoi(strings.TrimSpace(read(t, dir, "nomad.childpid")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Kill(child, syscall.SIGKILL) })
	os.Remove(filepath.Join(dir, "nomad.child"))
	r.end()
	syscall.Kill(before, syscall.SIGKILL)
	for isAlive(before) {
		time.Sleep(time.Millisecond) // nobody who could tell looks after it
	}
	r = run(t, dir, specsFor(dir, "nomad")) // finds the helper alone, with the marker in its environment
	if pid := r.pids()[0]; pid == child || pid == before {
		t.Errorf("adopted %d", pid)
	}
	if err := r.Stop(bg); err != nil {
		t.Fatal(err)
	}
	if !isAlive(child) {
		t.Error("the helper was killed with its engine")
	}
}

func TestAReusedPidIsNotAdoptedNorSignalled(t *testing.T) {
	dir := room(t)
	r := run(t, dir, specsFor(dir, "consul"))
	pid := r.pids()[0]
	r.end()
	f, ok, err := identify(pid)
	if !ok || err != nil {
		t.Fatalf("identify: %v %v", ok, err)
	}
	f.start-- // as it is when the pid has since gone to a process that started at another time
	if p, ok := adopt(f, quick); ok {
		p.release()
		t.Error("adopted")
	}
	if err := (&process{found: f}).signal(syscall.SIGKILL); err != nil || !isAlive(pid) {
		t.Errorf("signalled: %v", err)
	}
}

func TestEnginesGoOnWhenTheAgentIsKilled(t *testing.T) {
	dir := room(t)
	self, _ := os.Executable()
	c := exec.Command(self)
	c.Env = []string{"ROLE=supervisor", "DIR=" + dir}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() }) // before the room is cleared
	specs := specsFor(dir, "consul", "nomad")
	deadline := time.Now().Add(patient)
	for specs[0].Ready(bg) != nil || specs[1].Ready(bg) != nil {
		if time.Now().After(deadline) {
			t.Fatal("the agent did not start its engines")
		}
		time.Sleep(time.Millisecond) // it is another process, of which no event is to be had
	}
	var before []int
	running, err := scan(filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range running {
		before = append(before, f.pid)
	}
	c.Process.Kill()
	c.Wait()
	after := run(t, dir, specs).pids()
	slices.Sort(before)
	slices.Sort(after)
	if !slices.Equal(before, after) {
		t.Errorf("adopted %v instead of %v", after, before)
	}
}

func TestAnAgentKilledWhileItStartsEnginesNeverLeadsToTwo(t *testing.T) {
	dir := room(t)
	self, _ := os.Executable()
	for i := range 12 {
		c := exec.Command(self)
		c.Env = []string{"ROLE=supervisor", "DIR=" + dir}
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Process.Kill(); c.Wait() })
		out.Read(make([]byte, 1))
		<-time.After(time.Duration(i) * 2 * time.Millisecond) // another moment each time
		c.Process.Kill()
		c.Wait()
		r := run(t, dir, specsFor(dir, "consul", "nomad"))
		r.ready()
		for _, name := range []string{"consul", "nomad"} {
			if n := aliveOf(t, dir, name); n != 1 {
				t.Fatalf("round %d: %d processes of %s", i, n, name)
			}
		}
		if i%2 == 0 { // begin with nothing, and with engines to adopt
			if err := r.Stop(bg); err != nil {
				t.Fatal(err)
			}
		}
		r.end()
	}
}

func TestAnEngineThatDoesNotAnswerIsFailingAndInTheEndRestarted(t *testing.T) {
	dir := room(t)
	var later atomic.Int64 // what the clock is ahead: it is stuck when the test says so
	start := time.Now()
	r := run(t, dir, specsFor(dir, "consul"), WithClock(func() time.Time { return start.Add(time.Duration(later.Load())) }))
	pid := r.pids()[0]
	set(t, dir, "consul.mute")
	st := r.until("failing", func(all []agent.Engine) bool { return all[0].State == agent.EngineFailing })
	if st[0].Reason != "does not answer" || st[0].PID != pid {
		t.Errorf("got %+v", st[0])
	}
	later.Store(int64(quick.StuckAfter))
	r.until("restarted", func(all []agent.Engine) bool { return all[0].Restarts == 1 && all[0].PID != 0 && all[0].PID != pid })
	os.Remove(filepath.Join(dir, "consul.mute"))
	r.ready()
}

func TestAnEngineStartsAfterThoseThatItNeeds(t *testing.T) {
	dir := room(t)
	set(t, dir, "consul.mute")
	specs := specsFor(dir, "consul", "nomad")
	specs[1].After = []string{"consul"}
	r := run(t, dir, specs)
	r.until("waiting", func(all []agent.Engine) bool {
		return all[0].Reason == "does not answer" && all[1].Reason == "waits for consul" && all[1].PID == 0
	})
	ctx, cancel := context.WithTimeout(bg, 10*time.Millisecond)
	defer cancel()
	if err := r.WaitReady(ctx, "nomad"); err == nil || !strings.Contains(err.Error(), "nomad is starting (waits for consul)") {
		t.Errorf("WaitReady: %v", err)
	}
	os.Remove(filepath.Join(dir, "consul.mute"))
	if err := r.WaitReady(bg); err != nil {
		t.Error(err)
	}
}

func TestRestartGivesANewProcessAndUnknownNamesAreTold(t *testing.T) {
	dir := room(t)
	r := run(t, dir, specsFor(dir, "consul"))
	pid := r.pids()[0]
	if err := r.Restart(bg, "consul"); err != nil {
		t.Fatal(err)
	}
	if r.pids()[0] == pid {
		t.Error("the same process")
	}
	var e *agent.Error
	if err := r.Restart(bg, "konsul"); !errors.As(err, &e) || e.Code != agent.CodeNotFound {
		t.Errorf("got %v", err)
	}
}
