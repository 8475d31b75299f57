package gossip

import (
	"bytes"
	"log/slog"
	"testing"
	"time"
)

func FuzzReadState(f *testing.F) {
	good, err := writeState([]byte(`{"roster":1}`), map[string]time.Time{"pi": time.Unix(1, 0).UTC()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{255, 255, 255, 255, '{', '}'})
	f.Fuzz(func(t *testing.T, data []byte) {
		roster, left, err := readState(data)
		if err != nil {
			return
		}
		again, err := writeState(roster, left)
		if err != nil {
			return // a time that JSON does not write
		}
		if r, _, err := readState(again); err != nil || !bytes.Equal(r, roster) {
			t.Fatalf("%q became %q (%v)", roster, r, err)
		}
	})
}

func TestHugeStatesAreRefused(t *testing.T) {
	if _, _, err := readState(make([]byte, maxState+1)); err == nil {
		t.Error("it was taken")
	}
}

func TestMemberlistsLinesGetALevelAndAreNotRepeated(t *testing.T) {
	var out bytes.Buffer
	now := time.Unix(0, 0)
	l := &logger{log: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelInfo})), now: func() time.Time { return now }}
	write := func(line string) string {
		out.Reset()
		if _, err := l.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	if s := write("[INFO] memberlist: Marking pi as failed\n"); s != "" {
		t.Errorf("daily work is told: %s", s)
	}
	s := write("[ERR] memberlist: Decrypt packet failed\n")
	if !bytes.Contains([]byte(s), []byte(`level=WARN msg="Decrypt packet failed"`)) {
		t.Errorf("got %s", s)
	}
	if s := write("[ERR] memberlist: Decrypt packet failed\n"); s != "" {
		t.Errorf("told twice: %s", s)
	}
	now = now.Add(sameLine)
	if s := write("[ERR] memberlist: Decrypt packet failed\n"); s == "" {
		t.Error("not told again after a while")
	}
}
