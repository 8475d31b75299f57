package control

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// historyOf makes records out of "ID action app node outcome", the newest first.
func historyOf(lines ...string) []*agent.Activity {
	var out []*agent.Activity
	for _, l := range lines {
		w := strings.Fields(l)
		for k := range w {
			if w[k] == "-" {
				w[k] = ""
			}
		}
		out = append(out, &agent.Activity{ID: w[0], Action: w[1], App: w[2], Node: w[3], Outcome: w[4], Started: noon, Ended: noon})
	}
	return out
}

func idsOf(list []agent.Activity) string {
	var ids []string
	for _, a := range list {
		ids = append(ids, a.ID)
	}
	return strings.Join(ids, " ")
}

func TestNobodyPushesTheHistoryOutWithTheirOwnAccount(t *testing.T) {
	var list []*agent.Activity
	for n := range 3 * keepsActivity {
		list = append(list, &agent.Activity{ID: fmt.Sprint("own", n), Action: "sign-in", Actor: "guest", User: "guest"})
	}
	list = append(list, &agent.Activity{ID: "removed", Action: "user", Actor: "eve", User: "bob"}, &agent.Activity{ID: "install", Action: "install", Actor: "eve"})
	old := surplus(list)
	if len(old) != 3*keepsActivity-keepsOwn {
		t.Errorf("%d are not kept", len(old))
	}
	for _, a := range old {
		if a.Actor != "guest" || a.ID == "own0" {
			t.Errorf("%s is not kept", a.ID)
		}
	}
	list = list[:0]
	for n := range keepsActivity + 2 {
		list = append(list, &agent.Activity{ID: fmt.Sprint(n), Action: "start", Actor: "eve"})
	}
	if old := surplus(list); len(old) != 2 || old[0] != list[keepsActivity] {
		t.Errorf("%d of all are not kept", len(old))
	}
}

func TestTheHistoryIsGivenPageByPageTheNewestFirst(t *testing.T) {
	list := historyOf("5 start web - done", "4 drain - pi done", "3 stop web - failed", "2 crash db pi failed", "1 install web - done")
	for want, q := range map[string]agent.ActivityQuery{
		"5 4 3 2 1": {},
		"5 4":       {Limit: 2},
		"3 2":       {Limit: 2, Before: "4"},
		"5 3 1":     {App: "web"},
		"3 1":       {App: "web", Before: "5"},
		"4 2":       {Node: "pi"},
		"2":         {Node: "pi", App: "db"},
		"":          {App: "none"},
	} {
		if got := idsOf(selectActivity(list, q)); got != want {
			t.Errorf("%+v: %q, want %q", q, got, want)
		}
	}
	var many []*agent.Activity
	for n := range 80 {
		many = append(many, &agent.Activity{ID: fmt.Sprint(200 - n)})
	}
	if n := len(selectActivity(many, agent.ActivityQuery{})); n != someActivity {
		t.Errorf("%d unless said", n)
	}
}

func TestARecordIsBoundedHoweverMuchThereIsToTell(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	a := agent.Activity{Detail: long, Error: agent.Errorf(agent.CodeFailed, "%s", long).WithHint("%s", long), Request: &agent.InstallRequest{Entry: "e", Name: "n", Settings: map[string]string{"a": long}}}
	for range 100 {
		a.Logs = append(a.Logs, long)
	}
	text, err := json.Marshal(clipActivity(a))
	if err != nil || len(text) > 16<<10 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	got := clipActivity(a)
	if got.Request.Entry != "e" || got.Request.Name != "n" || len(got.Logs) != 20 || len(a.Logs[99]) != len(long) || len(a.Error.Message) != len(long) {
		t.Errorf("%.200v: what is told is not what was given, clipped", got)
	}
	small := agent.Activity{Request: &agent.InstallRequest{Entry: "e", Settings: map[string]string{"a": "b"}}}
	if clipActivity(small).Request != small.Request {
		t.Error("a request that is small does not stay as it is")
	}
}

func TestADamagedRecordIsNoReasonToShowNone(t *testing.T) {
	for _, value := range []string{"", "{", "[]", `{"id":"other","outcome":"done"}`, `{"id":"x"}`} {
		a := decodeActivity(&consul.KVPair{Key: prefixActivity + "x", Value: []byte(value)})
		if a.ID != "x" || a.Outcome != agent.OutcomeDone || a.Detail == "" {
			t.Errorf("%q: %+v", value, a)
		}
	}
}

func FuzzARecordOfTheHistoryThatAnybodyWroteDoesNoHarm(f *testing.F) {
	f.Add([]byte(`{"id":"x","action":"start","outcome":"running","error":{"code":"failed"}}`))
	f.Fuzz(func(t *testing.T, value []byte) {
		a := decodeActivity(&consul.KVPair{Key: prefixActivity + "x", Value: value})
		if a.ID != "x" || a.Outcome == "" {
			t.Errorf("%+v", a)
		}
		list := []*agent.Activity{a}
		selectActivity(list, agent.ActivityQuery{App: "a"})
		crashedNow(list, a.App)
		new(herald).pick(list, noon)
	})
}

func TestWhatADeadAgentLeftUnsaidIsReadOffTheRecords(t *testing.T) {
	op := &Op{ID: "newer"}
	for name, c := range map[string]struct {
		action  string
		i       *Intent
		outcome string
		words   string
	}{
		"a removal":                     {opRemove, nil, agent.EventDone, "removed"},
		"an install that failed":        {opInstall, nil, agent.EventFailed, "taken back"},
		"a start of what is gone":       {opStart, nil, agent.EventFailed, "newer change"},
		"an install that went well":     {opInstall, &Intent{}, agent.EventDone, ""},
		"a start that failed":           {opStart, &Intent{Failure: &Failure{Stage: agent.StagePull, Message: "no image", Time: noon.Add(time.Minute)}}, agent.EventFailed, "no image"},
		"one after an older failure":    {opStart, &Intent{Failure: &Failure{Message: "old", Time: noon.Add(-time.Minute)}}, agent.EventDone, ""},
		"one that another took over":    {opStart, &Intent{Op: op}, agent.EventFailed, "newer change"},
		"an install, removed meanwhile": {opInstall, &Intent{Op: op, Desired: desiredRemoved}, agent.EventFailed, "newer change"},
	} {
		e := outcomeOfApp(agent.Activity{Action: c.action, App: "a", Started: noon}, c.i)
		said := e.Message
		if e.Error != nil {
			said = e.Error.Message
		}
		if e.State != c.outcome || !strings.Contains(said, c.words) || (e.State == agent.EventFailed) != (e.Error != nil) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	a := agent.Activity{Action: opDrain, Node: "pi", Op: "o", Started: noon}
	failure := agent.Errorf(agent.CodeFailed, "no")
	for name, c := range map[string]struct {
		n       *nodeRecord
		outcome string
	}{
		"well":       {&nodeRecord{Last: &nodeOp{ID: "o"}}, agent.EventDone},
		"failed":     {&nodeRecord{Last: &nodeOp{ID: "o", Failure: failure}}, agent.EventFailed},
		"called off": {&nodeRecord{Last: &nodeOp{ID: "p"}}, agent.EventFailed},
		"gone":       {nil, agent.EventFailed},
	} {
		if e := outcomeOfNode(a, c.n); e.State != c.outcome || (e.State == agent.EventFailed) != (e.Error != nil) {
			t.Errorf("%s: %+v", name, e)
		}
	}
	a.Action = "node-remove"
	if e := outcomeOfNode(a, nil); e.State != agent.EventDone {
		t.Errorf("a machine that is gone was not removed: %+v", e)
	}
}

func TestSettingsAreNamedInTheHistoryAndNotTold(t *testing.T) {
	got := changedWords(map[string]string{"same": "1", "old": "a"}, map[string]string{"same": "1", "old": "hunter2", "new": "hunter3"})
	if got != "changed new, old" {
		t.Error(got)
	}
	if got := execWords(agent.ExecRequest{Service: "web", Command: []string{"psql", "-c", "alter user x password 'hunter2'"}}); got != "ran psql in web" {
		t.Error(got)
	}
}

func TestWhoDidItIsNamedAsPeopleKnowThem(t *testing.T) {
	for actor, want := range map[string]string{"unix:root": "root", "ada": "ada", "token:owner": "token:owner"} {
		if got := actorOf(agent.WithActor(t.Context(), actor)); got != want {
			t.Errorf("%s: %q", actor, got)
		}
	}
	if got := actorOf(t.Context()); got != "" {
		t.Errorf("the cloud itself: %q", got)
	}
}
