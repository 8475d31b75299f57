package engine

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestTheLastWordsAreThePanicOrElseTheLastLine(t *testing.T) {
	for in, want := range map[string]string{
		"": "",
		"starting\n\x1b[31m==> bind: address in use\x1b[0m\n\n": "==> bind: address in use",
		"a\npanic: oh\n\ngoroutine 1 [running]:\nmain.main()\n": "panic: oh",
		"bad \xff\x00 bytes": "bad � bytes",
	} {
		if got := lastWords([]byte(in)); got != want {
			t.Errorf("%q: %q, not %q", in, got, want)
		}
	}
	if got := lastWords(bytes.Repeat([]byte("x"), 100_000)); len(got) > 300 {
		t.Errorf("%d bytes", len(got))
	}
}

func TestOutputIsSetAsideAtAStartAndNeverGrowsWithoutEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sub", "out")
	write := func(size int) {
		f, err := openOutput(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.Write(bytes.Repeat([]byte("x"), size)); err != nil {
			t.Fatal(err)
		}
	}
	write(outputKeep + 1)
	write(outputMax + 1)
	if outputSize(path+".1") != outputKeep+1 || outputSize(path) != outputMax+1 {
		t.Fatalf("not set aside: %d, %d", outputSize(path+".1"), outputSize(path))
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := trimOutput(path); err != nil || outputSize(path) != 0 || outputSize(path+".1") != outputKeep {
		t.Errorf("not cut back: %v, %d, %d", err, outputSize(path), outputSize(path+".1"))
	}
}

func TestAnEngineIsFailingAfterThreeFailuresAndStuckAfterMinutesUnlessItWaits(t *testing.T) {
	now := time.Unix(0, 0)
	broken, waiting := errors.New("no answer"), fmt.Errorf("no leader: %w", ErrWaiting)
	h := health{t: DefaultTiming}
	if r := h.observe(broken, now); r.state != agent.EngineStarting || r.next != 50*time.Millisecond || r.reason != "no answer" {
		t.Errorf("%+v", r)
	}
	if r := h.observe(nil, now); r.state != agent.EngineReady || r.next != 10*time.Second {
		t.Errorf("%+v", r)
	}
	for i, want := range []string{agent.EngineReady, agent.EngineReady, agent.EngineFailing} {
		if r := h.observe(broken, now); r.state != want || r.stuck {
			t.Errorf("failure %d: %+v", i+1, r)
		}
	}
	now = now.Add(DefaultTiming.StuckAfter)
	if r := h.observe(waiting, now); r.stuck {
		t.Error("an engine that waits for others would be restarted")
	}
	if r := h.observe(broken, now); !r.stuck {
		t.Error("a stuck engine would not be restarted")
	}
	h.observe(nil, now)
	if h.ranWell(now.Add(59*time.Second)) || !h.ranWell(now.Add(time.Minute)) {
		t.Error("running well is a minute of being ready")
	}
}

func TestWrongSpecsAreRefusedWithTheReason(t *testing.T) {
	ok := Spec{Name: "consul", Path: "/c", OutputPath: "/o"}
	for want, change := range map[string]func(*Spec){
		"lower-case":     func(s *Spec) { s.Name = "../x" },
		"absolute":       func(s *Spec) { s.Path = "consul" },
		"KEY=VALUE":      func(s *Spec) { s.Env = []string{"secret"} },
		"kept for":       func(s *Spec) { s.Env = []string{"DCLOUD_ENGINE=x"} },
		"NUL":            func(s *Spec) { s.Args = []string{"a\x00b"} },
		"not listed":     func(s *Spec) { s.After = []string{"nomad"} },
		"is there twice": func(s *Spec) {},
	} {
		s := ok
		change(&s)
		_, err := New(nil, t.TempDir(), []Spec{s, s})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestEveryPartThatReachesTheProcessChangesTheHash(t *testing.T) {
	all := map[string]bool{}
	for _, s := range []Spec{
		{}, {Version: "1"}, {Path: "1"}, {Dir: "1"}, {ConfigHash: "1"},
		{Args: []string{"1"}}, {Env: []string{"1"}}, {Args: []string{"1", "2"}}, {Args: []string{"12"}}, {Args: []string{"1", ""}},
	} {
		all[s.Hash()] = true
	}
	if len(all) != 10 {
		t.Errorf("%d different hashes of 10", len(all))
	}
}

func TestAMarkerBelongsToItsOwnCommandLineOnly(t *testing.T) {
	m := newMarker(Spec{Name: "nomad", Path: "/n", Args: []string{"agent", ""}}, "/s", 42)
	got, ok := parseMarker([]byte("A=b\x00" + strings.Join(m.env(), "\x00") + "\x00"))
	if !ok || got != m {
		t.Fatalf("%+v is not %+v", got, m)
	}
	for cmdline, want := range map[string]bool{
		"/n\x00agent\x00\x00": true, "/bin/sh\x00/n\x00agent\x00\x00": true, // a script
		"/n\x00logmon\x00\x00": false, "/n\x00agent\x00": false, "": false,
	} {
		if m.owns([]byte(cmdline)) != want {
			t.Errorf("%q: %v", cmdline, !want)
		}
	}
}

func FuzzProcTextNeverPanics(f *testing.F) {
	f.Add([]byte("1 (a) b) S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 77 1 1"), []byte("DCLOUD_ENGINE=x\x00DCLOUD_ENGINE_ARGV=2:ab\x00DCLOUD_ENGINE_OUTPUT=-9\x00DCLOUD_ENGINE_STATE=/\x00"), []byte("a\x00b\x00"))
	f.Fuzz(func(t *testing.T, statText, environ, cmdline []byte) {
		if st, err := parseStat(statText); err == nil && st.state == 0 {
			t.Error("no state and no error")
		}
		if m, ok := parseMarker(environ); ok && m.owns(cmdline) && len(cmdline) == 0 {
			t.Error("no command line, and yet its own")
		}
	})
}

func TestTheStartTimeIsFoundBehindAnyCommandName(t *testing.T) {
	st, err := parseStat([]byte("7 (a) S (b) S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 20 0 1 0 77 1 1"))
	if err != nil || st != (stat{'S', 1, 3, 77}) {
		t.Errorf("%+v, %v", st, err)
	}
}
