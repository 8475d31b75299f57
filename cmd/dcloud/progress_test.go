package main

import (
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func draw(moving bool, events ...agent.Event) string {
	var out strings.Builder
	p := &progress{out: &out, moving: moving, paint: func(_, text string) string { return text }}
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
