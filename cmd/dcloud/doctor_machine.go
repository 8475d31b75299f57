package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// gatherDocker asks Docker how it is and returns where it keeps its data. It
// speaks the few lines of HTTP that this needs itself, so that the command line
// starts without Docker's client (https://docs.docker.com/reference/api/engine/).
func (f *facts) gatherDocker(ctx context.Context, host string) (root string) {
	path := "/var/run/docker.sock"
	if p, isUnix := strings.CutPrefix(host, "unix://"); isUnix {
		path = p
	}
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker/info", nil)
	if err != nil {
		f.DockerErr = err
		return ""
	}
	resp, err := client.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = fmt.Errorf("%s: %w", path, op.Err)
		}
		f.DockerErr = err
		return ""
	}
	defer resp.Body.Close()
	var info struct{ DockerRootDir, ServerVersion string }
	if resp.StatusCode != http.StatusOK {
		f.DockerErr = fmt.Errorf("%s says %s", path, resp.Status)
		return ""
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&info); err != nil {
		f.DockerErr = fmt.Errorf("%s: %w", path, err)
		return ""
	}
	f.DockerVersion = info.ServerVersion
	return info.DockerRootDir
}

// memory reads what the kernel says of memory, in bytes (proc_meminfo(5)).
func memory() (total, available uint64) {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		n, _ := strconv.ParseUint(fields[1], 10, 64)
		switch fields[0] {
		case "MemTotal:":
			total = n << 10
		case "MemAvailable:":
			available = n << 10
		}
	}
	return total, available
}

// portHolder says whether a TCP port is listened on, and by whom, as far as this
// account may see that.
func portHolder(port int) (taken bool, holder string) {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for _, inode := range listeners(string(data), port) {
			inodes[inode] = true
		}
	}
	if len(inodes) == 0 {
		return false, ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		inode, isSocket := strings.CutPrefix(strings.TrimSuffix(target, "]"), "socket:[")
		if err != nil || !isSocket || !inodes[inode] {
			continue
		}
		pid := strings.Split(link, "/")[2]
		comm, _ := os.ReadFile("/proc/" + pid + "/comm")
		return true, fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(comm)), pid)
	}
	return true, ""
}

// listeners returns the socket inodes that listen on a port, of a table in the
// format of /proc/net/tcp (Documentation/networking/proc_net_tcp.rst): the second
// field is ADDRESS:PORT in hexadecimal, the fourth the state (0A: listening), the
// tenth the inode.
func listeners(table string, port int) []string {
	var out []string
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[3] != "0A" {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		if n, err := strconv.ParseUint(hex, 16, 16); err == nil && int(n) == port {
			out = append(out, fields[9])
		}
	}
	return out
}

// lockHolder returns the process that holds a flock(2) on a file, 0 if none does
// or it cannot be told.
func lockHolder(path string) int {
	var stat syscall.Stat_t
	if syscall.Stat(path, &stat) != nil {
		return 0
	}
	locks, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0
	}
	return holderOf(string(locks), stat.Ino)
}

// holderOf finds the holder of a lock in the text of /proc/locks (proc_locks(5)):
// "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF", where 4711 is the process
// and 1234 the inode. The device is left out: on overlays and btrfs it is not the
// one that stat(2) tells.
func holderOf(locks string, inode uint64) int {
	for line := range strings.Lines(locks) {
		fields := strings.Fields(line)
		if len(fields) < 6 || fields[1] != "FLOCK" {
			continue
		}
		if at := strings.LastIndex(fields[5], ":"); fields[5][at+1:] == strconv.FormatUint(inode, 10) {
			pid, _ := strconv.Atoi(fields[4])
			return max(pid, 0) // -1 where the process is in another namespace
		}
	}
	return 0
}

// tailLines returns the last n lines of a file, reading no more than its last
// 16 KiB.
func tailLines(path string, n int) []string {
	file, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer file.Close()
	const most = 16 << 10
	if info, err := file.Stat(); err == nil && info.Size() > most {
		file.Seek(-most, io.SeekEnd)
	}
	data, _ := io.ReadAll(io.LimitReader(file, most))
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	if len(lines) == 1 && lines[0] == "" {
		return nil
	}
	return lines[max(0, len(lines)-n):]
}
