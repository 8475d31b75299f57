package pool

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

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
	awaitNodes(t, server, allReady)
}

func TestAKilledOverlayComesBackByItself(t *testing.T) {
	pid := pi.PIDs(t)["overlay"]
	Kill(t, "overlay", pid)
	server.AwaitRoute(t, atPiAt)
	awaitNodes(t, server, allReady)
}

func TestAPowerCutIsSeenAtOnceAndTheMachineComesBackWithItsApps(t *testing.T) {
	// The cable first: that is the moment from which nothing comes from there.
	if err := pi.Unplug(t.Context()); err != nil {
		t.Fatal(err)
	}
	cut := time.Now()
	awaitNodes(t, server, map[string]string{"server": agent.NodeReady, "pi": agent.NodeDown, "vps": agent.NodeReady})
	// How soon that is to be, on a machine that does nothing else, is measured by the
	// benchmarks (pool.gone).
	t.Logf("the server lists it as down after %s", time.Since(cut).Round(10*time.Millisecond))
	if err := pi.PowerOff(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitApp(t, "the app with data there is degraded, with the reason", files, func(app agent.AppDetail) error {
		if app.State != agent.StateDegraded || !strings.Contains(app.Reason, "pi") {
			return fmt.Errorf("%s (%s)", app.State, app.Reason)
		}
		return nil
	})
	awaitApp(t, "three copies run on two machines", "whoami", copies(3, "server", "vps"))
	if err := pi.PowerOn(t.Context()); err != nil {
		t.Fatal(err)
	}
	pi.Must(t, "up")
	awaitNodes(t, server, allReady)
	awaitApps(t)
}

// awaitApps waits until the apps of the tests answer at both doors.
func awaitApps(t *testing.T) {
	t.Helper()
	for _, door := range []*Machine{server, vps} {
		door.AwaitRoute(t, whoami)
		door.AwaitRoute(t, atPiAt)
		awaitBody(t, door)
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
	awaitNodes(t, server, allReady)
	awaitNodes(t, vps, allReady)
}

func TestAnotherAddressOnTheLANIsLearnt(t *testing.T) {
	if err := pi.Renumber(t.Context(), "192.168.77.33"); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	server.AwaitRoute(t, atPiAt)
	t.Logf("after %s", time.Since(start).Round(100*time.Millisecond))
	awaitNodes(t, server, allReady)
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
	a := visitor.Run(t, "", "curl", "-sS", "--max-time", "300", "-o", "/dev/null", "-w", "%{size_download}", "-H", "Host: files.dcloud.localhost", "http://"+vpsAddress+"/large")
	if a.Code != 0 || a.Stdout != "4000000" {
		t.Errorf("curl ended with %d, %s bytes: %s", a.Code, a.Stdout, a.Stderr)
	}
}
