package cloudtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// longestLine is how much of a line a report shows, in bytes.
const longestLine = 400

// section writes a part of a report, unless it is empty.
func section(b *strings.Builder, title, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	fmt.Fprintf(b, "-- %s\n", title)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if len(line) > longestLine {
			line = strings.ToValidUTF8(line[:longestLine], "") + "…"
		}
		fmt.Fprintf(b, "   %s\n", line)
	}
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func firstLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[:min(len(lines), n)], "\n")
}

// Marks of lines that warn or tell of an error, as HashiCorp's engines, Traefik and Go
// make them; and what each healthy run has of such.
var (
	complaintMarks = []string{"[WARN]", "[ERROR]", " WRN ", " ERR ", "panic:", "fatal error:"}
	harmlessMarks  = []string{"error creating task api socket", "ACL not found", "Traefik can reject some encoded characters"}
)

// complaints are the lines of an engine's log that warn or tell of an error, each once.
func complaints(log string) string {
	var b strings.Builder
	seen := map[string]bool{}
	for line := range strings.Lines(log) {
		has := func(mark string) bool { return strings.Contains(line, mark) }
		if slices.ContainsFunc(complaintMarks, has) && !slices.ContainsFunc(harmlessMarks, has) && !seen[line] {
			seen[line] = true
			b.WriteString(line)
		}
	}
	return b.String()
}

// allocation is what a report tells of one of Nomad's.
type allocation struct {
	ID, JobID, NodeName         string
	ClientStatus, DesiredStatus string
	JobVersion                  int
	CreateTime                  int64 // nanoseconds
	TaskStates                  map[string]struct {
		State    string
		Failed   bool
		Restarts int
		Events   []struct {
			Type, DisplayMessage string
			Time                 int64 // nanoseconds
		}
	}
}

// How many allocations a report tells of, the newest, and how many of the latest
// events of each task.
const (
	allocationsTold = 6
	eventsTold      = 3
)

// allocationLines tells of the newest allocations, the newest last: a line for each,
// and one for each of its tasks.
func allocationLines(list []allocation) string {
	slices.SortFunc(list, func(a, b allocation) int { return cmp.Compare(a.CreateTime, b.CreateTime) })
	var b strings.Builder
	for _, a := range list[max(0, len(list)-allocationsTold):] {
		fmt.Fprintf(&b, "%s v%d %.8s on %s, made %s: %s, should %s\n", a.JobID, a.JobVersion, a.ID, a.NodeName, clock(a.CreateTime), a.ClientStatus, a.DesiredStatus)
		var tasks []string
		for name := range a.TaskStates {
			tasks = append(tasks, name)
		}
		slices.Sort(tasks)
		for _, name := range tasks {
			t := a.TaskStates[name]
			fmt.Fprintf(&b, "  %s %s", name, t.State)
			if t.Failed {
				b.WriteString(", failed")
			}
			if t.Restarts > 0 {
				fmt.Fprintf(&b, ", %d restarts", t.Restarts)
			}
			for _, e := range t.Events[max(0, len(t.Events)-eventsTold):] {
				fmt.Fprintf(&b, "; %s %s: %.100s", clock(e.Time), e.Type, strings.ReplaceAll(e.DisplayMessage, "\n", " "))
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func clock(nanoseconds int64) string { return time.Unix(0, nanoseconds).Format("15:04:05") }
