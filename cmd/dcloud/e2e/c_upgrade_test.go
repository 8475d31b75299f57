package e2e

import (
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

func TestNoRequestFailsWhileTheAgentIsKilledRestartedAndUpgraded(t *testing.T) {
	newer, err := Build(t.Context(), binDir, "dcloud-newer", "v0.0.2-e2e", nil) // before the load: it takes both cores
	if err != nil {
		t.Fatal(err)
	}
	cloud.Must(t, "app", "install", "whoami")
	before := cloud.PIDs(t)
	stop := cloud.Load(t, "http://whoami.dcloud.localhost/")
	killAgent(t, before["agent"])
	cloud.Must(t, "up")
	cloud.AwaitReady(t)
	cloud.Bin = newer
	cloud.Must(t, "up")
	cloud.AwaitReady(t)
	sent, failed := stop()
	if len(failed) > 0 {
		t.Errorf("%d of %d requests failed, the first: %s", len(failed), sent, failed[0])
	}
	t.Logf("%d requests, %d failed", sent, len(failed))
	if v := cloud.Status(t).Version; v != "v0.0.2-e2e" {
		t.Errorf("the agent is %s after the upgrade", v)
	}
	after := cloud.PIDs(t)
	for _, engine := range []string{"consul", "nomad", "traefik"} {
		if before[engine] != after[engine] {
			t.Errorf("%s was process %d and is %d", engine, before[engine], after[engine])
		}
	}
}
