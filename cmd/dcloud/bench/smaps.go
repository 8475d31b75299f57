package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// footprint is what processes hold in memory, in KiB: the proportional set size,
// in which a page that n processes map counts as an nth, and the part of it that
// is no file's and so can never be given back (proc_pid_smaps_rollup(5)).
type footprint struct{ pss, anon int64 }

func (f footprint) plus(g footprint) footprint { return footprint{f.pss + g.pss, f.anon + g.anon} }

func mib(kib int64) float64 { return float64(kib) / 1024 }

// footprintOf measures one process.
func footprintOf(pid int) (f footprint, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return f, err
	}
	return parseRollup(text)
}

func parseRollup(text []byte) (f footprint, err error) {
	found := 0
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		var to *int64
		switch name {
		case "Pss":
			to = &f.pss
		case "Pss_Anon":
			to = &f.anon
		default:
			continue
		}
		if *to, err = strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64); err != nil {
			return f, fmt.Errorf("smaps_rollup: %w", err)
		}
		found++
	}
	if found != 2 {
		return f, errors.New("smaps_rollup tells no Pss or no Pss_Anon")
	}
	return f, nil
}

// footprints measures all processes in a host's network namespace, by program:
// Docker and its helpers, the agent and the engines. An app's own processes are in
// a namespace of their container, so they are not among them.
func footprints(netns string) (map[string]footprint, error) {
	var ns unix.Stat_t
	if err := unix.Stat(netns, &ns); err != nil {
		return nil, err
	}
	procs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, err
	}
	sums := map[string]footprint{}
	for _, proc := range procs {
		var st unix.Stat_t
		if unix.Stat(proc+"/ns/net", &st) != nil || st.Dev != ns.Dev || st.Ino != ns.Ino {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(proc))
		if err != nil {
			return nil, err
		}
		f, err := footprintOf(pid)
		if errors.Is(err, syscall.ESRCH) || errors.Is(err, fs.ErrNotExist) {
			continue // it has ended meanwhile
		}
		if err != nil {
			return nil, err
		}
		comm, _ := os.ReadFile(proc + "/comm")
		name := strings.TrimSpace(string(comm))
		sums[name] = sums[name].plus(f)
	}
	if _, there := sums["containerd"]; !there {
		// Containers would then be the other's, and their helpers not be counted.
		return nil, errors.New("the lab's Docker uses a containerd that runs outside of the lab; stop that one for the time of the benchmark")
	}
	return sums, nil
}

func total(sums map[string]footprint) (f footprint) {
	for _, s := range sums {
		f = f.plus(s)
	}
	return f
}
