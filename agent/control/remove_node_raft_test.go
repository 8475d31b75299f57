package control

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"testing"
)

// fakeRaft is an engine's servers, and what was done to them.
type fakeRaft struct {
	voters []voter
	away   int // how many questions find no leader after one was made
	wait   int
	did    []string
}

func (f *fakeRaft) list(context.Context) ([]voter, error) {
	if f.wait > 0 {
		f.wait--
		return nil, errors.New("no cluster leader")
	}
	return slices.Clone(f.voters), nil
}

func (f *fakeRaft) promote(_ context.Context, id string) error {
	f.did = append(f.did, "promote "+id)
	for k := range f.voters {
		f.voters[k].leads = f.voters[k].id == id
	}
	f.wait = f.away
	return nil
}

func (f *fakeRaft) remove(_ context.Context, id string) error {
	f.did = append(f.did, "remove "+id)
	return nil
}

func TestAServerHandsItsLeadOverBeforeItLosesItsVote(t *testing.T) {
	a, b, c := voter{id: "a", address: "10.213.0.1:8300"}, voter{id: "b", address: "10.213.0.2:8300"}, voter{id: "c", address: "10.213.0.3:8300"}
	lead := func(v voter) voter { v.leads = true; return v }
	for name, test := range map[string]struct {
		voters []voter
		want   []string
	}{
		"one of two":             {[]voter{lead(a), b}, []string{"remove b"}},
		"the leader of two":      {[]voter{a, lead(b)}, []string{"promote a", "remove b"}},
		"one of three":           {[]voter{a, b, lead(c)}, []string{"remove b"}},
		"the last one":           {[]voter{lead(b)}, nil},
		"one that has none":      {[]voter{lead(a), c}, nil},
		"one that is not listed": {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			raft := &fakeRaft{voters: test.voters, away: 2}
			if err := dismiss(t.Context(), raft, netip.MustParseAddr("10.213.0.2")); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(raft.did, test.want) {
				t.Errorf("it did %q, want %q", raft.did, test.want)
			}
		})
	}
}

func TestWithoutALeaderNoServerLosesItsVote(t *testing.T) {
	raft := &fakeRaft{wait: 100}
	if err := dismiss(t.Context(), raft, netip.MustParseAddr("10.213.0.2")); err == nil || len(raft.did) > 0 {
		t.Errorf("%v, and it did %q", err, raft.did)
	}
}
