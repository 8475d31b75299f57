package engine

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// An engine's program is 100 to 170 MB, and its start walks through most of it:
// command trees, drivers, protocols that are never used here. slim lets go of the
// pages that were read from the program, once the start is over. Those that the
// engine still needs come back by themselves as it runs; measured, Consul and Nomad
// keep 45 MB less each.

// slim gives the pages of files that a process has mapped and not changed back to
// the kernel, and returns how many MiB it looked at. It changes nothing that the
// process could notice but the time of its next few accesses. An error says that
// this kernel cannot (process_madvise(2) is from 5.10) and can be ignored.
func slim(pid int) (lookedAt int, err error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return 0, fmt.Errorf("open process %d: %w", pid, err)
	}
	defer unix.Close(fd)
	maps, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, err
	}
	defer maps.Close()
	lines := bufio.NewScanner(maps)
	for lines.Scan() {
		start, length, ok := programPages(lines.Text())
		if !ok {
			continue
		}
		area := unix.RemoteIovec{Base: start, Len: length}
		n, _, errno := unix.Syscall6(unix.SYS_PROCESS_MADVISE, uintptr(fd), uintptr(unsafe.Pointer(&area)), 1, unix.MADV_PAGEOUT, 0, 0)
		if errno != 0 {
			return lookedAt, fmt.Errorf("page out process %d: %w", pid, errno)
		}
		lookedAt += int(n >> 20)
	}
	return lookedAt, lines.Err()
}

// programPages reads a line of /proc/PID/maps (proc_pid_maps(5)): where the mapping
// begins, how long it is, and whether it is a file's and cannot be written.
func programPages(line string) (start uintptr, length int, ok bool) {
	f := strings.Fields(line)
	if len(f) < 6 || !strings.HasPrefix(f[5], "/") || len(f[1]) < 2 || f[1][1] == 'w' {
		return 0, 0, false
	}
	from, to, found := strings.Cut(f[0], "-")
	a, err1 := strconv.ParseUint(from, 16, 64)
	b, err2 := strconv.ParseUint(to, 16, 64)
	if !found || err1 != nil || err2 != nil || b <= a {
		return 0, 0, false
	}
	return uintptr(a), int(b - a), true
}
