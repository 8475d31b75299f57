package web

import (
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

func TestAChangeIsToldAsItWasAndByWhom(t *testing.T) {
	c := &Ctx{lang: languages[0]}
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for _, one := range []struct {
		a    agent.Activity
		want Deed
	}{
		{agent.Activity{Actor: "ada", Action: "install", App: "blog", Outcome: agent.OutcomeDone, Started: at, Ended: at.Add(90 * time.Second)},
			Deed{Who: "ada", What: "installed blog", Icon: "download", State: "done", Took: "1 minute", Link: "/apps/blog"}},
		{agent.Activity{Actor: "ada", Action: "install", App: "blog", Outcome: agent.OutcomeRunning, Started: at},
			Deed{Who: "ada", What: "is about to install blog", Icon: "download", State: "under way", Link: "/apps/blog"}},
		{agent.Activity{Actor: "unix:root", Action: "drain", Node: "pi1", Outcome: agent.OutcomeFailed, Stage: agent.StageDrain},
			Deed{Who: "Somebody at the machine (root)", What: "tried to empty pi1", Icon: "server", State: "failed", FailedAt: "Moving its apps", Link: "/machines/pi1"}},
		{agent.Activity{Action: "crash", App: "blog", Outcome: agent.OutcomeFailed},
			Deed{What: "blog ended by itself", Icon: "octagon-alert", State: "failed", Link: "/apps/blog"}},
		{agent.Activity{Actor: "ada", Action: "settings", Outcome: agent.OutcomeDone},
			Deed{Who: "ada", What: "changed the cloud's settings", Icon: "settings", State: "done"}},
		{agent.Activity{Action: "invite", Actor: "token:owner", Outcome: agent.OutcomeDone},
			Deed{Who: "Somebody with the cloud's token", What: "made a link for something", Icon: "users", State: "done"}},
		{agent.Activity{Action: "new-in-a-later-version", User: "bob", Outcome: agent.OutcomeDone},
			Deed{Who: "The cloud", What: "new-in-a-later-version bob", Icon: "info", State: "done", Link: "/people/bob"}},
	} {
		if got := c.Deed(one.a); got != one.want {
			t.Errorf("%s: %+v, want %+v", one.a.Action, got, one.want)
		}
	}
}
