package engine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"time"
)

// found is a running engine as /proc shows it.
type found struct {
	marker
	pid int
	stat
}

// stat is the part of /proc/PID/stat that we need (proc_pid_stat(5)).
type stat struct {
	state   byte   // R, S, D, Z, …
	ppid    int    // field 4
	session int    // field 6
	start   uint64 // field 22, clock ticks since boot: with the pid it names a process for good
}

// parseStat reads the text of /proc/PID/stat. The command's name, in parentheses, may
// itself hold spaces and parentheses.
func parseStat(b []byte) (stat, error) {
	i := bytes.LastIndexByte(b, ')')
	if i < 0 {
		return stat{}, errors.New("no command name")
	}
	f := bytes.Fields(b[i+1:]) // f[0] is field 3
	if len(f) < 20 || len(f[0]) != 1 {
		return stat{}, fmt.Errorf("%d fields after the command name", len(f))
	}
	ppid, err1 := strconv.Atoi(string(f[1]))
	session, err2 := strconv.Atoi(string(f[3]))
	start, err3 := strconv.ParseUint(string(f[19]), 10, 64)
	return stat{f[0][0], ppid, session, start}, errors.Join(err1, err2, err3)
}

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

func readStat(pid int) (stat, error) {
	b, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return stat{}, err
	}
	return parseStat(b)
}

// alive tells whether the process still runs. A zombie does not.
func (s stat) alive() bool { return s.state != 'Z' && s.state != 'X' }

// errExecuting: the process is in the middle of execve and has no environment yet.
var errExecuting = errors.New("is just being executed")

// identify reads the marker of a process and checks that it is its own.
func identify(pid int) (f found, ok bool, err error) {
	f.pid = pid
	if f.stat, err = readStat(pid); err != nil {
		return f, false, nil
	}
	// Engines are session leaders (Setsid). Few processes are, so this saves most of
	// the reading, and it leaves out the children of an engine between fork and exec,
	// which still show the engine's command line.
	if f.session != pid || !f.alive() {
		return f, false, nil
	}
	environ, err := os.ReadFile(procFile(pid, "environ"))
	if err != nil {
		return f, false, nil // gone, or another user's
	}
	cmdline, _ := os.ReadFile(procFile(pid, "cmdline"))
	if len(environ) == 0 && len(cmdline) == 0 {
		if _, err := os.Readlink(procFile(pid, "exe")); err == nil {
			return f, false, errExecuting
		}
	}
	m, ok := parseMarker(environ)
	f.marker = m
	if !ok || !m.owns(cmdline) || !samePidNamespace(pid) {
		return f, false, nil
	}
	return f, true, nil
}

// samePidNamespace keeps a container from posing as an engine: anyone can set a
// variable, but a container has process ids of its own.
func samePidNamespace(pid int) bool {
	ours, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return true // a kernel without namespaces has no containers either
	}
	theirs, err := os.Readlink(procFile(pid, "ns/pid"))
	return err == nil && ours == theirs
}

// scan lists the engines of a state directory that run, oldest first.
//
// The caller holds the directory's lock, so no fork of an earlier supervisor is
// between fork and exec (lock.go). The few instructions in which execve has closed the
// lock but not yet put the environment in place are waited out, at most a second.
func scan(state string) ([]found, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look for running engines: %w", err)
	}
	patience := 200
	var all []found
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		f, ok, err := identify(pid)
		for ; err != nil && patience > 0; patience-- {
			time.Sleep(5 * time.Millisecond)
			f, ok, err = identify(pid)
		}
		if ok && f.marker.state == state {
			all = append(all, f)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].start < all[j].start })
	return withoutChildren(all), nil
}

// withoutChildren drops what an engine has just forked and not yet executed.
func withoutChildren(all []found) []found {
	pids := map[int]bool{}
	for _, f := range all {
		pids[f.pid] = true
	}
	var kept []found
	for _, f := range all {
		if !pids[f.ppid] {
			kept = append(kept, f)
		}
	}
	return kept
}
