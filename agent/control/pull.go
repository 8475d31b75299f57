package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// How the images of an operation come in. Nomad tells of a pull each two minutes
// (dockerImageSlowProgressReportInterval of its Docker driver), so Docker is asked: who
// pulls an image that is being pulled already shares the transfer and is told each
// byte of it. Our question ends with the operation; the transfer is Nomad's and goes on.
const (
	// pullJoins is how long Nomad's pull has a head start: what is fetched by then needs
	// no progress, and the registry's answers are at hand for us too.
	pullJoins = time.Second
	// pullTells is between two events.
	pullTells = time.Second
	// rateOver is how far back the speed is measured.
	rateOver = 15 * time.Second
)

// pulls are those of one operation.
type pulls struct {
	p      *progress
	images map[string]string // by task
	docker func(node string) (*client.Client, func(), error)
	ctx    context.Context
	cancel context.CancelFunc
	ended  sync.WaitGroup

	mu      sync.Mutex
	going   map[string]*pulled // by machine and image
	told    time.Time
	percent int
	history []pace
}

// pace is how much had come at a time.
type pace struct {
	at    time.Time
	bytes int64
}

func newPulls(s *Service, job *nomad.Job, p *progress) *pulls {
	ctx, cancel := context.WithCancel(context.Background())
	w := &pulls{p: p, images: map[string]string{}, ctx: ctx, cancel: cancel, going: map[string]*pulled{}}
	for _, g := range job.TaskGroups {
		for _, t := range g.Tasks {
			if name, ok := t.Config["image"].(string); ok {
				w.images[t.Name] = name
			}
		}
	}
	w.docker = func(node string) (*client.Client, func(), error) {
		if node == s.Node && s.Docker != nil {
			return s.Docker, func() {}, nil
		}
		if s.Members.DockerAt == nil {
			return nil, nil, errors.New("there is no way to its Docker")
		}
		d, err := s.Members.DockerAt(node)
		if err != nil {
			return nil, nil, err
		}
		return d, func() { _ = d.Close() }, nil
	}
	return w
}

// end stops asking and waits for what is being asked.
func (w *pulls) end() {
	if w == nil {
		return
	}
	w.cancel()
	w.ended.Wait()
}

// begin is told when Nomad starts to fetch a task's image on a machine. It does not
// block.
func (w *pulls) begin(node, task string) {
	if w == nil || w.images[task] == "" || w.ctx.Err() != nil {
		return
	}
	name := w.images[task]
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.going[node+" "+name] != nil {
		return // two tasks of one image
	}
	ctx, stop := context.WithCancel(w.ctx)
	one := &pulled{layers: map[string]*layer{}, stop: stop}
	w.going[node+" "+name] = one
	w.ended.Go(func() {
		defer stop()
		if !pause(ctx, pullJoins) {
			return
		}
		if err := w.watch(ctx, node, name, one); err != nil && ctx.Err() == nil {
			// Nomad tells what is wrong with the image; of the progress it tells less.
			w.p.s.Log.Debug("how far an image is cannot be told", "node", node, "image", name, "err", err)
		}
	})
}

// done is told when a task has its image.
func (w *pulls) done(node, task string) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if one := w.going[node+" "+w.images[task]]; one != nil {
		one.over = true
		one.stop()
	}
}

func (w *pulls) watch(ctx context.Context, node, name string, one *pulled) error {
	docker, free, err := w.docker(node)
	if err != nil {
		return err
	}
	defer free()
	body, err := docker.ImagePull(ctx, name, image.PullOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	err = readPull(body, func(m pullMessage) {
		w.mu.Lock()
		defer w.mu.Unlock()
		one.note(m)
		w.tell()
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	one.over = one.over || err == nil
	return err
}

// soFar adds up what has come. total is 0 while it is not known of all layers; share
// is how much of the work is done, 0 to 1, by the layers.
func (w *pulls) soFar() (bytes, total int64, share float64) {
	sure := true
	layers, done := 0, 0.0
	for _, one := range w.going {
		if len(one.layers) == 0 && !one.over {
			sure = false
		}
		for _, l := range one.layers {
			if l.state == layerWas {
				continue
			}
			layers++
			bytes, total = bytes+l.current, total+l.total
			switch {
			case one.over || l.state == layerUnpacked:
				done++
			case l.state == layerHere:
				done += 0.8 // to unpack takes a part of the time
			case l.state == layerComes && l.total > 0:
				done += 0.8 * float64(l.current) / float64(l.total)
			default:
				sure = false
			}
		}
	}
	if !sure {
		total = 0
	}
	if layers > 0 {
		share = done / float64(layers)
	}
	return bytes, total, share
}

// tell publishes how far it is, at most once a second.
func (w *pulls) tell() {
	now := w.p.s.Now()
	if now.Sub(w.told) < pullTells && !now.Before(w.told) {
		return
	}
	bytes, total, share := w.soFar()
	if bytes == 0 && share == 0 {
		return
	}
	w.told = now
	left := w.left(now, bytes, total)
	from, to := percentAt[agent.StagePull], percentAt[agent.StageStart]
	w.percent = max(w.percent, from+int(share*float64(to-from))) // a layer that is found late takes nothing back
	w.p.send(agent.Event{
		Stage: agent.StagePull, State: agent.EventProgress, Percent: w.percent,
		Message: pullWords(bytes, total, left), Bytes: bytes, Total: total, Left: left,
	})
}

// tells is whether Docker has told of bytes.
func (w *pulls) tells() bool {
	if w == nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.told.IsZero()
}

// left is about how many seconds the rest takes at the speed of late, 0 for unknown.
func (w *pulls) left(now time.Time, bytes, total int64) int {
	w.history = append(w.history, pace{now, bytes})
	for len(w.history) > 2 && now.Sub(w.history[0].at) > rateOver {
		w.history = w.history[1:]
	}
	first := w.history[0]
	past := now.Sub(first.at)
	if total == 0 || bytes >= total || past < 2*time.Second || bytes <= first.bytes {
		return 0
	}
	seconds := float64(total-bytes) / (float64(bytes-first.bytes) / past.Seconds())
	return int(min(seconds+0.5, 24*60*60))
}

// pullWords say how far the images are: "48 of 77 MB, about 9 s left".
func pullWords(bytes, total int64, left int) string {
	var b strings.Builder
	switch {
	case total > 0 && bytes >= total:
		return fmt.Sprintf("unpacking %s MB", megabytes(total))
	case total > 0:
		fmt.Fprintf(&b, "downloading, %s of %s MB", megabytes(bytes), megabytes(total))
	default:
		fmt.Fprintf(&b, "downloading, %s MB so far", megabytes(bytes))
	}
	if left > 0 {
		fmt.Fprintf(&b, ", about %s left", ago(time.Duration(left)*time.Second))
	}
	return b.String()
}

// megabytes of 1000 x 1000 bytes, as registries tell them; small ones to a tenth.
func megabytes(n int64) string {
	if mb := float64(n) / 1e6; mb < 10 {
		return fmt.Sprintf("%.1f", mb)
	}
	return fmt.Sprint((n + 500_000) / 1_000_000)
}
