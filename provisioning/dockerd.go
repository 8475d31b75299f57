package provisioning

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/provisioning/run"
)

// start runs dockerd in the background and waits until it answers.
func (d Daemon) start(ctx context.Context) error {
	if pid := runningDaemon(d.PIDFile); pid != 0 {
		// It was started a moment ago, by the package or by another run of us: a
		// second one would refuse to start.
		if err := d.await(ctx, nil); err != nil {
			return Errorf("Docker runs (process %d), but %w", pid, err).
				WithHint("stop it (kill %d) and run the same command again", pid)
		}
		return nil
	}
	program, err := findDockerd()
	if err != nil {
		return err
	}
	if err := clearContainerd(ctx, d.ExecRoot); err != nil {
		return fmt.Errorf("start dockerd: %w", err)
	}
	ended, err := d.launch(program)
	if err != nil {
		return fmt.Errorf("start dockerd: %w", err)
	}
	if err := d.await(ctx, ended); err != nil {
		return Errorf("start Docker: %w; the end of its log:\n%s", err, fileTail(d.Log)).
			WithHint("the whole log is in %s", d.Log)
	}
	return nil
}

// launch starts dockerd in a session of its own: it has no terminal, gets none
// of our signals and goes on when we end. The channel tells its end.
func (d Daemon) launch(program string) (<-chan error, error) {
	if err := os.MkdirAll(filepath.Dir(d.Log), 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(d.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(program, append([]string{"-H", d.Host, "--pidfile", d.PIDFile, "--exec-root", d.ExecRoot}, d.Args...)...)
	cmd.Env = run.Environment()
	cmd.Dir = "/" // hold no directory of the user's busy
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return ended, nil
}

func findDockerd() (string, error) {
	if path, err := exec.LookPath("dockerd"); err == nil {
		return path, nil
	}
	for _, p := range sbin("dockerd") {
		if anyFile("/", p) {
			return "/" + p, nil
		}
	}
	return "", Errorf("dockerd is not installed").WithHint("install it: sudo apt-get install docker.io")
}

// runningDaemon returns the process id in a pid file, if that is a dockerd, else 0:
// after a reboot the number may be anyone's.
func runningDaemon(file string) int {
	if p := processIn(file); p.name == "dockerd" && !p.dead() {
		return p.pid
	}
	return 0
}

// clearContainerd sees to it that a new dockerd starts a containerd of its own.
// When dockerd is killed its containerd dies with it, but for a moment, or for
// ever where no init takes away dead processes, it is still in the process table. A
// dockerd that finds it there takes it for alive, waits for it and gives up.
func clearContainerd(ctx context.Context, execRoot string) error {
	file := filepath.Join(execRoot, "containerd", "containerd.pid")
	enough := time.After(5 * time.Second)
	for {
		p := processIn(file)
		if p.name != "containerd" || p.dead() {
			if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return nil
		}
		if parent := processByID(p.parent); parent.name == "dockerd" && !parent.dead() {
			return nil // another dockerd's: it is alive
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-enough:
			return nil // it lives on after all: dockerd adopts it
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// process is a line of /proc/PID/stat; see proc_pid_stat(5).
type process struct {
	pid, parent int
	name, state string
}

// dead says whether it has ended and only its parent has not taken note yet.
func (p process) dead() bool { return p.state == "Z" || p.state == "X" }

// processIn is the process whose id a file holds, the zero process where there is none.
func processIn(file string) process {
	text, err := os.ReadFile(file)
	if err != nil {
		return process{}
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 {
		return process{}
	}
	return processByID(pid)
}

func processByID(pid int) process {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}
	}
	// "PID (NAME) STATE PARENT …", where the name may hold blanks and brackets.
	stat := string(text)
	open, end := strings.IndexByte(stat, '('), strings.LastIndexByte(stat, ')')
	if open < 0 || end < open {
		return process{}
	}
	rest := strings.Fields(stat[end+1:])
	if len(rest) < 2 {
		return process{}
	}
	parent, _ := strconv.Atoi(rest[1])
	return process{pid: pid, parent: parent, name: stat[open+1 : end], state: rest[0]}
}

// tailBytes of a log are shown in an error.
const tailBytes = 2000

func fileTail(path string) string {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "(it is empty)"
	}
	if err != nil {
		return err.Error()
	}
	if len(text) > tailBytes {
		text = text[len(text)-tailBytes:]
		if _, rest, ok := strings.Cut(string(text), "\n"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return strings.TrimSpace(string(text))
}
