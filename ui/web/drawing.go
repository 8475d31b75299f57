package web

import (
	"fmt"
	"html/template"
	"math"
	"strings"

	"rsc.io/qr"

	"github.com/dentropy/dcloud/ui/assets"
)

// What parts draw on the server. Widths are SVG attributes, since the panel's pages
// have no inline styles.

// Meter is how much of something is used.
type Meter struct {
	Label, Text string
	Percent     int    // -1 where nothing is known
	Level       string // ok, warn, bad
}

// meterOf reads the data of the part "meter".
func meterOf(d map[string]any) Meter {
	used, total := integer(d["Used"]), integer(d["Total"])
	m := Meter{Label: fmt.Sprint(d["Label"]), Percent: -1, Level: "ok"}
	if text, ok := d["Text"].(string); ok {
		m.Text = text
	}
	if used < 0 || total <= 0 {
		return m
	}
	m.Percent = int(min(100, math.Round(float64(used)/float64(total)*100)))
	switch {
	case m.Percent >= 95:
		m.Level = LevelBad
	case m.Percent >= 85:
		m.Level = LevelWarn
	}
	return m
}

func integer(v any) int64 {
	switch n := v.(type) {
	case int:
		return int64(n)
	case int64:
		return n
	case uint64:
		return int64(n)
	case float64:
		return int64(n)
	}
	return -1
}

// Spark is a line of what something used.
type Spark struct {
	Lines []string // points of polylines; where nothing was known the line has a gap
	Areas []string // the same, down to the ground
}

// Size of a spark's drawing, in its own units.
const sparkWidth, sparkHeight = 100.0, 28.0

// sparkOf scales values from zero to the highest of them.
func sparkOf(values []*float64) Spark {
	highest := 0.0
	for _, v := range values {
		if v != nil && !math.IsNaN(*v) && !math.IsInf(*v, 0) {
			highest = max(highest, *v)
		}
	}
	if highest == 0 {
		highest = 1
	}
	var s Spark
	var points []string
	var first, last float64
	flush := func() {
		if len(points) > 1 {
			line := strings.Join(points, " ")
			s.Lines = append(s.Lines, line)
			s.Areas = append(s.Areas, fmt.Sprintf("%.1f,%g %s %.1f,%g", first, sparkHeight, line, last, sparkHeight))
		}
		points = nil
	}
	for k, v := range values {
		if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
			flush()
			continue
		}
		last = float64(k) / float64(max(1, len(values)-1)) * sparkWidth
		if len(points) == 0 {
			first = last
		}
		points = append(points, fmt.Sprintf("%.1f,%.1f", last, sparkHeight-2-max(0, *v)/highest*(sparkHeight-4)))
	}
	flush()
	return s
}

// qrOf draws a text as a QR code, as one path of rows of squares. A text that is too
// long for one gives nothing: the text itself stands beside it.
func qrOf(text string) template.HTML {
	code, err := qr.Encode(text, qr.L)
	if err != nil {
		return ""
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from, y, x-from, x-from)
		}
	}
	const quiet = 3 // modules; readers ask for four on printed paper, and do with less on a white card
	side := code.Size + 2*quiet
	// Nothing of the text itself is in it: numbers alone.
	return template.HTML(fmt.Sprintf(`<svg viewBox="-%d -%d %d %d" width="%d" height="%d" shape-rendering="crispEdges" aria-hidden="true"><path d="%s"/></svg>`,
		quiet, quiet, side, side, side*4, side*4, path.String()))
}

// ringOf keeps a percentage between 0 and 100; -1 stands for one that is not known.
func ringOf(percent any) int {
	n := integer(percent)
	if n < 0 {
		return -1
	}
	return int(min(100, n))
}

// iconURL and iconSize are the data of the part "app-icon".
//
// An entry of a store, STORE/ENTRY, has the icon of the app of that name: nothing is
// loaded from elsewhere.
func iconURL(entry any) string {
	name := fmt.Sprint(entry)
	return assets.IconURL(name[strings.LastIndexByte(name, '/')+1:])
}

func iconSize(size any) int {
	switch size {
	case "large":
		return 96
	case "small":
		return 40
	}
	return 60
}
