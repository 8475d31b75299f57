package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// owner is the process that made a host, as it stands in the host's directory. A
// process number alone would not do: it is given to others in time.
type owner struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // in clock ticks since the boot (proc_pid_stat(5), field 22)
	Boot  string `json:"boot"`  // random at each boot
}

func self() (owner, error) { return ownerOf(os.Getpid()) }

func ownerOf(pid int) (owner, error) {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return owner{}, err
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return owner{}, err
	}
	start, err := parseStart(stat)
	return owner{PID: pid, Start: start, Boot: strings.TrimSpace(string(boot))}, err
}

// parseStart reads a process's start time from its /proc/PID/stat. The name in
// parentheses may hold anything, parentheses and spaces too.
func parseStart(stat []byte) (uint64, error) {
	end := bytes.LastIndexByte(stat, ')')
	if end < 0 {
		return 0, errors.New("no process name in its stat")
	}
	fields := strings.Fields(string(stat[end+1:])) // from field 3 on
	if len(fields) < 20 {
		return 0, fmt.Errorf("%d fields in its stat", len(fields)+2)
	}
	return strconv.ParseUint(fields[19], 10, 64)
}

// gone tells whether the process has ended, also where its parent has not noticed. A
// process that cannot be looked at, for want of memory or files, is not gone.
func (o owner) gone() bool {
	now, err := ownerOf(o.PID)
	if err != nil {
		return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH)
	}
	return now != o || ended(fmt.Sprintf("/proc/%d", o.PID))
}

// claim makes a host's directory, owned by this process from its first moment on.
func claim(dir string) error {
	me, err := self()
	if err != nil {
		return err
	}
	text, err := json.Marshal(me)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	lock, err := lockLab()
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "owner.json"), text, 0o600)
}

// lockLab keeps a sweep from seeing a directory whose owner is not written yet,
// and two sweeps from meeting.
func lockLab() (*flock.Flock, error) {
	lock := flock.New(filepath.Join(root, "lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("lock the lab: %w", err)
	}
	return lock, nil
}

// Sweep removes the hosts whose makers are gone, and returns their names. Hosts of
// runs that go on are left alone.
func Sweep() (swept []string, err error) {
	if _, err := os.Stat(root); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	lock, err := lockLab()
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	return sweep()
}

// sweep is Sweep for who has the lab's lock.
func sweep() (swept []string, err error) {
	dirs, err := filepath.Glob(filepath.Join(root, prefix+"*"))
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, dir := range dirs {
		var o owner
		text, err := os.ReadFile(filepath.Join(dir, "owner.json"))
		// Without a readable owner it is from before, since claim writes it under the lock.
		if err == nil && json.Unmarshal(text, &o) == nil && !o.gone() {
			continue
		}
		if err := destroy(dir); err != nil {
			errs = append(errs, err)
			continue
		}
		swept = append(swept, filepath.Base(dir))
	}
	return swept, errors.Join(errs...)
}
