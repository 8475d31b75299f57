package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// Bounds of a probe. An app that listens may still be setting itself up, and a
// route appears a moment after the service: both are asked for again, at first
// quickly (the usual case takes milliseconds).
const (
	probeFirst   = 15 * time.Millisecond
	probeLast    = 500 * time.Millisecond
	probeAnswer  = 10 * time.Second // one request
	probeApp     = 20 * time.Minute // Nextcloud unpacks and sets itself up for ten on a Pi; one that ends is noticed at once
	probeRouting = 2 * time.Minute  // a busy machine hears of it late
)

// endpoint is one exposed port of a running app.
type endpoint struct {
	host string   // its name at the front door
	path string   // what is asked for
	must bool     // path is a health path: it has to be answered well
	addr []string // host:port on the pool's network, one for each copy
}

// endpoints finds where the exposed ports of an app's copies ended up.
func endpoints(in jobs.Input, copies []*nomad.AllocationListStub) ([]endpoint, error) {
	var out []endpoint
	for _, svc := range in.Entry.Services {
		for _, x := range svc.Exposes {
			e := endpoint{host: jobs.Host(in, x), path: "/"}
			if h := health(svc, x); h != nil && h.Path != "" {
				e.path, e.must = h.Path, true
			}
			for _, alloc := range copies {
				if alloc.AllocatedResources == nil {
					return nil, fmt.Errorf("allocation %s tells no resources", alloc.ID)
				}
				label := jobs.PortLabel(svc.Name, x.Name)
				at := slices.IndexFunc(alloc.AllocatedResources.Shared.Ports, func(p nomad.PortMapping) bool { return p.Label == label })
				if at < 0 {
					return nil, fmt.Errorf("allocation %s has no port %s", alloc.ID, label)
				}
				p := alloc.AllocatedResources.Shared.Ports[at]
				e.addr = append(e.addr, net.JoinHostPort(p.HostIP, strconv.Itoa(p.Value)))
			}
			out = append(out, e)
		}
	}
	return out, nil
}

func health(svc catalog.Service, x catalog.Expose) *catalog.Health {
	if x.Health != nil {
		return x.Health
	}
	return svc.Health
}

// probe asks every exposed port of every copy directly until it answers, and then
// through the front door until that answers the same.
func (s *Service) probe(ctx context.Context, in jobs.Input, copies []*nomad.AllocationListStub, p *progress) error {
	ends, err := endpoints(in, copies)
	if err != nil || len(ends) == 0 {
		return err
	}
	// A client of its own: its connections end with it, and it follows no redirects,
	// since where an app sends a browser is not ours to visit.
	transport := &http.Transport{DisableKeepAlives: true}
	client := &http.Client{Transport: transport, Timeout: probeAnswer, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, e := range ends {
		p.start(agent.StageHealthy, "waiting for its answer")
		status := 0
		for _, addr := range e.addr {
			status, err = s.ask(ctx, client, addr, e, probeApp, func(code int) bool {
				return code < 400 || !e.must && code < 500
			})
			if err != nil {
				return err
			}
		}
		p.start(agent.StageRouted, "waiting for the front door")
		if _, err := s.ask(ctx, client, s.FrontDoor, e, probeRouting, func(code int) bool { return code == status || code < 400 }); err != nil {
			if own := (*appError)(nil); errors.As(err, &own) && !s.enginesReady() {
				return fmt.Errorf("the front door is not ready: %s", own.told.Message) // not the app's fault
			}
			return err
		}
	}
	return nil
}

func (s *Service) enginesReady() bool {
	return !slices.ContainsFunc(s.Engines(), func(e agent.Engine) bool { return e.State != agent.EngineReady })
}

// ask repeats a GET for an endpoint until its status is good.
func (s *Service) ask(ctx context.Context, client *http.Client, addr string, e endpoint, bound time.Duration, good func(int) bool) (int, error) {
	bounded, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	last := "nobody listens"
	for delay := probeFirst; ; delay = min(delay*3/2, probeLast) {
		code, err := get(bounded, client, addr, e)
		switch {
		case err != nil && bounded.Err() == nil:
			last = strings.TrimPrefix(err.Error(), fmt.Sprintf("Get %q: ", "http://"+addr+e.path))
		case err == nil && good(code):
			return code, nil
		case err == nil:
			last = fmt.Sprintf("it answers %d %s", code, http.StatusText(code))
		}
		select {
		case <-time.After(delay):
		case <-bounded.Done():
			if ctx.Err() != nil {
				return 0, context.Cause(ctx)
			}
			return 0, failed(agent.Errorf(agent.CodeFailed, "%s gave no good answer at %s within %s: %s", e.host, e.path, bound, last))
		}
	}
}

func get(ctx context.Context, client *http.Client, addr string, e endpoint) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+e.path, nil)
	if err != nil {
		return 0, err
	}
	req.Host = e.host
	req.Header.Set("User-Agent", "dcloud")
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	// Enough for a small page, so that the app can finish. What comes of the rest is
	// not of interest: the page may be a stream without an end.
	_, _ = io.CopyN(io.Discard, res.Body, 4096)
	return res.StatusCode, nil
}
