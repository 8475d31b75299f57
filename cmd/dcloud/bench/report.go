package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// figure is one line of the table. Its value is the median of its runs.
type figure struct {
	ID     string    `json:"id"`
	What   string    `json:"what"`
	Value  float64   `json:"value"`
	Unit   string    `json:"unit"` // "s", "ms", "MiB", "MB/s", "" for a ratio or a count
	Runs   []float64 `json:"runs"` // rounded
	Target *float64  `json:"target,omitempty"`
	Floor  bool      `json:"at_least,omitempty"` // the target is the least, not the most
	Met    *bool     `json:"met,omitempty"`
	Note   string    `json:"note,omitempty"`
}

func (f figure) atMost(target float64) figure {
	f.Target = &target
	return f
}

func (f figure) atLeast(target float64) figure {
	f.Target, f.Floor = &target, true
	return f
}

// target is what is asked of the figure, in the table.
func (f figure) target() string {
	switch {
	case f.Target == nil:
		return ""
	case f.Floor:
		return "≥ " + number(*f.Target)
	}
	return "≤ " + number(*f.Target)
}

// ratio compares two series that were measured in turns: the median of one over
// that of the other. Its runs are the ratios of each turn.
func ratio(id, what string, ours, theirs []float64) figure {
	f := figure{ID: id, What: what, Value: median(ours) / median(theirs)}
	for k := range ours {
		f.Runs = append(f.Runs, ours[k]/theirs[k])
	}
	return f
}

// median of a series, the mean of the two in the middle where there is no one; 0 of none.
func median(series []float64) float64 {
	s := slices.Sorted(slices.Values(series))
	if len(s) == 0 {
		return 0
	}
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// percentile of a series: the smallest value that p percent of them do not exceed.
func percentile(series []float64, p float64) float64 {
	s := slices.Sorted(slices.Values(series))
	if len(s) == 0 {
		return 0
	}
	return s[max(0, int(math.Ceil(p/100*float64(len(s))))-1)]
}

// report is what a run found out.
type report struct {
	Version string    `json:"version"`
	Time    time.Time `json:"time"`
	CPUs    int       `json:"cpus"`
	Memory  int       `json:"memory_mb"`
	Arch    string    `json:"arch"`
	Figures []figure  `json:"figures"`
}

func (r *report) describe(version string) error {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return err
	}
	var kb int
	if _, err := fmt.Sscanf(string(text), "MemTotal: %d kB", &kb); err != nil {
		return fmt.Errorf("read the machine's memory: %w", err)
	}
	version, _, _ = strings.Cut(strings.TrimSpace(version), "\n")
	r.Version, r.Time, r.CPUs, r.Memory, r.Arch = version, time.Now().UTC().Truncate(time.Second), runtime.NumCPU(), kb>>10, runtime.GOARCH
	return nil
}

// add takes figures in; a value that is not given is the median of the runs.
func (r *report) add(figures ...figure) {
	for _, f := range figures {
		if f.Value == 0 {
			f.Value = median(f.Runs)
		}
		f.Value = rounded(f.Value)
		for k, v := range f.Runs {
			f.Runs[k] = rounded(v)
		}
		if f.Target != nil {
			met := f.Value <= *f.Target
			if f.Floor {
				met = f.Value >= *f.Target
			}
			f.Met = &met
		}
		r.Figures = append(r.Figures, f)
	}
}

func rounded(v float64) float64 { return math.Round(v*1000) / 1000 }

func (r *report) print(w io.Writer) {
	fmt.Fprintf(w, "%s on %d processors (%s), %d MB of memory, %s\n\n", r.Version, r.CPUs, r.Arch, r.Memory, r.Time.Format(time.DateOnly))
	tw := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(tw, "| figure\t| value\t| least to most\t| target\t|\t")
	fmt.Fprintln(tw, "| ---\t| ---\t| ---\t| ---\t| ---\t|")
	for _, f := range r.Figures {
		spread, met := "", ""
		if len(f.Runs) > 1 {
			spread = number(slices.Min(f.Runs)) + " to " + number(slices.Max(f.Runs))
		}
		if f.Target != nil {
			met = "missed"
			if *f.Met {
				met = "met"
			}
		}
		what := f.What
		if f.Note != "" {
			what += " (" + f.Note + ")"
		}
		fmt.Fprintf(tw, "| %s\t| %s %s\t| %s\t| %s\t| %s\t|\n", what, number(f.Value), f.Unit, spread, f.target(), met)
	}
	tw.Flush()
}

// number is written with as many places as mean something.
func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 1:
		return strings.TrimSuffix(fmt.Sprintf("%.2f", v), ".00")
	}
	return fmt.Sprintf("%.3g", v)
}

func (r *report) write(path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}
