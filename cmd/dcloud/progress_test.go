package main

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning"
)

func draw(moving bool, events ...agent.Event) string {
	var out strings.Builder
	p := &progress{out: &out, width: 8, moving: moving, paint: func(_, text string) string { return text }}
	for _, ev := range events {
		p.event(ev)
	}
	p.end()
	return out.String()
}

func at(seconds int, stage, state, message string, percent int) agent.Event {
	return agent.Event{Stage: stage, State: state, Message: message, Percent: percent, Time: noon.Add(time.Duration(seconds) * time.Second)}
}

func TestWithoutATerminalALongStageSaysNoMoreThanALineInFiveSeconds(t *testing.T) {
	var events []agent.Event
	for s := range 20 {
		events = append(events, at(s, "pull", agent.EventProgress, "pulling", s*5))
	}
	got := draw(false, append(events, at(20, "pull", agent.EventDone, "pulled", 100))...)
	want := "● pull       0% pulling\n● pull      25% pulling\n● pull      50% pulling\n● pull      75% pulling\n✓ pull     pulled\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestOnATerminalAStageHasOneLineThatMoves(t *testing.T) {
	got := draw(true,
		at(0, "pull", agent.EventStarted, "", 0),
		at(1, "pull", agent.EventProgress, "half", 50),
		at(2, "pull", agent.EventDone, "pulled", 60),
		at(3, "start", agent.EventStarted, "starting", 60))
	want := "\r\x1b[K● pull       0% \r\x1b[K● pull      50% half\r\x1b[K✓ pull     pulled\n\r\x1b[K● start     60% starting\n"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestAMessageCannotMoveTheCursor(t *testing.T) {
	got := draw(false, at(0, "start", agent.EventFailed, "bad\x1b[2J\nnews\u009b2J", 0))
	if strings.ContainsAny(strings.TrimSuffix(got, "\n"), "\x1b\n\u009b") {
		t.Errorf("control characters got through: %q", got)
	}
}

func TestAStepThatIsOnlyLookedAtSaysNothingWithoutATerminal(t *testing.T) {
	var out strings.Builder
	e := newEnv(nil, io.Discard, &out, func(string) string { return "" })
	there := provisioning.Action{Name: "Docker", Check: func(context.Context) (bool, string, error) { return true, "runs", nil }}
	changed, err := e.runActions(t.Context(), []provisioning.Action{there})
	if err != nil || changed != 0 {
		t.Errorf("changed %d, error %v", changed, err)
	}
	if want := "✓ Docker   runs\n"; out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
}

func TestARefusalOfProvisioningKeepsItsHint(t *testing.T) {
	var out strings.Builder
	e := newEnv(nil, io.Discard, &out, func(string) string { return "" })
	bad := provisioning.Action{Name: "rights", Check: func(context.Context) (bool, string, error) {
		return false, "", provisioning.Errorf("this needs root").WithHint("run it as root: sudo dcloud up")
	}}
	_, err := e.runActions(t.Context(), []provisioning.Action{bad})
	if code := e.fail(err, false); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if !strings.HasSuffix(out.String(), "Error: this needs root.\nRun it as root: sudo dcloud up\n") {
		t.Errorf("said %q", out.String())
	}
}
