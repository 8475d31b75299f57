package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// overridden is an app of Miniflux's entry that these tests have to themselves.
const (
	overridden    = "feeds"
	overriddenURL = "http://feeds.dcloud.localhost/healthcheck"
)

// changes has a variable, more memory, one variable less and a sidecar, in the app's own
// network.
const changes = `remove = ["group.feeds.task.web.env.RUN_MIGRATIONS"]

job "feeds" {
  group "feeds" {
    task "web" {
      env {
        POLLING_FREQUENCY = "15"
        NOTE              = "from the override"
      }
      resources {
        memory = 200
      }
    }
    task "side" {
      driver = "docker"
      config {
        image = "docker.io/traefik/whoami:v1.12.0"
        args  = ["--port", "8081"]
      }
      resources {
        cpu    = 20
        memory = 32
      }
    }
  }
}
`

// overrideFile writes an override to where the machine finds it.
func overrideFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "override.hcl")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// planned is what a plan says; it has to end with a code.
func planned(t *testing.T, code int, args ...string) agent.Plan {
	t.Helper()
	a := cloud.Dcloud(t, append([]string{"app", "plan", overridden, "--json"}, args...)...)
	if a.Code != code {
		t.Fatalf("dcloud app plan %v ended with %d, want %d\n%s%s", args, a.Code, code, a.Stdout, a.Stderr)
	}
	return Decode[agent.Plan](t, a.Stdout)
}

func variableOf(t *testing.T, service, name string) string {
	t.Helper()
	return strings.TrimSpace(cloud.Dcloud(t, "app", "exec", overridden, "--service", service, "--", "printenv", name).Stdout)
}

func TestOverridesChangeARunningAppAndGoAgain(t *testing.T) {
	if p := Decode[agent.Plan](t, cloud.Must(t, "app", "install", "miniflux", "--name", overridden, "--plan", "--json")); p.Verdict.Do != agent.VerdictPlace || p.Verdict.Node == "" {
		t.Errorf("the install is planned as %+v", p.Verdict)
	}
	cloud.Must(t, "app", "install", "miniflux", "--name", overridden)
	t.Cleanup(func() { cloud.Must(t, "app", "remove", overridden, "--purge-data", "--yes") })
	if p := planned(t, 0); p.Verdict.Do != agent.VerdictNothing || len(p.Diff) > 0 {
		t.Errorf("a new app is planned as %+v %+v", p.Verdict, p.Diff)
	}
	if p := planned(t, agent.ExitPlanChanges, "--set", "polling_minutes=30"); len(p.Diff) != 1 || p.Verdict.Do != agent.VerdictRestart {
		t.Errorf("another setting is planned as %+v %+v", p.Verdict, p.Diff)
	}
	before := cloud.App(t, overridden)
	file := overrideFile(t, changes)
	if p := planned(t, agent.ExitPlanChanges, "--override", file); p.Verdict.Do != agent.VerdictRestart || len(p.Diff) < 6 {
		t.Errorf("the override is planned as %+v %+v", p.Verdict, p.Diff)
	}

	t.Run("refused ones change nothing", func(t *testing.T) {
		for words, text := range map[string]string{
			"weB":                strings.Replace(changes, `task "web"`, `task "weB"`, 1),
			"reosurces":          strings.Replace(changes, "resources", "reosurces", 1),
			"--allow-privileged": strings.Replace(changes, "config {", "config {\n privileged = true", 1),
		} {
			a := cloud.Dcloud(t, "app", "override", "set", overridden, "-f", overrideFile(t, text))
			if a.Code != 2 || !strings.Contains(a.Stderr, words) || !strings.Contains(a.Stderr, "override.hcl:") {
				t.Errorf("%q ended with %d\n%s", words, a.Code, a.Stderr)
			}
		}
		if now := cloud.App(t, overridden); !now.Updated.Equal(before.Updated) || now.Override {
			t.Errorf("it was %+v and is %+v", before, now)
		}
	})
	t.Run("one that fits on no machine is not begun", func(t *testing.T) {
		large := overrideFile(t, strings.Replace(changes, "memory = 200", "memory = 900000", 1))
		p := planned(t, agent.ExitPlanBlocked, "--override", large)
		if p.Verdict.Do != agent.VerdictBlocked || len(p.Verdict.Why) == 0 || !strings.Contains(p.Verdict.Why[0], "MB of memory short") {
			t.Errorf("it is planned as %+v", p.Verdict)
		}
		if p.Node != "" || slices.ContainsFunc(p.Nodes, func(f agent.NodeFit) bool { return f.Fits || f.Chosen || len(f.Why) == 0 }) {
			t.Errorf("it could not be placed, and is said to fit: %+v", p.Nodes)
		}
		cloud.Refused(t, 1, []string{"memory short", "nothing was changed"}, "app", "override", "set", overridden, "-f", large)
		windows := overrideFile(t, "job \"feeds\" {\n  constraint {\n    attribute = \"${attr.kernel.name}\"\n    value = \"windows\"\n  }\n}\n")
		if p := planned(t, agent.ExitPlanBlocked, "--override", windows); len(p.Verdict.Why) != 1 || !strings.Contains(p.Verdict.Why[0], "windows") {
			t.Errorf("it is planned as %+v", p.Verdict)
		}
	})
	t.Run("set", func(t *testing.T) {
		cloud.Must(t, "app", "override", "set", overridden, "-f", file)
		if err := cloud.Serves(overriddenURL); err != nil {
			t.Errorf("it does not answer when the change is done: %v", err)
		}
		if got := variableOf(t, "web", "NOTE") + "," + variableOf(t, "web", "POLLING_FREQUENCY") + "," + variableOf(t, "web", "RUN_MIGRATIONS"); got != "from the override,15," {
			t.Errorf("the app got %q", got)
		}
		// The apps share a network: to the database the sidecar is at home too. Nobody
		// waits for one until it listens.
		Await(t, "the sidecar answers", HealTime, func() error {
			a := cloud.Dcloud(t, "app", "exec", overridden, "--service", "db", "--", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8081; echo GET / HTTP/1.0 >&3; echo >&3; cat <&3")
			if !strings.Contains(a.Stdout, "Hostname") {
				return fmt.Errorf("it says %q %q", Clip(a.Stdout), Clip(a.Stderr))
			}
			return nil
		})
		if out := cloud.Must(t, "app", "logs", overridden, "--service", "side"); !strings.Contains(out, "8081") {
			t.Errorf("the sidecar's log is %q", Clip(out))
		}
		if a := cloud.App(t, overridden); !a.Override || len(a.Services) != 3 || len(a.Risks) > 0 {
			t.Errorf("it is %+v", a)
		}
		planned(t, 0)
		planned(t, 0, "--override", file)
	})
	t.Run("what is exported Nomad takes", func(t *testing.T) {
		text := cloud.Must(t, "app", "export", overridden)
		if !strings.Contains(text, `task "side"`) || !strings.Contains(text, `"from the override"`) {
			t.Errorf("the export lacks what runs: %s", Clip(text))
		}
		if strings.Contains(text, "plugins.cni") {
			t.Errorf("the export has what Nomad added: %s", Clip(text))
		}
		path := filepath.Join(t.TempDir(), "job.hcl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		nomad, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", cloud.PIDs(t)["nomad"]))
		if err != nil {
			t.Fatal(err)
		}
		pki := filepath.Join(cloud.Data, "pki")
		a := cloud.Shell(t, fmt.Sprintf("NOMAD_ADDR=https://127.0.0.1:4646 NOMAD_CACERT=%[1]s/ca.pem NOMAD_CLIENT_CERT=%[1]s/client.pem NOMAD_CLIENT_KEY=%[1]s/client.pem "+
			"NOMAD_TLS_SERVER_NAME=server.global.nomad NOMAD_TOKEN=$(cat %[2]s/secrets/nomad-bootstrap-token) %[4]s job validate %[3]s", pki, cloud.Data, path, nomad))
		if a.Code != 0 || !strings.Contains(a.Stdout, "successful") {
			t.Errorf("nomad job validate ended with %d\n%s%s", a.Code, a.Stdout, a.Stderr)
		}
	})
	t.Run("one with which it does not come up is put back", func(t *testing.T) {
		bad := overrideFile(t, strings.Replace(changes, "docker.io/traefik/whoami:v1.12.0", "docker.io/traefik/nosuch:v0", 1))
		a := cloud.Dcloud(t, "app", "override", "set", overridden, "-f", bad)
		if a.Code != 1 || !strings.Contains(a.Stderr, "override from before") {
			t.Errorf("it ended with %d\n%s", a.Code, a.Stderr)
		}
		if got := cloud.Must(t, "app", "override", "show", overridden); got != changes {
			t.Errorf("the override is %s", got)
		}
		if err := cloud.Serves(overriddenURL); err != nil {
			t.Errorf("the app does not answer: %v", err)
		}
		planned(t, 0)
	})
	t.Run("clear", func(t *testing.T) {
		p := cloud.Dcloud(t, "app", "override", "clear", overridden, "--plan")
		if p.Code != agent.ExitPlanChanges || !strings.Contains(p.Stdout, "- group.feeds.task.side.config.image: ") {
			t.Errorf("it is planned with %d as\n%s", p.Code, p.Stdout)
		}
		cloud.Must(t, "app", "override", "clear", overridden)
		if got := variableOf(t, "web", "NOTE") + variableOf(t, "web", "POLLING_FREQUENCY") + variableOf(t, "web", "RUN_MIGRATIONS"); got != "601" {
			t.Errorf("the app got %q", got)
		}
		planned(t, 0)
		if a := cloud.App(t, overridden); a.Override || len(a.Services) != 2 {
			t.Errorf("it is %+v", a)
		}
	})
	t.Run("what breaks out is a risk", func(t *testing.T) {
		text := "job \"feeds\" {\n  group \"feeds\" {\n    task \"web\" {\n      config {\n        sysctl = {\n          \"net.core.somaxconn\" = \"512\"\n        }\n      }\n    }\n  }\n}\n"
		cloud.Must(t, "app", "override", "set", overridden, "-f", overrideFile(t, text), "--allow-privileged")
		if a := cloud.App(t, overridden); len(a.Risks) != 1 || !strings.Contains(a.Risks[0], "kernel") {
			t.Errorf("its risks are %q", a.Risks)
		}
		if a := cloud.Dcloud(t, "app", "list"); !strings.Contains(a.Stderr, "the override of "+overridden) {
			t.Errorf("the list does not say it: %+v", a)
		}
		if got := strings.TrimSpace(cloud.Dcloud(t, "app", "exec", overridden, "--", "cat", "/proc/sys/net/core/somaxconn").Stdout); got != "512" {
			t.Errorf("the kernel's setting is %q", got)
		}
	})
	t.Run("what was agreed to is given", func(t *testing.T) {
		text := "job \"feeds\" {\n  group \"feeds\" {\n    task \"web\" {\n      config {\n        privileged = true\n        mount {\n          type     = \"bind\"\n          source   = \"/etc\"\n          target   = \"/machine\"\n          readonly = true\n        }\n      }\n    }\n  }\n}\n"
		cloud.Must(t, "app", "override", "set", overridden, "-f", overrideFile(t, text), "--allow-privileged")
		if a := cloud.App(t, overridden); len(a.Risks) != 2 {
			t.Errorf("its risks are %q", a.Risks)
		}
		want, err := os.ReadFile("/etc/debian_version")
		if err != nil {
			t.Fatal(err)
		}
		if got := cloud.Dcloud(t, "app", "exec", overridden, "--", "cat", "/machine/debian_version"); got.Stdout != string(want) {
			t.Errorf("the machine's folder holds %+v", got)
		}
		if got := cloud.Dcloud(t, "app", "exec", overridden, "--", "test", "-e", "/dev/kmsg"); got.Code != 0 {
			t.Errorf("it does not run privileged: %+v", got)
		}
	})
}
