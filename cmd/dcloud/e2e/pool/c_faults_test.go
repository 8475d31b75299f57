package pool

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// noticed is how soon the pool tells that a machine is gone.
const noticed = 2 * time.Second

func TestNoRequestFailsWhileTheAgentOfTheAppsMachineIsKilledAndStarted(t *testing.T) {
	before := pi.PIDs(t)
	stop := server.Load(t, atPiAt)
	Kill(t, "agent", before["agent"])
	AwaitEnd(t, before["agent"])
	pi.Must(t, "up")
	pi.AwaitReady(t)
	sent, failed := stop()
	t.Logf("%d requests, %d failed", sent, len(failed))
	if len(failed) > 0 {
		t.Errorf("%d of %d requests failed, the first: %s", len(failed), sent, failed[0])
	}
	for name, pid := range pi.PIDs(t) {
		if name != "agent" && before[name] != pid {
			t.Errorf("%s was process %d and is %d", name, before[name], pid)
		}
	}
	awaitNodes(t, server, HealTime, allReady)
}

func TestAKilledOverlayComesBackByItself(t *testing.T) {
	pid := pi.PIDs(t)["overlay"]
	Kill(t, "overlay", pid)
	server.AwaitRoute(t, atPiAt)
	awaitNodes(t, server, HealTime, allReady)
}

func TestAPowerCutIsSeenAtOnceAndTheMachineComesBackWithItsApps(t *testing.T) {
	// The cable first: that is the moment from which nothing comes from there.
	if err := pi.Unplug(t.Context()); err != nil {
		t.Fatal(err)
	}
	cut := time.Now()
	awaitNodes(t, server, HealTime, map[string]string{"server": agent.NodeReady, "pi": agent.NodeDown, "vps": agent.NodeReady})
	took := time.Since(cut)
	t.Logf("the server lists it as down after %s", took.Round(10*time.Millisecond))
	if took > noticed {
		t.Errorf("the server lists it as down after %s, more than %s", took, noticed)
	}
	if err := pi.PowerOff(t.Context()); err != nil {
		t.Fatal(err)
	}
	Await(t, "the app with data there is degraded, with the reason", HealTime, func() error {
		if app := server.App(t, files).App; app.State != agent.StateDegraded || !strings.Contains(app.Reason, "pi") {
			return fmt.Errorf("%s (%s)", app.State, app.Reason)
		}
		return nil
	})
	Await(t, "three copies run on two machines", HealTime, func() error {
		if app := server.App(t, "whoami").App; app.Running != 3 || strings.Contains(app.Node, "pi") {
			return fmt.Errorf("%+v", app)
		}
		return nil
	})
	if err := pi.PowerOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	pi.Must(t, "up")
	awaitNodes(t, server, HealTime, allReady)
	awaitApps(t)
}

// awaitApps waits until the apps of the tests answer at both doors.
func awaitApps(t *testing.T) {
	t.Helper()
	for _, door := range []*Machine{server, vps} {
		door.AwaitRoute(t, whoami)
		door.AwaitRoute(t, atPiAt)
		Await(t, "the data is there at the door of "+door.Name, HealTime, func() error {
			code, body, err := door.Get("http://files.dcloud.localhost/")
			if err != nil || code != http.StatusOK || body != "kept at home" {
				return fmt.Errorf("%d %q (%v); it is said to be %s", code, Clip(body), err, server.Dcloud(t, "app", "status", files, "--json").Stdout)
			}
			return nil
		})
	}
}

func TestAnotherPublicAddressOfTheHomeIsLearnt(t *testing.T) {
	if err := home.Renumber(t.Context(), "203.0.113.11"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	Await(t, "the app at home answers at the vps", HealTime, func() error {
		return OK(visitor.GetAt(vpsAddress, atPi+".dcloud.localhost", "/"))
	})
	t.Logf("after %s", time.Since(start).Round(100*time.Millisecond))
	awaitNodes(t, server, HealTime, allReady)
	awaitNodes(t, vps, HealTime, allReady)
}

func TestAnotherAddressOnTheLANIsLearnt(t *testing.T) {
	if err := pi.Renumber(t.Context(), "192.168.77.33"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	server.AwaitRoute(t, atPiAt)
	t.Logf("after %s", time.Since(start).Round(100*time.Millisecond))
	awaitNodes(t, server, HealTime, allReady)
}

func TestLargeAnswersPassWhereTheProviderCutsPacketsSilently(t *testing.T) {
	awaitApps(t)                                           // all have found the address that the test before gave to pi
	if err := home.SetMTU(t.Context(), 1492); err != nil { // PPPoE's
		t.Fatal(err)
	}
	if err := home.DropICMP(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := home.DropICMP(context.Background(), false); err != nil {
			t.Error(err)
		}
		if err := home.SetMTU(context.Background(), 1500); err != nil {
			t.Error(err)
		}
	}()
	path := server.App(t, files).Volumes[0].Path
	if a := pi.Run(t, "", "sh", "-c", "head -c 4000000 /dev/zero > '"+path+"/large' && chmod 644 '"+path+"/large'"); a.Code != 0 {
		t.Fatalf("%+v", a)
	}
	a := visitor.Run(t, "", "curl", "-sS", "--max-time", "20", "-o", "/dev/null", "-w", "%{size_download}", "-H", "Host: files.dcloud.localhost", "http://"+vpsAddress+"/large")
	if a.Code != 0 || a.Stdout != "4000000" {
		t.Errorf("curl ended with %d, %s bytes: %s", a.Code, a.Stdout, a.Stderr)
	}
}
