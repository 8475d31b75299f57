package pool

import (
	"fmt"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestAnAppGoesWhereItsSettingSaysAndDataGoesNowhere(t *testing.T) {
	// Back on pi at the end, where later tests look for it.
	for _, node := range []string{"vps", "pi"} {
		server.Must(t, "app", "config", atPi, "--set", "node="+node)
		awaitApp(t, "it is said to run on "+node, atPi, func(app agent.AppDetail) error {
			if app.Node != node {
				return fmt.Errorf("it runs on %s: %s (%s)", app.Node, app.State, app.Reason)
			}
			return nil
		})
		server.AwaitRoute(t, atPiAt)
	}
	server.Refused(t, 3, []string{"nosuch", "pi", "server", "vps"}, "app", "config", atPi, "--set", "node=nosuch")
	server.Refused(t, 1, []string{"its data is on pi"}, "app", "config", files, "--set", "node=vps")
	awaitApp(t, "what was asked to move is where its data is", files, func(app agent.AppDetail) error {
		if app.Node != "pi" {
			return fmt.Errorf("it runs on %s: %s (%s)", app.Node, app.State, app.Reason)
		}
		return nil
	})
}
