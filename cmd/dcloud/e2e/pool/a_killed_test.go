package pool

import (
	"bufio"
	"context"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// breakOff starts a join on spare and sends it a signal when it shows a step.
func breakOff(t *testing.T, text, step string, signal syscall.Signal) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), CommandTime)
	defer cancel()
	cmd := spare.Command(ctx, spare.Bin, "node", "join", text)
	// What it starts for good must not hold our end of the pipe.
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd.Stderr = write
	err = cmd.Start()
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for lines := bufio.NewScanner(read); lines.Scan(); {
		said = append(said, lines.Text())
		if strings.Contains(lines.Text(), step) {
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err == nil {
				t.Fatalf("the join was not broken off:\n%s", strings.Join(said, "\n"))
			}
			return
		}
	}
	t.Fatalf("the join ended before it came to %q:\n%s", step, strings.Join(said, "\n"))
}

func TestAJoinThatIsInterruptedLeavesNothingOnEitherSide(t *testing.T) {
	for _, step := range []string{"● Joining", "✓ Joining", "● Agent", "● Ready for apps"} {
		t.Run(step, func(t *testing.T) {
			breakOff(t, token(t).Token, step, syscall.SIGINT)
			blank(t, spare)
			awaitNodes(t, server, allReady)
		})
	}
}

func TestAJoinThatIsKilledWorksTheSecondTimeWithTheSameToken(t *testing.T) {
	for _, step := range []string{"✓ Joining", "✓ Agent"} {
		t.Run(step, func(t *testing.T) {
			text := token(t).Token
			breakOff(t, text, step, syscall.SIGKILL)
			spare.Must(t, "node", "join", text)
			four := map[string]string{"spare": agent.NodeReady}
			for name, state := range allReady {
				four[name] = state
			}
			awaitNodes(t, server, four)
			spare.Must(t, "node", "leave", "--yes")
			blank(t, spare)
			awaitNodes(t, server, allReady)
		})
	}
}
