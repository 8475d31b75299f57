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

// Apps of the tests: whoami has three copies, atpi is one that is pinned to pi,
// files is one whose data lies there.
const (
	whoami = "http://whoami.dcloud.localhost/"
	atPi   = "atpi"
	atPiAt = "http://atpi.dcloud.localhost/"
	files  = "files"
)

func TestThreeCopiesAnswerFromThreeMachines(t *testing.T) {
	server.Must(t, "app", "install", "whoami", "--set", "replicas=3")
	// The install ends with the first that answers; the doors find the others once
	// their checks have passed.
	awaitApp(t, "three copies are said to run on three machines", "whoami", copies(3, "pi", "server", "vps"))
	for _, m := range []*Machine{server, pi, vps} {
		if list := running(t, m, "whoami"); len(list) != 1 {
			t.Errorf("%s runs %d copies", m.Name, len(list))
		}
	}
	for _, door := range []*Machine{server, vps} {
		Await(t, "three copies answer at the door of "+door.Name, HealTime, func() error {
			counts, err := answers(door, whoami)
			if err == nil && len(counts) != 3 {
				err = fmt.Errorf("these answer: %v", counts)
			}
			return err
		})
	}
	if app := server.App(t, "whoami").App; app.Replicas != 3 {
		t.Errorf("the app is said to be %+v", app)
	}
}

func TestAnAppIsPinnedToAMachineByName(t *testing.T) {
	server.Must(t, "app", "install", "whoami", "--name", atPi, "--node", "pi")
	awaitApp(t, "it is said to run on pi", atPi, func(app agent.AppDetail) error {
		if app.Node != "pi" {
			return fmt.Errorf("it runs on %s: %s (%s)", app.Node, app.State, app.Reason)
		}
		return nil
	})
	if list := running(t, pi, atPi); len(list) == 0 {
		t.Error("pi runs no container of it")
	}
	server.Refused(t, 3, []string{"nosuch", "pi", "server", "vps"}, "app", "install", "whoami", "--name", "other", "--node", "nosuch")
}

func TestTheAnswerOfAnAppAtHomeComesByTheMachineOutside(t *testing.T) {
	const host = atPi + ".dcloud.localhost"
	// The install ended when it answered at the server's door; the vps finds it by itself.
	Await(t, "a visitor at the vps is answered", HealTime, func() error {
		return OK(visitor.GetAt(vpsAddress, host, "/"))
	})
	// Nothing is open at home, neither the doors nor the port for joining.
	for _, port := range []string{"80", "443", "51820", "22"} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		conn, err := visitor.Dial(ctx, "tcp", home.Address().String()+":"+port)
		cancel()
		if err == nil {
			conn.Close()
			t.Errorf("port %s is open at home", port)
		}
	}
}

func TestAPlanSaysWhichMachinesFitAndWhyOthersDoNot(t *testing.T) {
	awaitFit(t, []string{"pi", "server", "vps"})
	awaitFit(t, []string{"vps"}, "--node", "vps")
	if text := server.Must(t, "app", "install", "whoami", "--name", "other", "--node", "vps", "--plan"); !strings.Contains(text, "pi") {
		t.Errorf("the plan in words does not say why not pi: %s", text)
	}
}

func TestDataStaysOnTheMachineWhereItWasMade(t *testing.T) {
	server.Must(t, "app", "install", "static", "--name", files, "--node", "pi")
	app := server.App(t, files)
	if len(app.Volumes) != 1 || app.Volumes[0].Node != "pi" {
		t.Fatalf("its data is %+v", app.Volumes)
	}
	write := pi.Run(t, "kept at home", "sh", "-c", "cat > '"+app.Volumes[0].Path+"/index.html' && chmod 644 '"+app.Volumes[0].Path+"/index.html'")
	if write.Code != 0 {
		t.Fatalf("%+v", write)
	}
	for _, door := range []*Machine{server, vps} {
		awaitBody(t, door)
	}
	Await(t, "of other machines the plan says that the data is not there", HealTime, func() error {
		for _, f := range Decode[agent.Plan](t, server.Must(t, "app", "plan", files, "--json")).Nodes {
			if f.Name != "pi" && (f.Fits || !strings.Contains(strings.Join(f.Why, " "), "pi")) {
				return fmt.Errorf("%+v", f)
			}
		}
		return nil
	})
}

func TestLogsAndExecReachAnAppOnAnotherMachine(t *testing.T) {
	if out := server.Must(t, "app", "logs", atPi); !strings.Contains(out, "listening") {
		t.Errorf("the log is %q", Clip(out))
	}
	a := server.DcloudWith(t, "from the server", "app", "exec", files, "--", "sh", "-c", "cat; exit 7")
	if a.Code != 7 || a.Stdout != "from the server" {
		t.Errorf("got %+v", a)
	}
}
