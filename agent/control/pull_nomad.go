package control

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// nomadPull is how Nomad's Docker driver tells a pull, each two minutes:
// "Docker image pull progress: Pulled 2/5 (1.2MiB/34MiB) layers: 1 waiting/2 pulling -
// est 3.5s remaining" (drivers/docker/progress.go).
var nomadPull = regexp.MustCompile(`Pulled \d{1,4}/(\d{1,4}) \(([0-9.e+]{1,12})([KMGT]?i?B)/([0-9.e+]{1,12})([KMGT]?i?B)\) layers: (\d{1,4}) waiting/\d{1,4} pulling(?: - est ([0-9.]{1,12})s remaining)?`)

// tellDriver tells what Nomad's driver says of a task, unless it is of a pull of which
// Docker itself tells more.
func (w *watcher) tellDriver(name, text string) {
	bytes, total, left, pulls := readNomadPull(text)
	if !pulls {
		w.p.update(agent.StagePull, name+": "+text, percentAt[agent.StagePull])
		return
	}
	if w.pulls.tells() {
		return
	}
	percent := percentAt[agent.StagePull]
	if total > 0 {
		percent += int(float64(bytes) / float64(total) * float64(percentAt[agent.StageStart]-percent))
	}
	w.p.send(agent.Event{
		Stage: agent.StagePull, State: agent.EventProgress, Message: name + ": " + pullWords(bytes, total, left), Percent: percent,
		Bytes: bytes, Total: total, Left: left,
	})
}

// readNomadPull reads Nomad's words for a pull. total is 0 while layers wait, whose
// size is not in it yet.
func readNomadPull(text string) (bytes, total int64, left int, ok bool) {
	m := nomadPull.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, 0, false
	}
	bytes, okBytes := readSize(m[2], m[3])
	total, okTotal := readSize(m[4], m[5])
	if !okBytes || !okTotal || bytes > total {
		return 0, 0, 0, false
	}
	if m[6] != "0" {
		return bytes, 0, 0, true
	}
	if seconds, err := strconv.ParseFloat(m[7], 64); err == nil && seconds < 24*60*60 {
		left = int(seconds + 0.5)
	}
	return bytes, total, left, true
}

// readSize reads "1.2" and "MiB".
func readSize(number, unit string) (int64, bool) {
	f, err := strconv.ParseFloat(number, 64)
	if err != nil || f < 0 {
		return 0, false
	}
	for _, u := range "KMGT" {
		f *= 1024
		if strings.HasPrefix(unit, string(u)) {
			break
		}
	}
	if unit == "B" {
		f, _ = strconv.ParseFloat(number, 64)
	}
	if f > 1<<50 {
		return 0, false
	}
	return int64(f), true
}
