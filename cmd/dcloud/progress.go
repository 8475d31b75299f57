package main

import (
	"fmt"
	"io"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// quiet is how long a stage without a terminal says nothing of its progress, so
// that a log of a long pull stays short.
const quiet = 5 * time.Second

// progress draws the stages of an operation: on a terminal one line per stage
// that moves, elsewhere a plain line for each thing worth telling. It is fed
// with events and has no clock of its own.
type progress struct {
	out    io.Writer
	moving bool // a terminal: rewrite the line of a running stage
	paint  func(color, text string) string
	width  int // of the stages' names

	stage string    // whose line is open
	said  string    // the last plain line
	last  time.Time // when it was said
}

func (e *env) newProgress() *progress {
	return &progress{
		out:    e.stderr,
		width:  8, // resolve, volumes
		moving: e.color(e.stderr),
		paint:  func(color, text string) string { return e.paint(e.stderr, color, text) },
	}
}

// event draws one event.
func (p *progress) event(ev agent.Event) {
	if ev.Stage == "" {
		return
	}
	if p.moving {
		p.move(ev)
		return
	}
	line := p.line(ev)
	switch {
	case line == p.said:
		return
	case ev.State == agent.EventProgress && ev.Stage == p.stage && ev.Time.Sub(p.last) < quiet:
		return
	case ev.State == agent.EventStarted && ev.Message == "":
		return
	}
	p.stage, p.said, p.last = ev.Stage, line, ev.Time
	fmt.Fprintln(p.out, line)
}

// move rewrites the open line, and closes it where the stage ended.
func (p *progress) move(ev agent.Event) {
	if p.stage != "" && p.stage != ev.Stage {
		fmt.Fprintln(p.out) // a stage that never said that it was done keeps its line
	}
	mark, color := mark(ev.State)
	// \r and "erase in line" (ECMA-48, EL): the new text may be shorter.
	fmt.Fprintf(p.out, "\r\x1b[K%s %s", p.paint(color, mark), p.text(ev))
	p.stage = ev.Stage
	if ev.State == agent.EventDone || ev.State == agent.EventFailed {
		fmt.Fprintln(p.out)
		p.stage = ""
	}
}

// end closes a line that is still open.
func (p *progress) end() {
	if p.moving && p.stage != "" {
		fmt.Fprintln(p.out)
	}
	p.stage = ""
}

// line is an event as one plain line.
func (p *progress) line(ev agent.Event) string {
	mark, _ := mark(ev.State)
	return mark + " " + p.text(ev)
}

// text is an event without its mark. A percentage below 0 is one that cannot be
// told.
func (p *progress) text(ev agent.Event) string {
	percent := ""
	if running := ev.State == agent.EventProgress || ev.State == agent.EventStarted; running && ev.Percent >= 0 {
		percent = fmt.Sprintf("%3d%% ", min(ev.Percent, 100))
	}
	return fmt.Sprintf("%-*s %s%s", p.width, clean(ev.Stage), percent, clean(ev.Message))
}

func mark(state string) (mark, color string) {
	switch state {
	case agent.EventDone:
		return "✓", green
	case agent.EventFailed:
		return "✗", red
	}
	return "●", dim
}
