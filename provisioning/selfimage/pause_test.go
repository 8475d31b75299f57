package selfimage

import (
	"bytes"
	"debug/elf"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "write the golden files")

func TestThePauseProgramIsWhatItWasForEachArchitecture(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64", "arm"} {
		program, err := Pause(arch)
		if err != nil {
			t.Fatal(err)
		}
		if len(program) > 300 {
			t.Errorf("%s: %d bytes", arch, len(program))
		}
		f, err := elf.NewFile(bytes.NewReader(program))
		if err != nil {
			t.Fatalf("%s: %v", arch, err)
		}
		if f.Type != elf.ET_EXEC || len(f.Progs) != 1 || f.Progs[0].Flags != elf.PF_R|elf.PF_X {
			t.Errorf("%s: %v %v", arch, f.FileHeader, f.Progs)
		}
		golden(t, filepath.Join("testdata", "pause-"+arch+".hex"), hex.Dump(program))
	}
}

func TestNoPauseProgramIsMadeForAnUnknownArchitecture(t *testing.T) {
	if _, err := Pause("riscv64"); err == nil || !strings.Contains(err.Error(), "riscv64") {
		t.Errorf("err = %v", err)
	}
}

func TestThePauseProgramWaitsAndEndsWellOnASignal(t *testing.T) {
	emulators := map[string]string{"amd64": "", "arm64": "qemu-aarch64-static", "arm": "qemu-arm-static"}
	for arch, emulator := range emulators {
		if runtime.GOARCH == arch {
			emulator = ""
		} else if emulator == "" {
			continue
		} else if _, err := exec.LookPath(emulator); err != nil {
			t.Logf("%s is not run: there is no %s; its instructions are held by the golden file", arch, emulator)
			continue
		}
		for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			t.Run(arch+" "+sig.String(), func(t *testing.T) { waitsAndEnds(t, arch, emulator, sig) })
		}
	}
}

func waitsAndEnds(t *testing.T, arch, emulator string, sig syscall.Signal) {
	program, err := Pause(arch)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "pause")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path)
	if emulator != "" {
		cmd = exec.Command(emulator, path)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	waiting := func() bool { return waitsForSignals(cmd.Process.Pid) }
	for end := time.Now().Add(time.Minute); !waiting(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			cmd.Process.Kill()
			t.Fatalf("it did not wait: %v", cmd.Wait())
		}
	}
	go func() { ended <- cmd.Wait() }()
	if err := cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(time.Minute):
		cmd.Process.Kill()
		t.Error("it did not end")
	}
}

// waitsForSignals tells whether a process is in the call in which the program waits
// (proc_pid_syscall(5)).
func waitsForSignals(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/syscall", pid))
	return err == nil && strings.HasPrefix(string(text), fmt.Sprintf("%d ", unix.SYS_RT_SIGTIMEDWAIT))
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		os.MkdirAll(filepath.Dir(path), 0o755)
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got:\n%s", path, got)
	}
}
