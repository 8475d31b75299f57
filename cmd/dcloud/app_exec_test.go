package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// openTerminal returns both ends of a pseudo-terminal (pty(7)).
func openTerminal(t *testing.T) (keyboard, terminal *os.File) {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keyboard.Close() })
	if err := unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return keyboard, terminal
}

// shell is a cloud whose containers know one program: it tells the terminal's
// size, then each key until Ctrl-C, then the new size.
type shell struct{ *fakeCloud }

func (shell) Exec(_ context.Context, _ string, req agent.ExecRequest, streams api.ExecStreams) (int, error) {
	fmt.Fprintf(streams.Stdout, "tty %v %dx%d\r\n", req.TTY, req.Width, req.Height)
	size := <-streams.Resize
	fmt.Fprintf(streams.Stdout, "now %dx%d\r\n", size[0], size[1])
	key := make([]byte, 1)
	if _, err := io.ReadFull(streams.Stdin, key); err != nil {
		return 1, err
	}
	fmt.Fprintf(streams.Stdout, "key %d\r\n", key[0])
	return 7, nil
}

func TestACommandInATerminalGetsItsSizeItsKeysAndGivesTheTerminalBack(t *testing.T) {
	e := newEnv(nil, nil, os.Stderr, func(string) string { return "" })
	e.dataDir = serveForTest(t, shell{newFakeCloud()})
	keyboard, terminal := openTerminal(t)
	e.stdin, e.stdout = terminal, terminal
	resize := func(width, height uint16) {
		if err := unix.IoctlSetWinsize(int(keyboard.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: height}); err != nil {
			t.Fatal(err)
		}
	}
	resize(80, 24)
	before, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		t.Fatal(err)
	}

	ended := make(chan error, 1)
	go func() { ended <- e.exec(t.Context(), "reader", agent.ExecRequest{Command: []string{"sh"}}) }()
	screen := bufio.NewReader(keyboard)
	expect := func(want string) {
		t.Helper()
		line, err := screen.ReadString('\n')
		if err != nil || strings.TrimSpace(line) != want {
			t.Fatalf("the screen shows %q (%v), want %q", line, err, want)
		}
	}
	expect("tty true 80x24")
	resize(100, 30)
	// The pseudo-terminal is not ours by session, so the kernel tells nobody.
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	expect("now 100x30")
	if _, err := keyboard.Write([]byte{3}); err != nil { // Ctrl-C, as a key
		t.Fatal(err)
	}
	expect("key 3")
	if err := <-ended; err != exitError(7) {
		t.Errorf("ended with %v, want the command's exit code 7", err)
	}
	after, err := term.GetState(int(terminal.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(*before) != fmt.Sprint(*after) {
		t.Error("the terminal was not given back as it was")
	}
}

// serveForTest serves a cloud on the socket of a data directory of its own.
func serveForTest(t testing.TB, svc api.Service) (dataDir string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "dc") // a Unix socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := api.ListenUnix(filepath.Join(dir, "run", "agent.sock"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- api.New(svc, api.Options{}).Serve(ctx, l, nil) }()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return dir
}
