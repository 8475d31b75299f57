package provisioning

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Facts are what preflight judges: this machine at one moment.
type Facts struct {
	UID       int
	OS        OSRelease
	Arch      string // GOARCH
	Machine   string // uname -m: x86_64, aarch64, armv7l
	MemoryMB  int
	DataFree  uint64 // bytes free where the data goes
	CacheFree uint64
	Now       time.Time
	Sockets   []Socket
	// MemoryCgroup: "yes", "no" (the kernel was booted without it), "" unknown.
	MemoryCgroup string
	// Missing are kernel modules that Docker needs and that are certainly absent.
	Missing []string
}

// GatherFacts looks at this machine. It changes nothing and needs no rights,
// though without root it does not see which process holds a port.
func GatherFacts(dataDir, cacheDir string) (Facts, error) {
	f := Facts{UID: os.Getuid(), Arch: runtime.GOARCH, Now: time.Now()}
	text, err := readFirst("/etc/os-release", "/usr/lib/os-release")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Facts{}, err
	}
	f.OS = ParseOSRelease(text)
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return Facts{}, fmt.Errorf("uname: %w", err)
	}
	f.Machine = unix.ByteSliceToString(name.Machine[:])
	text, err = readFirst("/proc/meminfo")
	if err != nil {
		return Facts{}, err
	}
	if f.MemoryMB, err = ParseMeminfo(text); err != nil {
		return Facts{}, err
	}
	if f.DataFree, err = freeAt(dataDir); err != nil {
		return Facts{}, err
	}
	if f.CacheFree, err = freeAt(cacheDir); err != nil {
		return Facts{}, err
	}
	f.Sockets = gatherSockets()
	v2, _ := readFirst("/sys/fs/cgroup/cgroup.controllers")
	v1, _ := readFirst("/proc/cgroups")
	f.MemoryCgroup = memoryCgroup(v2, v1)
	release := unix.ByteSliceToString(name.Release[:])
	builtin, berr := readFirst("/lib/modules/" + release + "/modules.builtin")
	dep, derr := readFirst("/lib/modules/" + release + "/modules.dep")
	if berr == nil && derr == nil { // otherwise nothing can be told from them
		f.Missing = missingModules(builtin+dep, loadedModule)
	}
	return f, nil
}

func readFirst(paths ...string) (text string, err error) {
	for _, p := range paths {
		var b []byte
		if b, err = os.ReadFile(p); err == nil {
			return string(b), nil
		}
	}
	return "", err
}

// freeAt is the space free for us where dir is, or is going to be.
func freeAt(dir string) (uint64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return st.Bavail * uint64(st.Bsize), nil
		}
		if parent := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && parent != dir {
			dir = parent
			continue
		}
		return 0, fmt.Errorf("free space at %s: %w", dir, err)
	}
}

// memoryCgroup reads cgroup.controllers (cgroup v2) and /proc/cgroups. Raspberry
// Pi OS boots with the memory controller off.
func memoryCgroup(controllers, procCgroups string) string {
	for _, c := range strings.Fields(controllers) {
		if c == "memory" {
			return "yes"
		}
	}
	for line := range strings.Lines(procCgroups) {
		f := strings.Fields(line)
		if len(f) == 4 && f[0] == "memory" {
			if f[3] == "0" {
				return "no"
			}
			return "yes"
		}
	}
	return "" // newer kernels list no v1 controllers; without v2 mounted this tells nothing
}

// missingModules are those of Docker's needs that the kernel neither has built in
// nor on the disk. The index is the text of modules.builtin and modules.dep.
func missingModules(index string, loaded func(string) bool) (missing []string) {
	for _, m := range []string{"overlay", "bridge", "veth"} {
		if !strings.Contains(index, "/"+m+".ko") && !loaded(m) {
			missing = append(missing, m)
		}
	}
	return missing
}

func loadedModule(name string) bool {
	if _, err := os.Stat("/sys/module/" + name); err == nil {
		return true
	}
	text, _ := readFirst("/proc/filesystems")
	return strings.Contains(text, "\t"+name+"\n")
}

// gatherSockets lists the listening sockets with their processes.
func gatherSockets() (out []Socket) {
	for _, file := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, _ := readFirst("/proc/thread-self/net/" + file) // no IPv6: no tcp6
		out = append(out, ParseProcNet(strings.TrimSuffix(file, "6"), text)...)
	}
	holders := socketHolders()
	for i := range out {
		if pid := holders[out[i].Inode]; pid != 0 {
			out[i].PID = pid
			comm, _ := readFirst(fmt.Sprintf("/proc/%d/comm", pid))
			out[i].Process = strings.TrimSpace(comm)
		}
	}
	return out
}

// socketHolders maps the inodes of sockets to the processes that hold them.
func socketHolders() map[uint64]int {
	holders := map[uint64]int{}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil {
			continue // it has ended, or is not ours to see
		}
		inode, ok := strings.CutPrefix(target, "socket:[")
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSuffix(inode, "]"), 10, 64)
		pid, perr := strconv.Atoi(strings.Split(link, "/")[2])
		if err == nil && perr == nil {
			holders[n] = pid
		}
	}
	return holders
}
