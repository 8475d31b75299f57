package pool

import (
	"context"
	"fmt"
	"net/http"
	"slices"
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
	for _, m := range []*Machine{server, pi, vps} {
		if list := running(t, m, "whoami"); len(list) != 1 {
			t.Errorf("%s runs %d copies", m.Name, len(list))
		}
	}
	// The install ends with the first that answers; the doors find the others once
	// their checks have passed.
	for _, door := range []*Machine{server, vps} {
		Await(t, "three copies answer at the door of "+door.Name, 10*time.Second, func() error {
			if counts := answers(t, door, whoami); len(counts) != 3 {
				return fmt.Errorf("these answer: %v", counts)
			}
			return nil
		})
	}
	app := server.App(t, "whoami").App
	if want := []string{"pi", "server", "vps"}; app.Running != 3 || app.Replicas != 3 || !slices.Equal(homesOf(app), want) {
		t.Errorf("the app is said to be %+v", app)
	}
}

func TestAnAppIsPinnedToAMachineByName(t *testing.T) {
	server.Must(t, "app", "install", "whoami", "--name", atPi, "--node", "pi")
	if app := server.App(t, atPi).App; app.Node != "pi" {
		t.Errorf("it runs on %s", app.Node)
	}
	if list := running(t, pi, atPi); len(list) == 0 {
		t.Error("pi runs no container of it")
	}
	server.Refused(t, 3, []string{"nosuch", "pi", "server", "vps"}, "app", "install", "whoami", "--name", "other", "--node", "nosuch")
}

func TestTheAnswerOfAnAppAtHomeComesByTheMachineOutside(t *testing.T) {
	const host = atPi + ".dcloud.localhost"
	if err := OK(visitor.GetAt(vpsAddress, host, "/")); err != nil {
		t.Errorf("a visitor at the vps: %v", err)
	}
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
	plan := Decode[agent.Plan](t, server.Must(t, "app", "install", "whoami", "--name", "other", "--plan", "--json"))
	if len(plan.Nodes) != 3 || slices.ContainsFunc(plan.Nodes, func(f agent.NodeFit) bool { return !f.Fits }) {
		t.Errorf("the plan says %+v", plan.Nodes)
	}
	plan = Decode[agent.Plan](t, server.Must(t, "app", "install", "whoami", "--name", "other", "--node", "vps", "--plan", "--json"))
	for _, f := range plan.Nodes {
		if f.Fits != (f.Name == "vps") || f.Fits == (len(f.Why) > 0) {
			t.Errorf("the plan for the vps says %+v", f)
		}
	}
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
		code, body, err := door.Get("http://files.dcloud.localhost/")
		if err != nil || code != http.StatusOK || body != "kept at home" {
			t.Errorf("at the door of %s: %d %q (%v)", door.Name, code, Clip(body), err)
		}
	}
	plan := Decode[agent.Plan](t, server.Must(t, "app", "plan", files, "--json"))
	for _, f := range plan.Nodes {
		if f.Name != "pi" && (f.Fits || !strings.Contains(strings.Join(f.Why, " "), "pi")) {
			t.Errorf("of another machine the plan says %+v", f)
		}
	}
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
