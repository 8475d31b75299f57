package control

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

const stamp = "2026-05-01T12:00:00.123456789Z "

func collect(to *[]agent.LogLine) func(agent.LogLine) error {
	return func(l agent.LogLine) error { *to = append(*to, l); return nil }
}

func written(t testing.TB, messages ...string) (lines []agent.LogLine) {
	w := &lineWriter{stream: "stdout", service: "web", emit: collect(&lines)}
	for _, m := range messages {
		if n, err := w.Write([]byte(m)); n != len(m) || err != nil {
			t.Fatalf("Write: %d, %v", n, err)
		}
	}
	if err := w.flush(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestALogLineKeepsItsTimeAndItsText(t *testing.T) {
	lines := written(t, stamp+"hello world\n", stamp+"\n", stamp+"crlf\r\n", "no stamp\n", stamp+"bad \xff utf8\n", stamp+"  indented\n")
	want := []string{"hello world", "", "crlf", "no stamp", "bad \uFFFD utf8", "  indented"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines", len(lines))
	}
	for k, l := range lines {
		if l.Text != want[k] || l.Service != "web" || l.Stream != "stdout" || (k != 3) != (l.Time.Nanosecond() == 123456789) {
			t.Errorf("line %d: %+v", k, l)
		}
	}
}

func TestTheLastWordsOfAContainerCountWithoutALineFeed(t *testing.T) {
	if lines := written(t, stamp+"panic: no"); len(lines) != 1 || lines[0].Text != "panic: no" {
		t.Errorf("%+v", lines)
	}
}

func TestALongLineComesWholeAndWithoutStampsInIt(t *testing.T) {
	part := strings.Repeat("x", 16<<10)
	lines := written(t, stamp+part, "2026-05-01T12:00:01Z "+part, "2026-05-01T12:00:02Z end\n")
	if len(lines) != 1 || lines[0].Text != part+part+"end" || lines[0].Time.Second() != 0 {
		t.Errorf("%d lines, the first of %d bytes at %v", len(lines), len(lines[0].Text), lines[0].Time)
	}
}

func FuzzALogLineIsBoundedAndValid(f *testing.F) {
	for _, s := range []string{stamp + "a\n", stamp, "", "\n", " ", "x y z", stamp + strings.Repeat("y", 100), "2026-05-01T12:00:00Z\n"} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, times int) {
		n := 0
		w := &lineWriter{emit: func(l agent.LogLine) error {
			n += len(l.Text)
			if len(l.Text) > 4*longestLine || !utf8.ValidString(l.Text) {
				t.Errorf("a line of %d bytes", len(l.Text))
			}
			return nil
		}}
		times = min(max(times, 1), 20)
		for range times {
			if k, err := w.Write(text); k != len(text) || err != nil {
				t.Fatal(k, err)
			}
		}
		if err := w.flush(); err != nil {
			t.Fatal(err)
		}
		if want := 3 * times * len(text); n > want { // U+FFFD has three bytes
			t.Errorf("%d bytes of text out of %d", n, times*len(text))
		}
		if _, rest := cutStamp(text); !bytes.HasSuffix(text, rest) {
			t.Errorf("%q is not the end of %q", rest, text)
		}
	})
}

func source(times ...int) <-chan agent.LogLine {
	c := make(chan agent.LogLine, len(times))
	for _, s := range times {
		c <- agent.LogLine{Time: noon.Add(time.Duration(s) * time.Second), Text: fmt.Sprint(s)}
	}
	close(c)
	return c
}

func texts(lines []agent.LogLine) string {
	var out []string
	for _, l := range lines {
		out = append(out, l.Text)
	}
	return strings.Join(out, " ")
}

func TestLinesOfSeveralContainersComeInOrderOfTime(t *testing.T) {
	var lines []agent.LogLine
	if err := merge([]<-chan agent.LogLine{source(1, 4, 9), source(), source(2, 3, 5), source(7)}, collect(&lines)); err != nil {
		t.Fatal(err)
	}
	if got := texts(lines); got != "1 2 3 4 5 7 9" {
		t.Error(got)
	}
	gone := errors.New("the reader left")
	if err := merge([]<-chan agent.LogLine{source(1)}, func(agent.LogLine) error { return gone }); err != gone {
		t.Error(err)
	}
}

func TestTheTailIsTheLastLinesOfAll(t *testing.T) {
	for n, want := range map[int]string{0: "1 2 3 4 5", 2: "4 5", 5: "1 2 3 4 5", 9: "1 2 3 4 5"} {
		var lines []agent.LogLine
		err := lastOf(n, collect(&lines), func(emit func(agent.LogLine) error) error {
			return merge([]<-chan agent.LogLine{source(1, 2, 3, 4, 5)}, emit)
		})
		if got := texts(lines); err != nil || got != want {
			t.Errorf("tail %d: %q, %v", n, got, err)
		}
	}
}
