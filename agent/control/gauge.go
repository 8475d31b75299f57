package control

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/catalog"
)

// Gauge measures what apps use on this machine. Each machine has one, and answers the
// leader with it: one question instead of one for each container. It is Docker that is
// asked and not Nomad, which tells a container's memory with the files that Linux
// keeps of it (cgroup v2), and those grow to whatever is free.
type Gauge struct {
	docker *client.Client
	dir    string // of the volumes; each is a folder named by its ID
	log    *slog.Logger

	mu      sync.Mutex
	looking bool
	looked  time.Time
	volumes map[string]int64
}

const (
	// asksAtOnce of Docker: an answer costs it two milliseconds, and comes when it next
	// looks at its containers, which it does each second, at all of them.
	asksAtOnce = 32
	// mostStats is what one answer may have, in bytes; it has 3 KB.
	mostStats = 1 << 20
	// disksEach is between two looks at how large the apps' data is. A look reads every
	// folder, so it is rare, and slow on purpose: walkStep files are looked at in a go,
	// then the disk is left alone for walkPause times as long as that took.
	disksEach = 10 * time.Minute
	walkStep  = 256
	walkPause = 9
)

// NewGauge measures the containers of a Docker and the volumes in a folder.
func NewGauge(docker *client.Client, volumes string, log *slog.Logger) *Gauge {
	return &Gauge{docker: docker, dir: volumes, log: log}
}

// Read measures the containers. The size of volumes is that of the last look, of which
// it begins another one when that is some minutes old.
func (g *Gauge) Read(ctx context.Context) (pool.Uses, error) {
	list, err := host{docker: g.docker}.list(ctx, "", "")
	if err != nil {
		return pool.Uses{}, err
	}
	u := pool.Uses{Containers: []pool.ContainerUse{}, Volumes: g.sizes(), Devices: catalog.GrantableDevices("/dev")}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, asksAtOnce)
	for _, c := range list {
		if c.State != container.StateRunning {
			continue
		}
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			use, err := g.one(ctx, c.ID)
			if err != nil {
				return // it ended meanwhile
			}
			use.App = c.Labels[labelApp]
			mu.Lock()
			defer mu.Unlock()
			u.Containers = append(u.Containers, use)
		})
	}
	wg.Wait()
	return u, ctx.Err()
}

// one measures one container.
func (g *Gauge) one(ctx context.Context, id string) (pool.ContainerUse, error) {
	answer, err := g.docker.ContainerStatsOneShot(ctx, id)
	if err != nil {
		return pool.ContainerUse{}, err
	}
	defer answer.Body.Close()
	var stats container.StatsResponse
	if err := json.NewDecoder(io.LimitReader(answer.Body, mostStats)).Decode(&stats); err != nil {
		return pool.ContainerUse{}, err
	}
	if stats.Read.IsZero() { // Docker's answer for one that does not run
		return pool.ContainerUse{}, errors.New("it does not run")
	}
	return pool.ContainerUse{ID: id, CPU: stats.CPUStats.CPUUsage.TotalUsage, At: stats.Read, Memory: memoryOf(stats.MemoryStats)}, nil
}

// memoryOf is what a container uses in bytes without the files that Linux keeps of it
// and can drop, as `docker stats` tells it; -1 where it is not counted, as on some
// Raspberry Pis.
func memoryOf(m container.MemoryStats) int64 {
	if m.Usage == 0 {
		return -1
	}
	files, v1 := m.Stats["total_inactive_file"]
	if !v1 {
		files = m.Stats["inactive_file"]
	}
	return int64(m.Usage - min(m.Usage, files))
}

// sizes returns the volumes' sizes of the last look, and sees to the next.
func (g *Gauge) sizes() map[string]int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.dir != "" && !g.looking && time.Since(g.looked) >= disksEach {
		g.looking = true
		go g.look(context.Background()) // it ends with the agent
	}
	return g.volumes
}

func (g *Gauge) look(ctx context.Context) {
	sizes, err := sizesIn(ctx, g.dir)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looking, g.looked = false, time.Now()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		g.log.Warn("how large the apps' data is cannot be told", "err", err)
		return
	}
	g.volumes = sizes
}

// sizesIn lists the folders in one, with how many bytes each takes.
func sizesIn(ctx context.Context, dir string) (map[string]int64, error) {
	list, err := os.ReadDir(dir)
	if err != nil {
		return map[string]int64{}, err
	}
	sizes := map[string]int64{}
	for _, d := range list {
		if !d.IsDir() {
			continue
		}
		bytes, err := sizeOf(ctx, filepath.Join(dir, d.Name()))
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil { // another one was removed meanwhile, or is damaged
			sizes[d.Name()] = bytes
		}
	}
	return sizes, nil
}

// sizeOf is how many bytes a folder takes on its disk, all that is in it included, as
// du tells it.
func sizeOf(ctx context.Context, dir string) (int64, error) {
	var sum, files int64
	began := time.Now()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				sum += blocks(info)
			}
		}
		if err != nil && (path == dir || !errors.Is(err, fs.ErrNotExist)) { // what the app deletes meanwhile is gone
			return err
		}
		if files++; files%walkStep == 0 {
			if !pause(ctx, walkPause*time.Since(began)) {
				return ctx.Err()
			}
			began = time.Now()
		}
		return nil
	})
	return sum, err
}

// blocks is what a file takes on its disk: less than its size where it has holes. A
// file with several names is counted in parts.
func blocks(info fs.FileInfo) int64 {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return info.Size()
	}
	n := stat.Blocks * 512 // stat(2): always of 512 bytes
	if !info.IsDir() && stat.Nlink > 1 {
		n /= int64(stat.Nlink)
	}
	return n
}
