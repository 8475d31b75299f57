package web

import (
	"math"
	"testing"
)

func of(values ...float64) (out []*float64) {
	for _, v := range values {
		if math.IsInf(v, -1) { // stands for nothing known
			out = append(out, nil)
			continue
		}
		out = append(out, &v)
	}
	return out
}

func TestALineOfFiguresIsSummarisedByWhatIsKnown(t *testing.T) {
	none := math.Inf(-1)
	if s := Summarise(of(none, none)); s.Known {
		t.Errorf("of nothing it knows %v", s)
	}
	if s := Summarise(of(3, none, 1, math.NaN(), 2, none)); !s.Known || s.Now != 2 || s.Least != 1 || s.Most != 3 {
		t.Errorf("%+v", s)
	}
	if s := Summarise(of(5, none, none, none, none)); !s.Known || !math.IsNaN(s.Now) {
		t.Errorf("what was long ago is told as now: %+v", s)
	}
}

func TestAmountsAreWrittenAsPeopleReadThem(t *testing.T) {
	for want, c := range map[string]struct {
		v    float64
		unit string
	}{"0.4 %": {0.42, "%"}, "48 MB": {48.3, "MB"}, "1.2 GB": {1234, "MB"}, "1 GB": {999.6, "MB"}, "0 %": {0, "%"}, "10 %": {9.96, "%"}, "?": {math.NaN(), "%"}} {
		if got := Amount(c.v, c.unit); got != want {
			t.Errorf("Amount(%v, %s) = %q, want %q", c.v, c.unit, got, want)
		}
	}
}
