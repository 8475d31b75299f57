package e2e

import (
	"maps"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// 1. It comes first: nothing has been set up yet.
func TestUpTellsOfATakenPortBeforeItChangesAnything(t *testing.T) {
	l, err := cloud.Listen("tcp", ":80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cloud.Refused(t, 1, []string{"80", "--http-port"}, "up")
	if _, err := os.Stat(cloud.Data); !os.IsNotExist(err) {
		t.Errorf("the refused up left its data directory (%v)", err)
	}
	if err := cloud.Inside(func() error { _, err := net.InterfaceByName("dcloud0"); return err }); err == nil {
		t.Error("the refused up left its interface")
	}
}

// 2. What all others stand on.
func TestUpOnABlankHostEndsWithTheWelcomeAppAnswering(t *testing.T) {
	cloud.Must(t, "up")
	code, body, err := cloud.Get("http://welcome.dcloud.localhost/")
	if err != nil || code != 200 || !strings.Contains(body, "<html") {
		t.Fatalf("the welcome app answers %d %q (%v)", code, Clip(body), err)
	}
	s := cloud.Status(t)
	if !s.Ready || s.Domain != "dcloud.localhost" || s.HTTPPort != 80 || s.HTTPSPort != 443 || len(s.Engines) != 3 || s.Nodes != 1 || s.Apps != 1 {
		t.Errorf("status says %+v", s)
	}
	for _, e := range s.Engines {
		if e.State != agent.EngineReady || e.PID == 0 || e.Version == "" {
			t.Errorf("engine %+v", e)
		}
	}
}

func TestASecondUpChangesNothingAndSaysSo(t *testing.T) {
	before := cloud.PIDs(t)
	a := cloud.Dcloud(t, "up")
	if a.Code != 0 || !strings.Contains(a.Stderr, "Nothing was to be changed") {
		t.Errorf("the second up ended with %d and said:\n%s", a.Code, a.Stderr)
	}
	if after := cloud.PIDs(t); !maps.Equal(before, after) {
		t.Errorf("processes were %v and are %v", before, after)
	}
}

func TestASecondAgentOnTheSameDataIsRefused(t *testing.T) {
	before := cloud.PIDs(t)
	cloud.Refused(t, 4, []string{"agent", "dcloud status"}, "agent")
	if after := cloud.PIDs(t); !maps.Equal(before, after) {
		t.Errorf("processes were %v and are %v", before, after)
	}
}
