package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
)

// windows are what ten people have open.
var windows = []string{"/", "/", "/", "/", "/store", "/store", "/machines", "/machines", "/activity", "/settings"}

// streams are how those pages are kept up to date; the others have none.
var streams = map[string]string{"/": "/live/home", "/store": "/live/store", "/machines": "/live/machines"}

// panelMemory measures the agent with the panel open in ten windows and without, how
// long a sign-in takes, and how large the program is: of the program as it is, with the
// catalog that comes with it.
func (b *bench) panelMemory(ctx context.Context) (err error) {
	if err := b.closeSingle(); err != nil {
		return err
	}
	p, err := b.newPanel(ctx, b.dcloud)
	if p != nil {
		defer func() { err = errors.Join(err, p.host.Close()) }()
	}
	if err != nil {
		return err
	}
	// The catalog is read when it is first asked for.
	for _, path := range windows {
		if _, err := p.visitor(p.token).get(ctx, path); err != nil {
			return err
		}
	}
	pid, err := p.agentPID()
	if err != nil {
		return err
	}
	measure := func() (map[string]footprint, error) { return footprintsOf(map[string]int{"agent": pid}) }
	before, err := settled(ctx, restStart, measure)
	if err != nil {
		return err
	}
	open, close := context.WithCancel(ctx)
	defer close()
	for n, path := range windows {
		if err := p.window(open, path); err != nil {
			return fmt.Errorf("window %d: %w", n, err)
		}
	}
	after, err := settled(ctx, restStart, measure)
	if err != nil {
		return err
	}
	close()
	// The owner's token is the first session; each of these is one more.
	var signIn []float64
	for range b.runs {
		v := p.visitor("")
		if _, err := v.get(ctx, "/sign-in"); err != nil {
			return err
		}
		took, err := repeated(1, func() error {
			_, err := v.post(ctx, "/sign-in", url.Values{"name": {panelOwner}, "password": {panelPassword}, "next": {"/settings"}})
			return err
		})
		if err != nil {
			return err
		}
		signIn = append(signIn, took...)
	}
	program, err := os.Stat(b.dcloud)
	if err != nil {
		return err
	}
	was, is := before["agent"], after["agent"]
	b.report.add(
		figure{ID: "panel.memory", What: "the agent with a panel that nobody looks at, PSS", Unit: "MiB", Value: was.pssMiB(), Note: fmt.Sprintf("anonymous %.1f", was.anonMiB())},
		figure{ID: "panel.memory.open", What: "the agent with the panel open in ten windows, PSS", Unit: "MiB", Value: is.pssMiB(), Note: fmt.Sprintf("anonymous %.1f", is.anonMiB())},
		figure{ID: "panel.memory.ratio", What: "ten windows over none", Value: is.pssMiB() / was.pssMiB()},
		figure{ID: "panel.signin", What: "a sign-in with a password: argon2id, the session, and the settings page", Unit: "ms", Runs: signIn},
		figure{ID: "panel.binary", What: "the program, with all that browsers load", Unit: "MiB", Value: float64(program.Size()) / (1 << 20)},
	)
	return nil
}

// window loads a page as a browser does, and keeps its stream open until ctx ends.
func (p *panelRun) window(ctx context.Context, path string) error {
	v := p.visitor(p.token)
	v.http.Timeout = 0 // a stream has no end
	if _, err := v.get(ctx, path); err != nil {
		return err
	}
	stream, live := streams[path]
	if !live {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, panelURL+stream, nil)
	if err != nil {
		return err
	}
	res, err := v.http.Do(req)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return fmt.Errorf("%s answered %s", stream, res.Status)
	}
	go func() {
		defer res.Body.Close()
		buf := make([]byte, 4096)
		for {
			if _, err := res.Body.Read(buf); err != nil {
				return
			}
		}
	}()
	return nil
}
