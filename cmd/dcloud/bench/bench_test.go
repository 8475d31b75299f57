package main

import "testing"

const rollup = `00400000-7ffd2a5f9000 ---p 00000000 00:00 0    [rollup]
Rss:              104124 kB
Pss:               98765 kB
Pss_Dirty:         15360 kB
Pss_Anon:          12345 kB
Pss_File:          86420 kB
`

func TestAFootprintIsPSSAndItsAnonymousPart(t *testing.T) {
	f, err := parseRollup([]byte(rollup))
	if err != nil || f.pss != 98765 || f.anon != 12345 {
		t.Errorf("got %+v, %v", f, err)
	}
	for _, broken := range []string{"", "Pss: 1 kB\n", "Pss: x kB\nPss_Anon: 1 kB\n"} {
		if _, err := parseRollup([]byte(broken)); err == nil {
			t.Errorf("%q is taken", broken)
		}
	}
}

func FuzzParseRollup(f *testing.F) {
	f.Add([]byte(rollup))
	f.Add([]byte("Pss:\nPss_Anon"))
	f.Fuzz(func(t *testing.T, text []byte) { parseRollup(text) })
}

func TestMediansAndPercentilesAreOfTheSortedSeries(t *testing.T) {
	series := []float64{5, 1, 4, 2}
	for _, c := range []struct{ got, want float64 }{
		{median(series), 3}, {median(series[:3]), 4}, {median(nil), 0},
		{percentile(series, 50), 2}, {percentile(series, 99), 5}, {percentile(series, 0), 1}, {percentile(nil, 99), 0},
	} {
		if c.got != c.want {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

func TestATargetIsMetUpToItsValue(t *testing.T) {
	r := &report{}
	r.add(ratio("r", "", []float64{9, 9, 9}, []float64{10, 10, 10}).atMost(0.9), figure{Value: 1.01}.atMost(1), figure{Value: 7})
	if f := r.Figures; !*f[0].Met || *f[1].Met || f[2].Met != nil {
		t.Errorf("got %+v", f)
	}
}

func TestAFloorIsMetFromItsValue(t *testing.T) {
	r := &report{}
	r.add(figure{Value: 0.9}.atLeast(0.9), figure{Value: 0.89}.atLeast(0.9), figure{}.atMost(0))
	if f := r.Figures; !*f[0].Met || *f[1].Met || !*f[2].Met {
		t.Errorf("got %+v", f)
	}
	for k, want := range []string{"≥ 0.9", "≥ 0.9", "≤ 0"} {
		if got := r.Figures[k].target(); got != want {
			t.Errorf("the target is shown as %q, not %q", got, want)
		}
	}
}

func TestASectionIsAskedForByItsNameOrThatOfTheWhole(t *testing.T) {
	for _, c := range []struct {
		section, wanted string
		part            bool
	}{
		{"pool.join", "pool", true}, {"pool.join", "pool.join", true}, {"install", "install", true},
		{"pool.join", "pool.jo", false}, {"pool.join", "po", false}, {"pool.join", "", false}, {"install", "pool", false},
	} {
		if got := partOf(c.section, c.wanted); got != c.part {
			t.Errorf("whether %q is part of %q: %v", c.section, c.wanted, got)
		}
	}
	names := map[string]bool{}
	for _, s := range sections {
		if names[s.name] {
			t.Errorf("two sections are called %s", s.name)
		}
		names[s.name] = true
	}
}
