package control

import (
	"strings"
	"testing"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// ward is a vigil over one app with a clock of its own.
type ward struct {
	*testing.T
	v    *vigil
	now  time.Time
	list []*agent.Activity
	out  []string
}

func newWard(t *testing.T) *ward {
	w := &ward{T: t, v: newVigil(noon), now: noon}
	w.pass(startsQuiet, sign{well: true})
	return w
}

// pass lets time pass second by second while the app looks as given, and notes what is
// told as the history would.
func (w *ward) pass(d time.Duration, g sign) {
	w.Helper()
	g.name = "web"
	for end := w.now.Add(d); w.now.Before(end); w.now = w.now.Add(time.Second) {
		found := w.v.look([]sign{g}, w.now, func(app string) bool { return crashedNow(w.list, app) },
			func(app string) bool { return oftenOf(w.list, actionCrash, app, "", w.now) })
		for _, f := range found {
			action := actionCrash
			if f.better {
				action = actionRecover
			}
			w.list = append([]*agent.Activity{{Action: action, App: f.name, Outcome: agent.OutcomeDone, Started: w.now}}, w.list...)
			w.out = append(w.out, action+" "+f.reason)
		}
	}
}

func (w *ward) told(want ...string) {
	w.Helper()
	if got := strings.Join(w.out, "|"); got != strings.Join(want, "|") {
		w.Errorf("told %q, want %q", got, want)
	}
}

func ends(n uint64) map[string]ending {
	return map[string]ending{"alloc web": {n, "web ended by itself: Exit Code: 1"}}
}

func TestAnAppThatEndsByItselfIsToldAtOnceAndThatItIsBackAfterAWhile(t *testing.T) {
	w := newWard(t)
	w.pass(time.Minute, sign{well: true, ended: ends(0)})
	w.told()
	w.pass(3*time.Second, sign{reason: "web is starting", ended: ends(1)})
	w.told("crash web ended by itself: Exit Code: 1")
	w.pass(wellFor, sign{well: true, ended: ends(1)})
	w.told("crash web ended by itself: Exit Code: 1")
	w.pass(2*time.Second, sign{well: true, ended: ends(1)})
	w.told("crash web ended by itself: Exit Code: 1", "recover ")
}

func TestAnAppThatIsIllIsToldOnceAndNotForAMoment(t *testing.T) {
	w := newWard(t)
	w.pass(illFor, sign{reason: "slow"})
	w.pass(time.Minute, sign{well: true})
	w.told()
	w.pass(5*time.Minute, sign{reason: "slow"})
	w.told("crash slow")
	w = newWard(t)
	w.pass(failedFor+2*time.Second, sign{failed: true, reason: "no image"})
	w.told("crash no image")
}

func TestWhatSomebodyAskedForIsNoCrash(t *testing.T) {
	w := newWard(t)
	w.pass(time.Second, sign{well: true, ended: ends(0)})
	w.pass(10*time.Minute, sign{expected: true, ended: ends(2)})
	w.pass(time.Minute, sign{well: true, ended: ends(2)})
	w.pass(10*time.Minute, sign{failed: true, told: true, reason: "the change that failed has told it", ended: ends(2)})
	w.told()
}

func TestAnAppThatWasEndedWithItsMachineDidNotCrashByItself(t *testing.T) {
	w := newWard(t)
	w.pass(time.Minute, sign{well: true, ended: ends(0)})
	w.pass(illFor/2, sign{away: true, reason: "pi1 does not answer", ended: ends(0)})
	w.pass(5*time.Minute, sign{well: true, ended: ends(1)})
	w.told()
	w.pass(time.Minute, sign{well: true, ended: ends(2)})
	w.told("crash web ended by itself: Exit Code: 1", "recover ")
}

func TestNothingIsToldWhileTheCloudStarts(t *testing.T) {
	w := &ward{T: t, v: newVigil(noon), now: noon}
	w.pass(time.Minute, sign{well: true, ended: ends(3)}) // as it was before the power went
	w.pass(time.Minute, sign{failed: true, reason: "no network yet", ended: ends(5)})
	w.pass(time.Minute, sign{well: true, ended: ends(5)})
	w.told()
	w = &ward{T: t, v: newVigil(noon), now: noon}
	w.pass(startsSlowly-time.Second, sign{reason: "starting"})
	w.told()
	w.pass(time.Minute, sign{reason: "starting"})
	w.told("crash starting")
}

func TestAnAppThatCrashesAgainAndAgainDoesNotFillTheHistory(t *testing.T) {
	w := newWard(t)
	w.pass(time.Second, sign{well: true, ended: ends(0)})
	for n := range uint64(60) { // an hour
		w.pass(time.Minute, sign{well: true, ended: ends(n + 1)})
	}
	if len(w.out) > 2*flaps+2 {
		t.Errorf("%d records within an hour: %q", len(w.out), w.out)
	}
	w.pass(wellForLong+time.Minute, sign{well: true, ended: ends(60)})
	if w.out[len(w.out)-1] != "recover " {
		t.Errorf("%q", w.out)
	}
}

func TestTheHistorySaysWhetherAnAppIsDown(t *testing.T) {
	for line, want := range map[string]bool{
		"1 crash a - failed": true, "2 recover a - done|1 crash a - failed": false, "2 restart a - done|1 crash a - failed": false,
		"2 restart a - failed|1 crash a - failed": true, "2 restart a - running|1 crash a - failed": true, "2 exec a - done|1 crash a - failed": true,
		"1 crash b - failed": false, "2 install a - done|1 crash a - failed": false,
	} {
		if got := crashedNow(historyOf(strings.Split(line, "|")...), "a"); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
	for line, want := range map[string]bool{"1 node-down - pi failed": true, "2 node-up - pi done|1 node-down - pi failed": false, "1 node-down - vps failed": false} {
		if got := downNow(historyOf(strings.Split(line, "|")...), "pi"); got != want {
			t.Errorf("%s: %v", line, got)
		}
	}
}

func TestAnEndThatWasAskedForIsToldFromOneThatWasNot(t *testing.T) {
	for types, want := range map[string]bool{
		"Started Terminated Restarting":                          true,
		"Started Terminated Restarting Started":                  true,
		"Started Restart Signaled|Terminated Restarting Started": false,
		"Started Killing Terminated":                             false,
		"Restart Signaled|Terminated Started Terminated Started": true,
		"": true,
	} {
		var events []*nomad.TaskEvent
		for _, word := range strings.Fields(strings.NewReplacer("Restart Signaled", "Restart_Signaled", "|", " ").Replace(types)) {
			events = append(events, &nomad.TaskEvent{Type: strings.ReplaceAll(word, "_", " ")})
		}
		if got := endedByItself(events); got != want {
			t.Errorf("%q: %v", types, got)
		}
	}
}

func TestHowAnAppEndedIsToldInWords(t *testing.T) {
	started := &nomad.TaskEvent{Type: nomad.TaskStarted}
	for want, e := range map[string]*nomad.TaskEvent{
		"web ended by itself":                            {Type: nomad.TaskTerminated},
		"web ended by itself with exit code 3":           {Type: nomad.TaskTerminated, Details: map[string]string{"exit_code": "3"}},
		"web was killed":                                 {Type: nomad.TaskTerminated, Details: map[string]string{"exit_code": "137"}},
		"web was ended: it used more memory than it may": {Type: nomad.TaskTerminated, Details: map[string]string{"exit_code": "137", "oom_killed": "true"}},
	} {
		before := &nomad.TaskEvent{Type: nomad.TaskTerminated, Details: map[string]string{"exit_code": "99"}}
		if got := endWords("web", []*nomad.TaskEvent{before, started, e, started}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
