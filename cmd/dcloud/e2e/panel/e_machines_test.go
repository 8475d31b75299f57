package panel

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestAMachineJoinsWhileThePageIsOpenAndIsLetInThere(t *testing.T) {
	overview := owner(t, wideWidth, wideHeight, "/machines")
	overview.See("server")
	overview.Accessible("machines")
	p := owner(t, phoneWidth, phoneHeight, "/machines")
	p.Tap("Add a machine")
	p.At("/machines/add")
	p.Tap("Ask me before it joins")
	p.Accessible("adding a machine")
	p.Tap("Make the line")
	p.See("Wait until it asks, and let it in here.")
	p.Accessible("the line")
	shoot(t, p, "line")
	line, _ := p.Value(`[...document.querySelectorAll(".copy code")].map((c) => c.textContent).find((c) => c.includes("node join"))`).(string)
	if !strings.HasPrefix(line, "sudo dcloud node join dcloud1_") {
		t.Fatalf("the line is %q", line)
	}
	pasted := make(chan error, 1)
	go func() {
		out, err := pi.Command(t.Context(), "sh", "-c", line).CombinedOutput()
		if err != nil {
			err = fmt.Errorf("the line ended: %w\n%s", err, out)
		}
		pasted <- err
	}()

	p.SeeWithin("pi asks to be let in", HealTime)
	overview.See("pi asks to be let in") // where somebody just looks, too
	overview.Accessible("a machine that asks")
	shoot(t, overview, "machines-asks")
	p.Tap("Let it in pi")
	overview.Gone("pi asks to be let in")
	overview.Await("the machine is in the picture, and ready", `[...document.querySelectorAll(".machine")].some((m) => /^pi\s+Well/.test(m.innerText))`)
	select {
	case err := <-pasted:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(HealTime):
		t.Fatal("the machine is ready, and its line goes on")
	}
	overview.Accessible("two machines")
	shoot(t, overview, "machines")
}

func TestAMachineIsEmptiedRunsAppsAgainAndIsTakenOut(t *testing.T) {
	p := owner(t, phoneWidth, phoneHeight, "/machines")
	p.Tap("pi")
	p.At("/machines/pi")
	p.See("Well")
	p.Accessible("a machine")
	shoot(t, p, "machine")
	p.Tap("Empty pi")
	p.See("pi is being emptied.")
	p.See("It is being emptied")
	p.Tap("Let it run apps again")
	p.See("pi runs apps again.")
	p.See("Well")
	p.Tap("Take it out of the cloud")
	p.At("/machines/pi/remove")
	p.Accessible("taking a machine out")
	p.Type("To go on, type pi", "pi")
	p.Tap("Take it out")
	p.At("/machines")
	p.See("pi is being taken out of the cloud.")
	p.Await("it is gone without a reload", `[...document.querySelectorAll(".machine h2")].every((m) => m.innerText.trim() !== "pi") || null`)
	Await(t, "the cloud has one machine", HealTime, func() error {
		a := server.Dcloud(t, "node", "list", "--json")
		if a.Code != 0 || len(Decode[[]agent.Node](t, a.Stdout)) != 1 {
			return fmt.Errorf("%+v", a)
		}
		return nil
	})
}
