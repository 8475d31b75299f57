package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/dentropy/dcloud/agent"
)

//go:embed panelstage.js
var stageScript string

// snapshot is what an app's page showed from a time on.
type snapshot struct {
	At      float64 // ms since 1970, on the machine's clock
	Percent int
	State   string
	Stages  []string
}

// shows tells whether a snapshot shows an event: its words, or its end.
func (s snapshot) shows(e agent.Event) bool {
	if e.Final {
		return len(s.Stages) == 0 && (s.State == "Running" || s.State == "Stopped")
	}
	for _, line := range s.Stages {
		if e.Message != "" && strings.HasSuffix(line, e.Message) {
			return true
		}
	}
	return false
}

// delays are how long after each event the page showed it or one that came after it,
// in ms. Events before the page was there are left out: it showed them from the first.
func delays(events []agent.Event, seen []snapshot) map[int]float64 {
	if len(seen) == 0 {
		return nil
	}
	out := map[int]float64{}
	told := -1 // the newest event that the page has shown
	for n, s := range seen {
		newest := told
		for k := told + 1; k < len(events); k++ {
			if s.shows(events[k]) && ms(events[k].Time) <= s.At {
				newest = k
			}
		}
		for k := told + 1; k <= newest; k++ {
			if n > 0 && ms(events[k].Time) > seen[0].At {
				out[k] = s.At - ms(events[k].Time)
			}
		}
		told = newest
	}
	return out
}

func ms(t time.Time) float64 { return float64(t.UnixMicro()) / 1000 }

// panelStage times how long it takes from a stage of an operation to the page that
// shows it: from the agent's event, and from Nomad's.
func (b *bench) panelStage(ctx context.Context) error {
	p, err := b.needPanel(ctx)
	if err != nil {
		return err
	}
	tab, stop, err := p.tab(ctx, 1280, 900)
	if err != nil {
		return err
	}
	defer stop()
	if _, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: stageScript}); err != nil {
		return err
	}
	var fromAgent, fromNomad []float64
	before := loadAverage()
	for round := range b.runs {
		if err := b.quiet(ctx); err != nil {
			return err
		}
		name := fmt.Sprintf("stage%d", round)
		op, err := p.client.Install(ctx, agent.InstallRequest{Entry: "miniflux", Name: name})
		if err != nil {
			return err
		}
		a, n, err := b.watched(ctx, p, tab, op, name)
		if err != nil {
			return err
		}
		fromAgent, fromNomad = append(fromAgent, a...), append(fromNomad, n...)
		// With the page open before anything happens.
		for _, change := range []func(context.Context, string) (agent.Operation, error){p.client.Stop, p.client.Start} {
			if op, err = change(ctx, name); err != nil {
				return err
			}
			if a, n, err = b.watched(ctx, p, tab, op, name); err != nil {
				return err
			}
			fromAgent, fromNomad = append(fromAgent, a...), append(fromNomad, n...)
		}
		if err := p.remove(ctx, name); err != nil {
			return err
		}
	}
	note := fmt.Sprintf("load average %s before, %s after", before, loadAverage())
	b.report.add(
		figure{ID: "panel.stage.event_p50", What: fmt.Sprintf("from an event of the agent to the page that shows it, %d of them, median", len(fromAgent)), Unit: "ms", Value: percentile(fromAgent, 50), Note: note},
		figure{ID: "panel.stage.event_max", What: "the same, the longest", Unit: "ms", Value: percentile(fromAgent, 100)}.atMost(1000),
		figure{ID: "panel.stage.nomad_p50", What: fmt.Sprintf("from a task's start or end in Nomad to the page that says so, %d of them, median", len(fromNomad)), Unit: "ms", Value: percentile(fromNomad, 50)},
		figure{ID: "panel.stage.nomad_max", What: "the same, the longest", Unit: "ms", Value: percentile(fromNomad, 100)}.atMost(1000),
	)
	return nil
}

// watched follows an operation to its end, by its events and on the app's page, which
// it opens unless it is open.
func (b *bench) watched(ctx context.Context, p *panelRun, tab context.Context, op agent.Operation, app string) (fromAgent, fromNomad []float64, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerMax)
	defer cancel()
	stream, err := p.client.Events(ctx, app, 1) // all that are kept: the operation has begun
	if err != nil {
		return nil, nil, err
	}
	link := panelURL + "/apps/" + app
	at, err := chromedp.Run(tab, chromedp.Location())
	if err == nil && at != link {
		err = chromedp.Do(tab, chromedp.Navigate(link))
	}
	if err != nil {
		return nil, nil, err
	}
	var events []agent.Event
	for e := range stream {
		if e.Op != op.ID {
			continue
		}
		events = append(events, e)
		if e.Final {
			break
		}
	}
	if len(events) == 0 || !events[len(events)-1].Final || events[len(events)-1].Error != nil {
		return nil, nil, fmt.Errorf("the operation on %s did not end well: %+v", app, events)
	}
	var seen []snapshot
	var late map[int]float64
	if err = poll(ctx, 100*time.Millisecond, 20*time.Second, func() error {
		if seen, err = chromedp.Run(tab, chromedp.Evaluate[[]snapshot](`window.dcloudSeen`)); err != nil {
			return err
		}
		if late = delays(events, seen); late[len(events)-1] == 0 {
			return fmt.Errorf("the page of %s does not show the end of what was done: %+v, %+v", app, events, seen)
		}
		return nil
	}); err != nil {
		return nil, nil, err
	}
	if _, err := chromedp.Run(tab, chromedp.Evaluate[int](`window.dcloudSeen.splice(0, window.dcloudSeen.length - 1).length`)); err != nil {
		return nil, nil, err
	}
	tasks, err := b.taskEvents(ctx, app)
	if err != nil {
		return nil, nil, err
	}
	for k, e := range events {
		wait, counted := late[k]
		if !counted {
			b.detail("%s: %s %s %q: before the page was there", app, e.Stage, e.State, e.Message)
			continue
		}
		fromAgent = append(fromAgent, wait)
		from := ""
		for _, t := range tasks {
			if strings.HasPrefix(e.Message, t.words) && ms(t.at) > ms(events[0].Time) && ms(t.at) <= ms(e.Time) {
				fromNomad = append(fromNomad, wait+ms(e.Time)-ms(t.at))
				from = fmt.Sprintf(", %.0f ms after Nomad's", wait+ms(e.Time)-ms(t.at))
				break
			}
		}
		b.detail("%s: %s %s %q: shown after %.0f ms%s", app, e.Stage, e.State, e.Message, wait, from)
	}
	return fromAgent, fromNomad, nil
}

// taskEvent is one of Nomad's, with the words by which the agent tells of it.
type taskEvent struct {
	words string
	at    time.Time
}

// taskEvents are Nomad's own of an app's tasks.
func (b *bench) taskEvents(ctx context.Context, app string) (list []taskEvent, err error) {
	cmd, err := b.nomad(ctx, "job", "allocs", "-json", app)
	if err != nil {
		return nil, err
	}
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("list the allocations of %s: %w: %s", app, err, errorText(err))
	}
	var allocs []struct {
		TaskStates map[string]struct {
			Events []struct {
				Type string
				Time int64 // ns
			}
		}
	}
	if err := json.Unmarshal(text, &allocs); err != nil {
		return nil, err
	}
	for _, a := range allocs {
		for task, s := range a.TaskStates {
			for _, e := range s.Events {
				words := map[string]string{"Started": task + " started", "Terminated": task + " ended"}[e.Type]
				if words != "" {
					list = append(list, taskEvent{words, time.Unix(0, e.Time)})
				}
			}
		}
	}
	return list, nil
}
