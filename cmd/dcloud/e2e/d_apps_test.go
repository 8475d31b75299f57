package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/node"
)

func TestTheListOfAppsSaysWhatTheContractPromises(t *testing.T) {
	awaitSettled(t)
	apps := Decode[[]map[string]any](t, cloud.Must(t, "app", "list", "--json"))
	if len(apps) != 3 {
		t.Fatalf("%d apps in the list, want miniflux, welcome and whoami", len(apps))
	}
	for _, a := range apps {
		for _, field := range []string{"name", "entry", "version", "state", "url", "node", "access"} {
			if v, ok := a[field].(string); !ok || v == "" {
				t.Errorf("app %v has no %s", a["name"], field)
			}
		}
	}
}

func TestLogsShowWhatAnAppWroteAndFollowShowsNewLines(t *testing.T) {
	if out := cloud.Must(t, "app", "logs", "miniflux", "--service", "db"); !strings.Contains(out, "ready to accept connections") {
		t.Errorf("the database's log does not say that it is ready: %s", Clip(out))
	}
	ctx, cancel := context.WithTimeout(t.Context(), CommandTime)
	defer cancel()
	cmd := cloud.Command(ctx, cloud.Bin, "app", "logs", "miniflux", "-f", "--service", "db", "--tail", "1")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		cmd.Wait()
		if t.Failed() {
			t.Logf("following said on stderr: %s", errs.String())
		}
	}()
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatalf("following shows nothing: %v", lines.Err())
	}
	// A line that nobody wrote before: the database complains about it by name.
	mark := fmt.Sprintf("no_such_table_%d", os.Getpid())
	a := cloud.Dcloud(t, "app", "exec", "miniflux", "--service", "db", "--", "psql", "-U", "miniflux", "-c", "select * from "+mark)
	if !strings.Contains(a.Stderr, mark) {
		t.Fatalf("the database was not asked for the table: %+v", a)
	}
	for lines.Scan() {
		if strings.Contains(lines.Text(), mark) {
			return
		}
	}
	t.Errorf("the new line did not come: %v", lines.Err())
}

func TestExecPassesInputOutputAndTheExitCode(t *testing.T) {
	a := cloud.DcloudWith(t, "from outside", "app", "exec", "miniflux", "--service", "db", "--", "sh", "-c", "cat; echo aside >&2; exit 7")
	if a.Code != 7 || a.Stdout != "from outside" || a.Stderr != "aside\n" {
		t.Errorf("got %+v", a)
	}
	cloud.Refused(t, 3, []string{"web", "db"}, "app", "exec", "miniflux", "--service", "nosuch", "--", "true")
}

func TestASettingIsChangedWithARestartAndABadOneIsRefused(t *testing.T) {
	cloud.Refused(t, 2, []string{"polling_minutes"}, "app", "config", "miniflux", "--set", "polling_minutes=1")
	cloud.Refused(t, 2, []string{"nosuch"}, "app", "config", "miniflux", "--set", "nosuch=1")
	cloud.Must(t, "app", "config", "miniflux", "--set", "polling_minutes=15")
	if err := cloud.Serves(miniflux + "/healthcheck"); err != nil {
		t.Errorf("the app does not answer when the change is done: %v", err)
	}
	if got := strings.TrimSpace(cloud.Must(t, "app", "exec", "miniflux", "--", "printenv", "POLLING_FREQUENCY")); got != "15" {
		t.Errorf("the app got %q, want 15", got)
	}
}

func TestAStoppedAppIsAwayUntilItIsStarted(t *testing.T) {
	const url = "http://whoami.dcloud.localhost/"
	cloud.Must(t, "app", "stop", "whoami")
	if app := Decode[agent.AppDetail](t, cloud.Must(t, "app", "status", "whoami", "--json")); app.State != agent.StateStopped {
		t.Errorf("a stopped app is %s", app.State)
	}
	Await(t, "the route is gone", HealTime, func() error {
		if code, _, err := cloud.Get(url); err != nil || code != http.StatusNotFound {
			return fmt.Errorf("%d %v", code, err)
		}
		return nil
	})
	cloud.Must(t, "app", "start", "whoami")
	if err := cloud.Serves(url); err != nil {
		t.Errorf("the app does not answer when it is started: %v", err)
	}
}

type variable struct {
	Path  string
	Items map[string]string
}

func TestAnyValueOfASecretReachesTheContainerAsItIs(t *testing.T) {
	const path = "/v1/var/nomad/jobs/miniflux"
	var v variable
	if code := cloud.Nomad(t, http.MethodGet, path, nil, &v); code != http.StatusOK {
		t.Fatalf("reading the secrets is answered with %d", code)
	}
	was := v.Items["admin_password"]
	for _, value := range []string{`pa$$"{{x}}'\ #=%`, "two\nlines\n\nand \\n", `${env.HOME} $(id) $HOME`, was} {
		v.Items["admin_password"] = value
		if code := cloud.Nomad(t, http.MethodPut, path, v, nil); code != http.StatusOK {
			t.Fatalf("writing the secret is answered with %d", code)
		}
		cloud.Must(t, "app", "restart", "miniflux")
		if got := strings.TrimSuffix(cloud.Must(t, "app", "exec", "miniflux", "--", "printenv", "-0", "ADMIN_PASSWORD"), "\x00"); got != value {
			t.Errorf("the container has %q, want %q", got, value)
		}
	}
	cloud.AwaitRoute(t, miniflux+"/healthcheck")
}

func TestAnAppCannotReachTheEngines(t *testing.T) {
	dial := func(address string, port int) bool {
		a := cloud.Dcloud(t, "app", "exec", "miniflux", "--service", "db", "--",
			"timeout", "20", "bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/%s/%d", address, port))
		return a.Code == 0
	}
	// Else this test would pass for the wrong reason.
	Await(t, "the app reaches its own database", HealTime, func() error {
		if !dial("127.0.0.1", 5432) {
			return errors.New("it does not")
		}
		return nil
	})
	for _, address := range []string{"127.0.0.1", "10.213.0.1", "172.17.0.1", "192.168.77.2"} {
		for _, port := range []int{node.ConsulHTTPPort, node.NomadHTTPPort, node.AgentPort, node.PingPort, node.ConsulRPCPort, node.ConsulSerfPort, node.NomadRPCPort, node.NomadSerfPort} {
			if dial(address, port) {
				t.Errorf("a container connects to %s:%d", address, port)
			}
		}
	}
}
