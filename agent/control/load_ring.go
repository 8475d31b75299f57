package control

import (
	"math"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// How long and how finely use is remembered.
const (
	hourStep   = 15 * time.Second
	hourPoints = 240
	dayStep    = 5 * time.Minute
	dayPoints  = 288
)

// sample is what something used at a time; NaN where it is not known. 12 bytes, and
// each machine and app has 528 of them: 6 KB.
type sample struct {
	cpu    float32 // percent
	memory float32 // MiB
	disk   float32 // MiB
}

var unknown = float32(math.NaN())

var blank = sample{unknown, unknown, unknown}

// ring holds the latest samples, one in each step of time.
type ring struct {
	step  int64 // seconds
	last  int64 // the newest step, in steps since 1970; 0 for none yet
	slots []sample
}

func newRing(step time.Duration, n int) ring {
	r := ring{step: int64(step / time.Second), slots: make([]sample, n)}
	r.clear()
	return r
}

func (r *ring) clear() {
	r.last = 0
	for k := range r.slots {
		r.slots[k] = blank
	}
}

func (r *ring) slot(now time.Time) int64 { return now.Unix() / r.step }

func (r *ring) at(slot int64) *sample { return &r.slots[int(slot%int64(len(r.slots)))] }

// put notes a sample; the steps since the one before stay unknown.
func (r *ring) put(now time.Time, v sample) {
	slot := r.slot(now)
	n := int64(len(r.slots))
	switch {
	case slot <= 0:
		return
	case r.last > slot+1 || slot-r.last > n: // the clock was set back, or it was long ago
		r.clear()
	default:
		for k := r.last + 1; k < slot; k++ {
			*r.at(k) = blank
		}
	}
	*r.at(slot) = v
	r.last = max(r.last, slot)
}

// series is what is remembered of a machine or an app.
type series struct {
	hour, day ring
	mean      mean // of the step of the day that is under way
}

// mean adds up the samples of one step of the day.
type mean struct {
	slot            int64
	n               [3]float32
	cpu, mem, space float32
}

func newSeries() *series {
	return &series{hour: newRing(hourStep, hourPoints), day: newRing(dayStep, dayPoints)}
}

func (s *series) put(now time.Time, v sample) {
	s.hour.put(now, v)
	if slot := s.day.slot(now); s.mean.slot != slot {
		s.mean = mean{slot: slot}
	}
	m := &s.mean
	add := func(k int, sum *float32, v float32) float32 {
		if v == v {
			m.n[k]++
			*sum += v
		}
		if m.n[k] == 0 {
			return unknown
		}
		return *sum / m.n[k]
	}
	s.day.put(now, sample{add(0, &m.cpu, v.cpu), add(1, &m.mem, v.memory), add(2, &m.space, v.disk)})
}

// usage is a ring as people see it: all of its steps up to now, oldest first.
func (r *ring) usage(now time.Time) agent.Usage {
	end := r.slot(now)
	if r.last < end {
		end-- // the step that has just begun has its sample still to come
	}
	n := len(r.slots)
	u := agent.Usage{
		Step: time.Duration(r.step) * time.Second, Times: make([]int64, n),
		CPU: make([]*float64, n), Memory: make([]*float64, n), Disk: make([]*float64, n),
	}
	for k := range n {
		slot := end - int64(n-1-k)
		u.Times[k] = slot * r.step
		if slot > r.last || r.last-slot >= int64(n) || slot <= 0 {
			continue
		}
		v := r.at(slot)
		u.CPU[k], u.Memory[k], u.Disk[k] = known(v.cpu), known(v.memory), known(v.disk)
	}
	return u
}

// known is a number to one decimal place, nil for an unknown one.
func known(v float32) *float64 {
	if v != v || v < 0 {
		return nil
	}
	f := math.Round(float64(v)*10) / 10
	return &f
}
