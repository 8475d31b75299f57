package provisioning

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// What a machine must have at least. The engines take about 300 MB, of which
// the kernel can drop two thirds; a Pi with 1 GB shows some 920 MB.
const (
	minMemoryMB  = 512
	minDataFree  = 2 << 30 // images and volumes of a first few apps
	minCacheFree = 1 << 30 // three engines of up to 180 MB, twice while one is replaced
	minYear      = 2026    // certificates that are made before this are of no use later
)

// Needs are what the cloud is going to want from this machine.
type Needs struct {
	DataDir  string
	CacheDir string
	Listen   []Listen
	// Owned says whether a process is one of our own engines, whose ports do not
	// count as taken. Nil: none is.
	Owned func(pid int) bool
	// Running: the cloud runs here already. The ports are its own then, and the
	// space that it has filled is no reason against running `up` again.
	Running bool
}

// Problem is one thing that is in the way, and what to do about it.
type Problem struct {
	Message string
	Hint    string
}

// Preflight tells all that is in the way before anything is changed. As an
// action it has nothing to apply: its check passes, or fails with all problems.
func Preflight(n Needs) Action {
	return Action{
		Name: "This machine",
		Check: func(ctx context.Context) (bool, string, error) {
			f, err := GatherFacts(n.DataDir, n.CacheDir)
			// The kernel gives a port back a moment after the process that held it
			// died, such as an engine that was killed just now.
			for tries := 0; err == nil && tries < 30 && orphaned(f, n) && ctx.Err() == nil; tries++ {
				time.Sleep(100 * time.Millisecond)
				f, err = GatherFacts(n.DataDir, n.CacheDir)
			}
			if err != nil {
				return false, "", err
			}
			problems, warnings := Judge(f, n)
			if len(problems) > 0 {
				return false, "", AsError(problems)
			}
			detail := fmt.Sprintf("%s, %s, %d MB of memory, %d GB free", f.OS.Name(), f.Arch, f.MemoryMB, f.DataFree>>30)
			return true, strings.Join(append([]string{detail}, warnings...), "; "), nil
		},
		Apply: func(context.Context, func(Progress)) error { return nil },
	}
}

// AsError makes one error of several problems, each on a line with what to do.
func AsError(problems []Problem) *Error {
	if len(problems) == 1 {
		return &Error{Message: problems[0].Message, Hint: problems[0].Hint}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "this machine is not ready: %d things are in the way", len(problems))
	for _, p := range problems {
		fmt.Fprintf(&b, "\n  - %s: %s", p.Message, p.Hint)
	}
	return &Error{Message: b.String(), Hint: "mend these and run the same command again"}
}

// Judge compares facts with needs. Problems are in the way; warnings are not.
func Judge(f Facts, n Needs) (problems []Problem, warnings []string) {
	add := func(hint, format string, args ...any) {
		problems = append(problems, Problem{fmt.Sprintf(format, args...), hint})
	}
	if f.UID != 0 {
		add("run the same command with sudo", "setting a machine up needs root")
	}
	ok, warning := f.OS.supported()
	if !ok {
		add("use Debian 11, Ubuntu 22.04, Raspberry Pi OS 11 or a newer release of these", "%s is not supported", f.OS.Name())
	}
	if warning != "" {
		warnings = append(warnings, warning)
	}
	if !supportedArch(f) {
		add("use a 64-bit PC (amd64), or an ARM machine of version 7 or 8, such as a Raspberry Pi 2 or newer",
			"the architecture %s (%s) is not supported", f.Arch, f.Machine)
	}
	if f.MemoryMB < minMemoryMB {
		add("use a machine with 1 GB or more", "there are %d MB of memory, %d MB are needed", f.MemoryMB, minMemoryMB)
	}
	if !n.Running {
		disk(add, f, n)
		ports(add, f, n)
	}
	if f.Now.Year() < minYear {
		add("set it: timedatectl set-ntp true, or date -s 'YYYY-MM-DD hh:mm'", "the clock says %s", f.Now.Format("2 January 2006"))
	}
	if f.MemoryCgroup == "no" {
		add("add cgroup_enable=memory cgroup_memory=1 to the line in /boot/firmware/cmdline.txt (older systems: /boot/cmdline.txt) and reboot",
			"the kernel runs without the memory cgroup, by which apps get their limits")
	}
	if len(f.Missing) > 0 {
		add("install the distribution's own kernel (apt install linux-image-generic or linux-image-"+f.Arch+") and reboot",
			"the kernel lacks what Docker needs: %s", strings.Join(f.Missing, ", "))
	}
	return problems, warnings
}

func supportedArch(f Facts) bool {
	switch f.Arch {
	case "amd64", "arm64":
		return true
	case "arm": // a 32-bit system on a 64-bit kernel says aarch64
		return strings.HasPrefix(f.Machine, "armv7") || strings.HasPrefix(f.Machine, "armv8") || f.Machine == "aarch64"
	}
	return false
}

func disk(add func(string, string, ...any), f Facts, n Needs) {
	const hint = "make room there, or name another directory with "
	if f.DataFree < minDataFree {
		add(hint+"--data-dir", "%d MB are free at %s, %d MB are needed", f.DataFree>>20, n.DataDir, minDataFree>>20)
	}
	if f.CacheFree < minCacheFree {
		add("make room there", "%d MB are free at %s, %d MB are needed", f.CacheFree>>20, n.CacheDir, minCacheFree>>20)
	}
}

// orphaned tells whether a port that we need is held by no process, although root
// sees them all.
func orphaned(f Facts, n Needs) bool {
	if f.UID != 0 || n.Running {
		return false
	}
	for _, l := range n.Listen {
		for _, s := range f.Sockets {
			if l.clashes(s) && s.PID == 0 {
				return true
			}
		}
	}
	return false
}

func ports(add func(string, string, ...any), f Facts, n Needs) {
	for _, l := range n.Listen {
		for _, s := range f.Sockets {
			if !l.clashes(s) || s.PID != 0 && n.Owned != nil && n.Owned(s.PID) {
				continue
			}
			holder := "another process"
			hint := "see which with: sudo ss -lntup 'sport = :" + fmt.Sprint(l.Port) + "', and stop it"
			if s.PID != 0 {
				holder = fmt.Sprintf("%s (process %d)", s.Process, s.PID)
				hint = "stop " + s.Process
			}
			if l.Flag != "" {
				hint += fmt.Sprintf(", or choose another port with %s %d", l.Flag, freePort(f.Sockets, l))
			}
			add(hint, "port %d on %s, which %s needs, is taken by %s", l.Port, shown(s), l.What, holder)
			break // one holder is enough to tell: IPv4 and IPv6 are often the same
		}
	}
}

func shown(s Socket) string {
	if s.Addr.Addr().IsUnspecified() {
		return "all addresses"
	}
	return s.Addr.Addr().String()
}

// freePort is a port that looks like the wanted one and is free: 80 -> 8080, 443 -> 8443.
func freePort(sockets []Socket, l Listen) int {
	port := l.Port + 1
	if l.Port < 1000 {
		port = 8000 + l.Port
	}
	for ; port < 65535; port++ {
		free := true
		for _, s := range sockets {
			free = free && !(Listen{Network: l.Network, Address: l.Address, Port: port}).clashes(s)
		}
		if free {
			break
		}
	}
	return port
}
