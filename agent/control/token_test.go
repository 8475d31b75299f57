package control

import (
	"context"
	"encoding/json"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

func TestARequestForATokenIsCompletedOrRefused(t *testing.T) {
	got, err := soundRequest(agent.TokenRequest{Addresses: []string{"home.example.org", "[2001:db8::1]:99"}, Call: "vps.example.org:7"})
	if err != nil || got.TTL != time.Hour || got.Uses != 1 || got.Role != pool.RoleWorker ||
		!slices.Equal(got.Addresses, []string{"home.example.org:51820", "[2001:db8::1]:99"}) || got.Call != "vps.example.org:7" {
		t.Errorf("%+v, %v", got, err)
	}
	for says, req := range map[string]agent.TokenRequest{
		"good for 59s":         {TTL: 59 * time.Second},
		"good for 721h":        {TTL: 721 * time.Hour},
		"good for -1ns":        {TTL: -1},
		"good for -1 machines": {Uses: -1},
		"good for 101":         {Uses: 101},
		`no role "king"`:       {Role: "king"},
		"is no address":        {Addresses: []string{"a b"}},
		"8 addresses at most":  {Addresses: make([]string, 9)},
		"cannot be called":     {Call: "http://vps"},
	} {
		_, err := soundRequest(req)
		wantCode(t, agent.CodeInvalid, err)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
}

func FuzzAnAddressIsCompletedOrRefused(f *testing.F) {
	for _, seed := range []string{"a", "a:1", "1.2.3.4", "::1", "[::1]:5", "[::1]", "a.b.", "300.1.1.1", "1.2.3", "a:0", "a:65536", "-a", "fe80::1%eth0", "0.0.0.0", ":51820", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		full, ok := hostPort(text)
		if !ok {
			return
		}
		host, port, err := net.SplitHostPort(full)
		again, same := hostPort(full)
		if err != nil || host == "" || port == "" || port == "0" || strings.ContainsAny(full, " \n/@%") || !same || again != full {
			t.Errorf("%q became %q, and that %q", text, full, again)
		}
	})
}

func TestAnAdminLetsInWorkersAndAnOwnerAllMachines(t *testing.T) {
	as := func(role string) context.Context {
		return agent.WithRole(agent.WithActor(t.Context(), "eve"), role)
	}
	for _, role := range []string{pool.RoleServer, pool.RoleIngress} {
		if _, err := new(Service).NodeToken(as(agent.RoleAdmin), agent.TokenRequest{Role: role}); agent.AsError(err).Code != agent.CodeUnauthorized {
			t.Errorf("an admin makes a token for a %s: %v", role, err)
		}
		for _, asker := range []string{agent.RoleOwner, ""} {
			if err := mayLetIn(as(asker), role); err != nil {
				t.Errorf("%q: %v", asker, err)
			}
		}
	}
	if err := mayLetIn(as(agent.RoleAdmin), pool.RoleWorker); err != nil {
		t.Error(err)
	}
}

func TestATokensRecordDoesNotHoldItsSecret(t *testing.T) {
	made := pool.NewToken([32]byte{1}, nil)
	text, err := json.Marshal(tokenRecord{ID: made.ID, Hash: hashSecret(made.Secret), Role: pool.RoleWorker})
	check(t, err)
	record := decodeToken(&consul.KVPair{Key: prefixTokens + made.ID, Value: text})
	if strings.Contains(string(text), made.Secret) || record == nil || !record.has(made.Secret) || record.has("") || record.has(made.Secret+"0") {
		t.Errorf("%s, %+v", text, record)
	}
	if decodeToken(&consul.KVPair{Key: prefixTokens + "other", Value: text}) != nil {
		t.Error("it counts under another name")
	}
}

func TestTheJoinPortIsOpenForWhoMayJoinOrIsAboutTo(t *testing.T) {
	soon, later := someDay.Add(time.Minute), someDay.Add(time.Hour)
	joining := memberAt("a", "a", "10.0.0.1")
	joining.Joining, joining.Token = true, "used"
	joined := memberAt("b", "b", "10.0.0.2")
	joined.Token = "done"
	r := &roster{nodes: []*nodeRecord{joining, joined}}
	for _, c := range []struct {
		about  string
		tokens []*tokenRecord
		open   bool
		call   string
		until  time.Time
	}{
		{"no token", nil, false, "", time.Time{}},
		{"expired", []*tokenRecord{{ID: "x", Left: 1, Expires: someDay}}, false, "", time.Time{}},
		{"used, and that machine has joined", []*tokenRecord{{ID: "done", Expires: later}}, false, "", time.Time{}},
		{"used, and that machine is joining", []*tokenRecord{{ID: "used", Expires: later, Call: "v:1"}}, true, "v:1", later},
		{"two", []*tokenRecord{{ID: "y", Left: 1, Expires: later, Call: "w:1"}, {ID: "z", Left: 2, Expires: soon, Call: "v:1"}}, true, "v:1,w:1", soon},
	} {
		got, until := expected(c.tokens, r, someDay)
		if got.open != c.open || strings.Join(got.call, ",") != c.call || !until.Equal(c.until) {
			t.Errorf("%s: %+v until %s", c.about, got, until)
		}
	}
}

func TestARemovedMachinesTokensLetNobodyInAnyMore(t *testing.T) {
	used := func(ids ...string) (list []tokenUse) {
		for _, id := range ids {
			list = append(list, tokenUse{ID: id})
		}
		return list
	}
	tokens := []*tokenRecord{
		{ID: "others", Left: 2, Used: used("a", "b")}, {ID: "its", Left: 1, Used: used("a", "gone")},
		{ID: "used up", Used: used("gone")}, {ID: "new", Left: 3},
	}
	var got []string
	for _, t := range knownTo(tokens, "gone") {
		got = append(got, t.ID)
	}
	if len(got) != 1 || got[0] != "its" || len(tokens) != 4 {
		t.Errorf("%q are closed", got)
	}
}
