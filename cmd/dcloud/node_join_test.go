package main

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// halfJoined lays out a machine whose join was broken off, as far as its roster says.
func halfJoined(t *testing.T, unconfirmed bool) *joining {
	t.Helper()
	dir := t.TempDir()
	l, err := node.NewLayout(filepath.Join(dir, "data"), filepath.Join(dir, "cache"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	must(node.Prepare(l))
	n, _, err := node.Init(l, node.Options{Hostname: "pi", Now: time.Now(), Rand: rand.Reader})
	must(err)
	_, err = node.EnsurePKI(l, n, time.Now())
	must(err)
	must(os.MkdirAll(l.Pool(), 0o700))
	must(node.WriteFile(joinMark(l), nil))
	key, err := node.AuthorityKey(l)
	must(err)
	signed, err := pool.Roster{Serial: 1, Members: []pool.Member{{ID: n.ID, Name: n.Name, Role: n.Role, Address: n.Address, Joining: unconfirmed}}}.Sign(key)
	must(err)
	must(node.WriteFile(member.RosterFile(l), signed))
	return &joining{l: l}
}

func TestAMachineThatIsAMemberIsNotCleanedUpBecauseALaterJoinFails(t *testing.T) {
	gone := agent.Errorf(agent.CodeUnavailable, "the cloud cannot be reached")
	for name, test := range map[string]struct {
		joining  bool
		declined error
		data     bool
		want     string
	}{
		"never confirmed":                      {joining: true},
		"never confirmed, and the cloud away":  {joining: true, declined: gone},
		"confirmed, and killed before it knew": {joining: false, want: "is a member"},
		"confirmed, and the cloud away":        {joining: false, declined: gone, want: "is a member"},
		"the cloud says that it has joined":    {joining: true, declined: agent.Errorf(agent.CodeConflict, "pi has joined already"), want: "is a member"},
		"there is data":                        {joining: true, declined: gone, data: true, want: "data of apps"},
	} {
		t.Run(name, func(t *testing.T) {
			j := halfJoined(t, test.joining)
			if test.data {
				if err := os.MkdirAll(filepath.Join(j.l.Volumes(), "notes_web_data"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			got := j.stays(test.declined)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatWasMadeBeforeAMachineHadItsIdentityIsForgottenWhole(t *testing.T) {
	dir := t.TempDir()
	l, err := node.NewLayout(filepath.Join(dir, "data"), filepath.Join(dir, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := node.NewRequest(l, rand.Reader); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(l.Pool(), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{joinMark(l), member.RosterFile(l)} {
		if err := node.WriteFile(path, nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := (&env{}).forget(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{l.Joining(), joinMark(l), member.RosterFile(l)} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
}

func TestAMachineThatGotAnotherNameThanItAskedForIsToldWhy(t *testing.T) {
	there := []agent.Node{{Name: "pi"}, {Name: "pi-2", Self: true}}
	for _, c := range []struct{ asked, flag, got, want string }{
		{asked: "pi-2", got: "pi-2"},
		{got: "pi-2"}, // again, with no name
		{asked: "pi", got: "pi-2", want: "There is a machine called pi already"},
		{asked: "pi", flag: "pi", got: "pi-2", want: "this one is called pi-2"},
		{flag: "attic", got: "pi-2", want: "is called pi-2 since it joined"}, // again, with another name
	} {
		j := &joining{name: c.flag, asked: c.asked}
		if got := j.otherName(c.got, there); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestAMemberWhoseCloudDoesNotAnswerIsToldThatItMayHaveBeenRemoved(t *testing.T) {
	silent := agent.Errorf(agent.CodeUnavailable, "the cloud was not ready in time").WithHint("see the logs")
	for name, test := range map[string]struct {
		cause  error
		member bool
		want   bool
	}{
		"a member":                 {silent, true, true},
		"another failure":          {agent.Errorf(agent.CodeFailed, "the disk is full"), true, false},
		"a machine that is no one": {silent, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			j := halfJoined(t, false)
			if err := os.Remove(joinMark(j.l)); err != nil {
				t.Fatal(err)
			}
			if !test.member {
				l, err := node.NewLayout(t.TempDir(), t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				j = &joining{l: l}
			}
			got := agent.AsError(j.takeBack(t.Context(), test.cause))
			if got.Message != agent.AsError(test.cause).Message || strings.Contains(got.Hint, "dcloud down --purge") != test.want {
				t.Errorf("%v, with the hint %q", got, got.Hint)
			}
		})
	}
}
