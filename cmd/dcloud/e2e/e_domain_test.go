package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestAppsFollowTheCloudToAnotherDomain(t *testing.T) {
	install := func(name string) {
		t.Helper()
		cloud.Must(t, "app", "install", "whoami", "--name", name)
		t.Cleanup(func() { cloud.Must(t, "app", "remove", name, "--purge-data") })
	}
	install("mover")
	install("sleeper")
	cloud.Must(t, "app", "stop", "sleeper")
	moveTo := func(domain, old string) {
		t.Helper()
		cloud.Must(t, "up", "--domain", domain)
		Await(t, "the app answers at "+domain, HealTime, func() error { return cloud.Serves("http://mover." + domain + "/") })
		Await(t, "nobody answers at "+old, HealTime, func() error {
			if code, _, err := cloud.Get("http://mover." + old + "/"); err != nil || code != 404 {
				return fmt.Errorf("%d %v", code, err)
			}
			return nil
		})
		for _, name := range []string{"mover", "sleeper"} {
			Await(t, name+" has its new address", HealTime, func() error {
				app := Decode[agent.AppDetail](t, cloud.Must(t, "app", "status", name, "--json"))
				if want := "http://" + name + "." + domain; app.URL != want {
					return fmt.Errorf("%s, want %s", app.URL, want)
				}
				return nil
			})
		}
		awaitSettled(t) // the other apps move too
	}
	moveTo("moved.localhost", "dcloud.localhost")
	cloud.Refused(t, 4, []string{"mover"}, "app", "install", "whoami", "--name", "third", "--subdomain", "mover")
	moveTo("dcloud.localhost", "moved.localhost")
	cloud.Must(t, "app", "start", "sleeper")
	if err := cloud.Serves("http://sleeper.dcloud.localhost/"); err != nil {
		t.Error(err)
	}
}

func TestTwoUpsAtOnceDoNotGetInEachOthersWay(t *testing.T) {
	var cmds []*exec.Cmd
	outs := make([]strings.Builder, 3)
	for k := range outs {
		cmd := cloud.Command(t.Context(), cloud.Bin, "up", "--json")
		cmd.Stderr = &outs[k]
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmds = append(cmds, cmd)
	}
	done := 0
	for k, cmd := range cmds {
		err := cmd.Wait()
		switch code := cmd.ProcessState.ExitCode(); {
		case code == 0:
			done++
		case code != 4 || !strings.Contains(outs[k].String(), "another dcloud up"):
			t.Errorf("%v\n%s", err, outs[k].String())
		}
	}
	if done == 0 {
		t.Error("none went through")
	}
	cloud.AwaitReady(t)
}
