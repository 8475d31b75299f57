package node

import (
	"crypto/rand"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestAnOldIdentityIsThatOfAFirstServer(t *testing.T) {
	l := prepared(t)
	old := `{"format":1,"id":"00000000-0000-4000-8000-000000000000","name":"pi","domain":"a.b","http_port":80,"https_port":443,
"pool":"10.213.0.0/16","address":"10.213.0.1","datacenter":"home","region":"global","timezone":"UTC","created":"2026-03-01T12:00:00Z"}`
	check(t, os.WriteFile(l.NodeFile(), []byte(old), 0o600))
	n, err := Load(l)
	check(t, err)
	if n.Role != RoleServer || !n.First || !n.Alone() || n.Open || !slices.Equal(n.Engines(), []string{Consul, Nomad, Traefik}) {
		t.Errorf("%+v", n)
	}
	// Its secrets of that time are enough: what came with the pool is made.
	_, err = EnsureSecrets(l, rand.Reader)
	check(t, err)
	for _, name := range []string{SecretPoolGossip, SecretWireGuard} {
		check(t, os.Remove(filepath.Join(l.Secrets(), name)))
	}
	first, err := LoadSecrets(l)
	check(t, err)
	second, err := LoadSecrets(l)
	check(t, err)
	if first != second || !isGossipKey(first.PoolGossip) || !isWireGuardKey(first.WireGuard) {
		t.Error("the new secrets were not made, or not kept")
	}
	check(t, os.Remove(filepath.Join(l.Secrets(), SecretConsulGossip)))
	_, err = LoadSecrets(l)
	refused(t, err, "consul-gossip cannot be read")
}

func TestAnIdentityWhoseRoleCannotBeIsDamaged(t *testing.T) {
	good := `{"format":1,"id":"00000000-0000-4000-8000-000000000000","name":"pi","domain":"a.b","http_port":80,"https_port":443,
"pool":"10.213.0.0/16","address":"10.213.0.1","datacenter":"home","region":"global","role":"worker","servers":["10.213.0.2"]}`
	_, err := parse("node.json", []byte(good))
	check(t, err)
	for from, to := range map[string]string{
		`"worker"`:       `"boss"`,
		`["10.213.0.2"]`: `[]`,
		`"10.213.0.2"`:   `"10.213.0.1"`,
		`"10.213.0.2"]`:  `"10.213.0.2","10.213.0.2"]`,
		`["10.213.0.2"`:  `["192.0.2.1"`,
		`"role"`:         `"first":true,"role"`,
	} {
		_, err := parse("node.json", []byte(strings.Replace(good, from, to, 1)))
		refused(t, err, "is damaged")
	}
}

func TestAMachineFollowsWhatItsPoolHasBecome(t *testing.T) {
	l := prepared(t)
	n, _, err := Init(l, options())
	check(t, err)
	servers := []netip.Addr{netip.MustParseAddr("10.213.0.9"), n.Address, netip.MustParseAddr("10.213.0.3"), netip.MustParseAddr("10.213.0.9")}
	got, changed, err := Follow(l, Shared{Domain: "cloud.example.org", HTTPPort: 8080, HTTPSPort: 8443, Servers: servers})
	check(t, err)
	if !changed || got.Domain != "cloud.example.org" || got.HTTPPort != 8080 || got.ID != n.ID ||
		!slices.Equal(got.Servers, []netip.Addr{servers[2], servers[0]}) {
		t.Errorf("%+v", got)
	}
	again, changed, err := Follow(l, Shared{Servers: servers})
	check(t, err)
	if changed || again.Domain != got.Domain || again.HTTPSPort != 8443 {
		t.Errorf("again: %v %+v", changed, again)
	}
	if _, _, err := Follow(l, Shared{Domain: "x`)"}); err == nil {
		t.Error("a domain that cannot be was followed")
	}
	loaded, err := Load(l)
	check(t, err)
	if !loaded.Open {
		t.Error("a machine that knows another is not open")
	}
	loaded.Open = again.Open
	if !reflect.DeepEqual(loaded, again) {
		t.Errorf("%+v", loaded)
	}
}

func TestACloudOfOneIsOpenOnceItHasItsMark(t *testing.T) {
	l := prepared(t)
	_, _, err := Init(l, options())
	check(t, err)
	check(t, os.MkdirAll(filepath.Dir(l.OpenMark()), 0o700))
	check(t, WriteFile(l.OpenMark(), nil))
	n, err := Load(l)
	check(t, err)
	in := example()
	in.Node = n
	if !n.Open || !strings.Contains(NomadConfig(in), `= "strict"`) || strings.Contains(NomadConfig(example()), `= "strict"`) {
		t.Errorf("open: %v", n.Open)
	}
}

func TestAMemberIsGivenOnlyTheSecretsOfItsRole(t *testing.T) {
	_, _, s := newServer(t)
	for role, want := range map[string]int{RoleServer: 9, RoleIngress: 2, RoleWorker: 2} {
		given := MemberSecrets(s, role)
		if len(given) != want || given[SecretPoolGossip] != s.PoolGossip || given[SecretConsulGossip] != s.ConsulGossip || given[SecretWireGuard] != "" {
			t.Errorf("%s is given %d secrets", role, len(given))
		}
	}
}

func TestReplacedSecretsAreTheRolesOwnAndAllOrNone(t *testing.T) {
	server, _, s := newServer(t)
	l := prepared(t)
	_, err := Adopt(l, answer(t, server, l, RoleWorker))
	check(t, err)
	_, err = EnsureSecrets(l, rand.Reader)
	check(t, err)
	old, err := LoadSecrets(l)
	check(t, err)
	fresh, err := NewGossipKeys(rand.Reader)
	check(t, err)
	for _, spoil := range []map[string]string{
		fresh, // with Nomad's
		{SecretConsulGossip: fresh[SecretConsulGossip], SecretPoolGossip: "short"},
		{SecretConsulGossip: fresh[SecretConsulGossip], SecretWireGuard: old.WireGuard},
		{SecretConsulGossip: fresh[SecretConsulGossip], "../node.json": fresh[SecretConsulGossip]},
	} {
		err := ReplaceSecrets(l, spoil)
		if err == nil || strings.Contains(err.Error(), fresh[SecretConsulGossip]) {
			t.Errorf("%v", err)
		}
		if now, err := LoadSecrets(l); err != nil || now != old {
			t.Errorf("something was replaced: %v", err)
		}
	}
	delete(fresh, SecretNomadGossip)
	check(t, ReplaceSecrets(l, fresh))
	now, err := LoadSecrets(l)
	check(t, err)
	if now.ConsulGossip != fresh[SecretConsulGossip] || now.PoolGossip == s.PoolGossip || now.ConsulAgent != old.ConsulAgent {
		t.Error("the gossip keys are the old ones, or others changed")
	}
}

func TestAnEngineThatSleptThroughAReplacementFollowsItsKeys(t *testing.T) {
	l, n, s := newServer(t)
	old, err := newGossipKey(rand.Reader)
	check(t, err)
	consul, nomad := filepath.Join(l.EngineData(Consul), "serf/local.keyring"), filepath.Join(l.EngineData(Nomad), "server/serf.keyring")
	check(t, FollowKeys(l, n, s))
	for _, path := range []string{consul, nomad} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was made: that is the engine's to do", path)
		}
		check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	}
	for _, c := range []struct{ name, has, want string }{
		{"current", `["` + s.ConsulGossip + `","` + old + `"]`, `["` + s.ConsulGossip + `","` + old + `"]`},
		{"amid a replacement", `["` + old + `","` + s.ConsulGossip + `"]`, `["` + s.ConsulGossip + `","` + old + `"]`},
		{"before it", `["` + old + `"]`, `["` + s.ConsulGossip + `"]`},
		{"damaged", `["x`, `["` + s.ConsulGossip + `"]`},
		{"empty", `[]`, `["` + s.ConsulGossip + `"]`},
	} {
		check(t, os.WriteFile(consul, []byte(c.has), 0o600))
		stale, err := StaleKeys(l, n, s, Consul)
		check(t, err)
		if stale != (c.has != c.want) {
			t.Errorf("%s: stale = %v", c.name, stale)
		}
		check(t, FollowKeys(l, n, s))
		if got, _ := os.ReadFile(consul); string(got) != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	check(t, os.WriteFile(nomad, []byte(`["`+old+`"]`), 0o600))
	check(t, FollowKeys(l, n, s))
	if got, _ := os.ReadFile(nomad); string(got) != `["`+s.NomadGossip+`"]` {
		t.Errorf("Nomad's: %s", got)
	}
}

func TestNobodyElseMayUseThePoolsPorts(t *testing.T) {
	for _, port := range []int{JoinPort, GossipPort, PeerPort} {
		if engineOf(port) == "" {
			t.Errorf("port %d is free for others", port)
		}
	}
}

func FuzzAKeyringAlwaysBeginsWithTheKey(f *testing.F) {
	key := "Y29uc3VsLWdvc3NpcC1rZXktb2YtMzItYnl0ZXMhISE="
	f.Add([]byte(`["` + key + `"]`))
	f.Add([]byte(`["bm9tYWQtZ29zc2lwLWtleS1vZi0zMi1ieXRlcy4uLi4=","` + key + `",""]`))
	f.Add([]byte(`{"a":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		text, _ := follow(data, key)
		var keys []string
		if err := json.Unmarshal(text, &keys); err != nil || len(keys) == 0 || keys[0] != key || slices.ContainsFunc(keys, notKey) {
			t.Errorf("%q: %v", text, err)
		}
		if _, changed := follow(text, key); changed {
			t.Error("it is never done")
		}
	})
}

func FuzzWhatPassesAsAnIntroductionIsOneLine(f *testing.F) {
	f.Add("eyJh.eyJi.c2ln")
	f.Add("a.b\n.c")
	f.Fuzz(func(t *testing.T, s string) {
		if isJWT(s) && strings.ContainsAny(s, " \n\r\t\"\\/") {
			t.Errorf("%q", s)
		}
	})
}
