package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"
)

// usageFile is how what was measured is kept over a restart. Numbers are whole tenths,
// -1 for what is not known, so that a thousand of them take a few KB.
type usageFile struct {
	Version int                  `json:"version"`
	Nodes   map[string]*keptUses `json:"nodes"`
	Apps    map[string]*keptUses `json:"apps"`
}

// keptUses are the rings of a machine or an app.
type keptUses struct {
	Hour keptRing `json:"hour"`
	Day  keptRing `json:"day"`
}

// keptRing is a ring, oldest first; its last numbers are those of the step Last.
type keptRing struct {
	Last   int64   `json:"last"` // in steps since 1970
	CPU    []int32 `json:"cpu"`
	Memory []int32 `json:"memory"`
	Disk   []int32 `json:"disk"`
}

const (
	usageVersion = 1
	mostUsage    = 32 << 20 // bytes: a thousand apps and machines have 10 MB
	mostKept     = 4096     // apps, and machines
)

// loadUsage reads what was measured before. Where that cannot be used it begins anew.
func (s *Service) loadUsage() {
	if s.UsageFile == "" {
		return
	}
	nodes, apps, err := readUsage(s.UsageFile, s.Now())
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.Log.Warn("what machines and apps used before is lost", "err", err)
		}
		return
	}
	s.uses.mu.Lock()
	defer s.uses.mu.Unlock()
	if len(s.uses.nodes) == 0 && len(s.uses.apps) == 0 { // else it led before, and knows better
		s.uses.nodes, s.uses.apps = nodes, apps
	}
}

func readUsage(path string, now time.Time) (nodes, apps map[string]*series, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostUsage))
	if err != nil {
		return nil, nil, err
	}
	return decodeUsage(text, now)
}

// saveUsage writes what was measured; a crash while it does leaves the file before.
func (s *Service) saveUsage() {
	if s.UsageFile == "" {
		return
	}
	s.uses.mu.Lock()
	text, err := encodeUsage(s.uses.nodes, s.uses.apps)
	s.uses.mu.Unlock()
	if err == nil {
		err = replaceFile(s.UsageFile, text)
	}
	if err != nil {
		s.Log.Warn("what machines and apps use is not kept", "err", err)
	}
}

func replaceFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func encodeUsage(nodes, apps map[string]*series) ([]byte, error) {
	f := usageFile{Version: usageVersion, Nodes: map[string]*keptUses{}, Apps: map[string]*keptUses{}}
	for name, s := range nodes {
		f.Nodes[name] = &keptUses{s.hour.keep(), s.day.keep()}
	}
	for name, s := range apps {
		f.Apps[name] = &keptUses{s.hour.keep(), s.day.keep()}
	}
	var b bytes.Buffer
	err := json.NewEncoder(&b).Encode(f)
	return b.Bytes(), err
}

// decodeUsage reads a file. What is too large, or from the future, is left out.
func decodeUsage(text []byte, now time.Time) (nodes, apps map[string]*series, err error) {
	var f usageFile
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, nil, fmt.Errorf("read what was measured: %w", err)
	}
	if f.Version != usageVersion {
		return nil, nil, fmt.Errorf("what was measured is of another version, %d", f.Version)
	}
	if len(f.Nodes) > mostKept || len(f.Apps) > mostKept {
		return nil, nil, fmt.Errorf("what was measured is of %d machines and %d apps", len(f.Nodes), len(f.Apps))
	}
	open := func(kept map[string]*keptUses) map[string]*series {
		out := map[string]*series{}
		for name, k := range kept {
			if k == nil || name == "" || len(name) > 64 {
				continue
			}
			s := newSeries()
			s.hour.restore(k.Hour, now)
			s.day.restore(k.Day, now)
			out[name] = s
		}
		return out
	}
	return open(f.Nodes), open(f.Apps), nil
}

// keep lists a ring's samples, from the first that is known.
func (r *ring) keep() keptRing {
	k := keptRing{Last: r.last, CPU: []int32{}, Memory: []int32{}, Disk: []int32{}}
	if r.last == 0 {
		return k
	}
	begun := false
	for slot := r.last - int64(len(r.slots)) + 1; slot <= r.last; slot++ {
		if slot <= 0 {
			continue
		}
		v := r.at(slot)
		begun = begun || v.cpu == v.cpu || v.memory == v.memory || v.disk == v.disk
		if begun {
			k.CPU, k.Memory, k.Disk = append(k.CPU, tenths(v.cpu)), append(k.Memory, tenths(v.memory)), append(k.Disk, tenths(v.disk))
		}
	}
	return k
}

// restore fills an empty ring with what was kept.
func (r *ring) restore(k keptRing, now time.Time) {
	n := len(k.CPU)
	if k.Last <= 0 || k.Last > r.slot(now) || n > len(r.slots) || len(k.Memory) != n || len(k.Disk) != n || int64(n) > k.Last {
		return
	}
	for i := range n {
		*r.at(k.Last - int64(n-1-i)) = sample{number(k.CPU[i]), number(k.Memory[i]), number(k.Disk[i])}
	}
	r.last = k.Last
}

func tenths(v float32) int32 {
	if v != v || v < 0 {
		return -1
	}
	return int32(min(math.Round(float64(v)*10), math.MaxInt32))
}

func number(tenths int32) float32 {
	if tenths < 0 {
		return unknown
	}
	return float32(tenths) / 10
}
