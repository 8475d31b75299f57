package control

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	nomad "github.com/hashicorp/nomad/api"
)

const (
	// disksEach is between two looks at how large the apps' data is. A look reads every
	// folder, so it is rare and slow on purpose.
	disksEach = 10 * time.Minute
	// disksFirst is before the first: an agent that starts has better things to do.
	disksFirst = 30 * time.Second
	// walkStep files are looked at in a go; then the disk is left alone for nine times
	// as long as that took.
	walkStep  = 256
	walkPause = 9
)

// disks is how large apps' data is, in MiB, as of the last look.
type disks struct {
	mu   sync.Mutex
	apps map[string]float32
}

// of is the size of an app's data, NaN if it is not known.
func (d *disks) of(app string) float32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if mb, known := d.apps[app]; known {
		return mb
	}
	return unknown
}

// measureDisks looks at the apps' data again and again until ctx ends.
func (s *Service) measureDisks(ctx context.Context) {
	for wait := disksFirst; pause(ctx, wait); wait = disksEach {
		sizes, err := s.lookAtDisks(ctx)
		if err != nil {
			if ctx.Err() == nil {
				s.Log.Debug("the size of the apps' data is not known", "err", err)
			}
			continue
		}
		s.disks.mu.Lock()
		s.disks.apps = sizes
		s.disks.mu.Unlock()
	}
}

// lookAtDisks adds up the volumes of each app. An app that has one on a machine that
// does not tell is left out; one without data has 0.
func (s *Service) lookAtDisks(ctx context.Context) (map[string]float32, error) {
	list, _, err := s.Nomad.HostVolumes().List(nil, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return nil, err
	}
	sizes := map[string]float32{}
	here := ""
	s.view.read(func() {
		for name := range s.view.intents {
			sizes[name] = 0
		}
		if n := s.nomadNode(s.Node); n != nil {
			here = n.ID
		}
	})
	told := map[string]map[string]int64{} // by machine's ID: bytes by volume's ID
	for _, v := range list {
		app, _, _ := strings.Cut(v.Name, "_")
		sum, asked := sizes[app]
		if !asked {
			continue
		}
		size := unknown
		if v.NodeID == here {
			size = s.sizeHere(ctx, v.ID)
		} else {
			if _, known := told[v.NodeID]; !known {
				told[v.NodeID] = s.sizesAt(ctx, v.NodeID)
			}
			if bytes, known := told[v.NodeID][v.ID]; known {
				size = float32(float64(bytes) / (1 << 20))
			}
		}
		sizes[app] = sum + size // NaN stays NaN
	}
	return sizes, ctx.Err()
}

// sizesAt asks another machine how large its volumes are, in bytes by the volume's ID;
// nil where it does not tell.
func (s *Service) sizesAt(ctx context.Context, nodeID string) map[string]int64 {
	if s.Members.VolumesAt == nil {
		return nil
	}
	name := ""
	s.view.read(func() {
		for _, n := range s.view.nodes {
			if n.ID == nodeID && n.Status == nomad.NodeStatusReady {
				name = n.Name
			}
		}
	})
	if name == "" {
		return nil
	}
	sizes, err := s.Members.VolumesAt(ctx, name)
	if err != nil {
		s.Log.Debug("a machine does not tell how large its data is", "node", name, "err", err)
	}
	return sizes
}

// sizeHere is the size of a volume of this machine in MiB, NaN if that is not known.
func (s *Service) sizeHere(ctx context.Context, id string) float32 {
	v, _, err := s.Nomad.HostVolumes().Get(id, (&nomad.QueryOptions{}).WithContext(ctx))
	if err != nil || v.HostPath == "" {
		return unknown
	}
	bytes, err := SizeOf(ctx, v.HostPath)
	if err != nil {
		return unknown
	}
	return float32(float64(bytes) / (1 << 20))
}

// SizeOf is how many bytes a folder takes on its disk, all that is in it included, as
// du tells it. It takes its time, so that others have the disk.
func SizeOf(ctx context.Context, dir string) (int64, error) {
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
