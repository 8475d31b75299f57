package web

import (
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// Charts are what something used, for the parts "charts" (large ones, which
// charts.ts makes of them) and "sparks" (small ones in a row). Both are drawn on the
// server first, and told in words.
type Charts struct {
	Src   string // where charts.ts finds them as JSON, without the range: "/apps/wiki/usage.json"
	Page  string // the page that shows them, for the links that choose a range without a script
	Range string // agent.LastHour or agent.LastDay
	Lines []Chart
}

// Chart is one line of what something used.
type Chart struct {
	Key    string     `json:"key"` // cpu, memory or disk
	Title  string     `json:"title"`
	Unit   string     `json:"unit"` // "%" or "MB"
	Points []*float64 `json:"-"`
	Limit  float64    `json:"limit,omitempty"` // what there is in all, 0 where that says nothing
	Now    string     `json:"now"`             // the last value in words
	Text   string     `json:"text"`            // the line in one sentence
}

// Summary is a line of numbers in few.
type Summary struct {
	Known            bool // false where no point has a value; the rest is 0 then
	Now, Least, Most float64
}

// Summarise looks at the points that have a value. Now is the last one that has, of
// the last four: what was true before that is not how things are.
func Summarise(points []*float64) Summary {
	var s Summary
	for k, p := range points {
		if p == nil || math.IsNaN(*p) || math.IsInf(*p, 0) {
			continue
		}
		if !s.Known {
			s = Summary{Known: true, Now: math.NaN(), Least: *p, Most: *p}
		}
		s.Least, s.Most = min(s.Least, *p), max(s.Most, *p)
		if k >= len(points)-4 {
			s.Now = *p
		}
	}
	return s
}

// ReadRange is the range that a page was asked for; hour for anything unknown.
func ReadRange(asked string) string {
	if asked == agent.LastDay {
		return agent.LastDay
	}
	return agent.LastHour
}

// Charts makes charts of what was used. A line of which nothing at all is known is
// left out.
func (c *Ctx) Charts(u agent.Usage, span, src, page string) Charts {
	out := Charts{Src: src, Page: page, Range: span}
	add := func(key, title, unit string, points []*float64, limit int) {
		s := Summarise(points)
		if !s.Known {
			return
		}
		chart := Chart{Key: key, Title: title, Unit: unit, Points: points, Limit: float64(max(0, limit)), Now: c.T("not known")}
		if !math.IsNaN(s.Now) {
			chart.Now = Amount(s.Now, unit)
			if unit == "MB" && limit > 0 {
				chart.Now = c.T("%s of %s", chart.Now, Amount(float64(limit), unit))
				if n, same := strings.CutSuffix(Amount(s.Now, unit), " MB"); same && limit < 1000 {
					chart.Now = c.T("%s of %s", n, Amount(float64(limit), unit)) // room is scarce on a phone
				}
			}
		}
		chart.Text = c.T("Between %s and %s in the last hour.", Amount(s.Least, unit), Amount(s.Most, unit))
		if span == agent.LastDay {
			chart.Text = c.T("Between %s and %s in the last day.", Amount(s.Least, unit), Amount(s.Most, unit))
		}
		out.Lines = append(out.Lines, chart)
	}
	add("cpu", c.T("Processor"), "%", u.CPU, 0)
	add("memory", c.T("Memory"), "MB", u.Memory, u.MemoryTotal)
	add("disk", c.T("Disk"), "MB", u.Disk, u.DiskTotal)
	return out
}

// Amount is a number with its unit as people read it: "0.4 %", "48 MB", "1.2 GB".
func Amount(v float64, unit string) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "?"
	case unit == "MB" && math.Round(math.Abs(v)) >= 1000:
		return short(v/1000) + " GB"
	}
	return short(v) + " " + unit
}

// short has one place behind the point below ten, none above.
func short(v float64) string {
	if math.Abs(v) >= 9.95 {
		return fmt.Sprintf("%.0f", v)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// chartData is what charts.ts draws from.
type chartData struct {
	Range  string                `json:"range"`
	Step   int                   `json:"step"` // seconds until there is a new point
	Times  []int64               `json:"times"`
	Charts []Chart               `json:"charts"`
	Values map[string][]*float64 `json:"values"` // by the chart's key
}

// SendCharts answers with charts as JSON.
func (c *Ctx) SendCharts(u agent.Usage, span string) error {
	charts := c.Charts(u, span, "", "")
	data := chartData{Range: span, Step: max(1, int(u.Step.Seconds())), Times: u.Times, Charts: charts.Lines, Values: map[string][]*float64{}}
	for _, line := range charts.Lines {
		data.Values[line.Key] = finite(line.Points, len(u.Times))
	}
	return c.Echo.JSON(http.StatusOK, data)
}

// finite are as many points as there are times, of numbers that JSON can say.
func finite(points []*float64, n int) []*float64 {
	out := make([]*float64, n)
	for k, p := range points {
		if k < n && p != nil && !math.IsNaN(*p) && !math.IsInf(*p, 0) {
			out[k] = p
		}
	}
	return out
}
