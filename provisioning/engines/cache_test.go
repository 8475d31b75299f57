package engines

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/provisioning"
)

func TestAlteredBinaryIsRefusedRemovedAndFetchedAnew(t *testing.T) {
	for name, harm := range map[string]func(path string) error{
		"altered":         func(p string) error { return os.WriteFile(p, []byte("#!/bin/sh\necho evil\n"), 0o755) },
		"binary gone":     os.Remove,
		"checksum gone":   func(p string) error { return os.Remove(p + ".sha256") },
		"checksum wrong":  func(p string) error { return errors.Join(os.WriteFile(p+".sha256", []byte("junk"), 0o644)) },
		"no right to run": func(p string) error { return os.Chmod(p, 0o644) },
		"same size, time set back": func(p string) error {
			info, err := os.Stat(p)
			if err != nil {
				return err
			}
			text, err := os.ReadFile(p)
			if err != nil {
				return err
			}
			text[len(text)-2] ^= 1
			if err := afterChange(info); err != nil {
				return err
			}
			return errors.Join(os.WriteFile(p, text, 0o755), os.Chtimes(p, info.ModTime(), info.ModTime()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, s := Cache{Dir: t.TempDir()}, goodSite(t)
			source := s.start(t)
			path, err := get1(t, c, source)
			if err != nil {
				t.Fatal(err)
			}
			if err := harm(path); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Lookup(Traefik, HostArch()); err == nil || errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("not refused: %v", err)
			}
			if _, err := get1(t, c, source); err != nil {
				t.Fatal(err)
			}
			if text, _ := os.ReadFile(path); string(text) != script(Traefik) {
				t.Errorf("now it is %q", text)
			}
			if s.asked != 2 {
				t.Errorf("the source was asked %d times", s.asked)
			}
		})
	}
}

// afterChange returns once the file system's clock, which ticks a few hundred times a
// second, is past the last change of a file: before that a change shows in no time.
func afterChange(info os.FileInfo) error {
	changed := func(info os.FileInfo) time.Time {
		c := info.Sys().(*syscall.Stat_t).Ctim
		return time.Unix(c.Unix())
	}
	probe, err := os.CreateTemp("", "tick")
	if err != nil {
		return err
	}
	defer os.Remove(probe.Name())
	defer probe.Close()
	for {
		if err := probe.Chmod(0o600); err != nil {
			return err
		}
		now, err := probe.Stat()
		if err != nil || changed(now).After(changed(info)) {
			return err
		}
	}
}

func TestBinaryWithoutStampIsHashedOnceAndThenOnlyStamped(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	path, err := get1(t, c, goodSite(t).start(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + ".stamp"); err != nil {
		t.Fatal(err)
	}
	if _, err := get1(t, c, never(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + ".stamp"); err != nil {
		t.Error("no new stamp")
	}
	// Full hashes even where the stamp fits.
	if err := os.WriteFile(path+".sha256", []byte(strings.Repeat("00", 32)), 0o644); err != nil {
		t.Fatal(err)
	}
	st, _ := stamp(path, strings.Repeat("00", 32))
	if err := os.WriteFile(path+".stamp", []byte(st), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Lookup(Traefik, HostArch()); err != nil {
		t.Errorf("the stamp was not believed: %v", err)
	}
	c.Full = true
	if _, err := c.Lookup(Traefik, HostArch()); err == nil {
		t.Error("the full check let it pass")
	}
}

func TestTwoRunsAtOnceFetchOnce(t *testing.T) {
	c, s := Cache{Dir: t.TempDir()}, goodSite(t)
	source := s.start(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := ensure(t.Context(), c, Traefik, HostArch(), []Source{source}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if s.asked != 1 {
		t.Errorf("the source was asked %d times", s.asked)
	}
}

// TestMain lets the test binary be a second process that is killed while it fetches.
func TestMain(m *testing.M) {
	if dir := os.Getenv("ENGINES_TEST_HANG_IN"); dir != "" {
		go func() { // whoever started it may be killed too
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1)
		}()
		_, _ = ensure(context.Background(), Cache{Dir: dir}, Traefik, HostArch(), []Source{{Name: "hanging",
			Fetch: func(_ context.Context, _ Engine, dir string, _ Progress) (string, error) {
				_ = os.WriteFile(filepath.Join(dir, "half"), []byte("half"), 0o600)
				fmt.Println("half-way")
				select {}
			}}}, nil)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestRunKilledHalfWayLeavesNothingBroken(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ENGINES_TEST_HANG_IN="+c.Dir)
	if _, err := cmd.StdinPipe(); err != nil { // it ends with us
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if n, err := out.Read(make([]byte, 8)); n == 0 {
		t.Fatal(err)
	}
	// The other process holds the lock: we wait, and go on once it is dead.
	var told []provisioning.Progress
	waiting := make(chan struct{})
	done := make(chan error)
	go func() {
		_, err := ensure(t.Context(), c, Traefik, HostArch(), []Source{goodSite(t).start(t)}, func(p provisioning.Progress) {
			if told = append(told, p); strings.Contains(p.Message, "another run") {
				close(waiting)
			}
		})
		done <- err
	}()
	<-waiting
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if files := left(t, c); len(files) != 3 {
		t.Errorf("left behind: %q", files)
	}
}

func TestFullDiskIsToldAndNoOtherSourceIsTried(t *testing.T) {
	fullDisk := Source{Name: "big", Fetch: func(context.Context, Engine, string, Progress) (string, error) {
		return "", fmt.Errorf("write: %w", syscall.ENOSPC)
	}}
	_, err := get1(t, Cache{Dir: t.TempDir()}, fullDisk, never(t))
	var e *provisioning.Error
	if !errors.As(err, &e) || !strings.Contains(e.Message, "the disk is full") || !strings.Contains(e.Hint, "make room") {
		t.Errorf("%#v", err)
	}
}

func TestCancelEndsAFetch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := Source{Name: "x", Fetch: func(ctx context.Context, _ Engine, _ string, _ Progress) (string, error) {
		cancel()
		return "", ctx.Err()
	}}
	if _, err := ensure(ctx, Cache{Dir: t.TempDir()}, Traefik, HostArch(), []Source{s, never(t)}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestOtherArchitecturesAreRefused(t *testing.T) {
	if _, err := ensure(t.Context(), Cache{Dir: t.TempDir()}, Traefik, "riscv64", []Source{never(t)}, nil); err == nil {
		t.Error("no error")
	}
}
