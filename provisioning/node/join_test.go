package node

import (
	"crypto/rand"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newServer is a pool's first server.
func newServer(t *testing.T) (Layout, Node, Secrets) {
	t.Helper()
	l, n := withPKI(t)
	s, err := EnsureSecrets(l, rand.Reader)
	check(t, err)
	return l, n, s
}

// answer is what a server gives to a machine that has asked.
func answer(t *testing.T, server, joiner Layout, role string) Adoption {
	t.Helper()
	id, csr, err := NewRequest(joiner, rand.Reader)
	check(t, err)
	n, err := Load(server)
	check(t, err)
	s, err := LoadSecrets(server)
	check(t, err)
	m := Identity{ID: id, Name: "pi2", Role: role, Address: netip.MustParseAddr("10.213.0.2")}
	certs, err := Issue(server, m, csr, noon)
	check(t, err)
	_, authority, _, err := Authority(server)
	check(t, err)
	a := Adoption{ID: id, Name: m.Name, Role: role, Address: m.Address, Pool: n.Pool, Servers: []netip.Addr{n.Address}, Domain: n.Domain,
		HTTPPort: 80, HTTPSPort: 443, Datacenter: n.Datacenter, Region: n.Region, Timezone: "Europe/Berlin", Joined: noon,
		Authority: authority, Certs: certs, Secrets: MemberSecrets(s, role), Intro: "eyJh.eyJi.c2ln"}
	if role == RoleServer {
		a.AuthorityKey, err = AuthorityKeyPEM(server)
		check(t, err)
	} else {
		a.Secrets[SecretConsulAgent], a.Secrets[SecretConsulNomad] = "aaaaaaaa-0000-4000-8000-00000000000a", "aaaaaaaa-0000-4000-8000-00000000000a"
	}
	if role == RoleIngress {
		a.Secrets[SecretConsulTraefik] = "aaaaaaaa-0000-4000-8000-00000000000b"
	}
	return a
}

func TestAMachineOfEachRoleJoinsWithAllThatItNeedsAndNoMore(t *testing.T) {
	server, _, _ := newServer(t)
	for role, want := range map[string]struct{ certs, secrets int }{RoleServer: {6, 10}, RoleIngress: {4, 7}, RoleWorker: {3, 6}} {
		l := prepared(t)
		a := answer(t, server, l, role)
		key, err := WireGuardKey(l)
		check(t, err)
		n, err := Adopt(l, a)
		check(t, err)
		loaded, err := Load(l)
		check(t, err)
		if loaded.ID != n.ID || n.Role != role || n.First || !loaded.Open || n.Address.String() != "10.213.0.2" || len(n.Servers) != 1 {
			t.Errorf("%s: %+v", role, loaded)
		}
		_, err = EnsureSecrets(l, rand.Reader)
		check(t, err)
		s, err := LoadSecrets(l)
		check(t, err)
		if s.WireGuard != key {
			t.Errorf("%s: the key in the pool's network is another after the join", role)
		}
		files, err := os.ReadDir(l.Secrets())
		check(t, err)
		if len(files) != want.secrets {
			t.Errorf("%s: secrets %v", role, files)
		}
		certs, err := filepath.Glob(filepath.Join(l.PKI(), "*.pem"))
		check(t, err)
		certs = slices.DeleteFunc(certs, func(p string) bool { return p == l.CACert() || p == l.CAKey() })
		if len(certs) != want.certs {
			t.Errorf("%s: certificates %v", role, certs)
		}
		if _, err := AuthorityKey(l); (err == nil) != (role == RoleServer) {
			t.Errorf("%s: the authority's key: %v", role, err)
		}
		stale, err := StalePKI(l, n, noon)
		check(t, err)
		made, err := EnsurePKI(l, n, noon)
		check(t, err)
		if stale != "" || len(made) > 0 {
			t.Errorf("%s: %q, made %v", role, stale, made)
		}
		intro, err := os.ReadFile(IntroTokenFile(l))
		if err != nil || string(intro) != a.Intro+"\n" {
			t.Errorf("%s: introduction %q, %v", role, intro, err)
		}
		ownFilesOnly(t, l)
		again, err := Adopt(l, a)
		if err != nil || again.ID != n.ID {
			t.Errorf("%s: adopted once more: %v", role, err)
		}
	}
}

func ownFilesOnly(t *testing.T, l Layout) {
	t.Helper()
	check(t, filepath.WalkDir(l.Data, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := d.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v %v", path, info.Mode(), err)
		}
		return nil
	}))
}

func TestAMachineThatTriesAgainIsTheSame(t *testing.T) {
	l := prepared(t)
	id, csr, err := NewRequest(l, rand.Reader)
	check(t, err)
	key, err := WireGuardKey(l)
	check(t, err)
	first, err := csrKey(csr)
	check(t, err)
	id2, csr2, err := NewRequest(l, rand.Reader)
	check(t, err)
	key2, err := WireGuardKey(l)
	check(t, err)
	second, err := csrKey(csr2)
	check(t, err)
	if id != id2 || key != key2 || !first.Equal(second) || !isUUID(id) || !isWireGuardKey(key) {
		t.Errorf("%s, then %s", id, id2)
	}
}

func TestAMachineThatIsSetUpCannotJoinAndIsNeverTidied(t *testing.T) {
	server, n, _ := newServer(t)
	_, _, err := NewRequest(server, rand.Reader)
	refused(t, err, "has a cloud of its own")
	a := answer(t, server, prepared(t), RoleWorker)
	_, err = Adopt(server, a)
	refused(t, err, "has a cloud of its own")
	check(t, os.MkdirAll(server.Joining(), 0o700))
	check(t, Abandon(server))
	made, err := EnsurePKI(server, n, noon)
	check(t, err)
	if _, err := LoadSecrets(server); err != nil || len(made) > 0 {
		t.Errorf("after Abandon: %v, made %v", err, made)
	}
}

func TestAJoinThatIsBrokenOffAnywhereLeavesNothing(t *testing.T) {
	server, _, _ := newServer(t)
	for _, role := range []string{RoleServer, RoleWorker} {
		for at := range 40 {
			l := prepared(t)
			before := tree(t, l)
			a := answer(t, server, l, role)
			_, write, err := a.check(l)
			check(t, err)
			if at > len(write) {
				break
			}
			for _, w := range write[:at] {
				check(t, writeFile(w.path, w.data))
			}
			if _, err := Load(l); err == nil {
				t.Fatal("half a join is a member")
			}
			check(t, WriteIntroToken(l, a.Intro))
			check(t, Abandon(l))
			check(t, Abandon(l))
			check(t, os.RemoveAll(filepath.Dir(IntroTokenFile(l)))) // empty, as Nomad would make it
			if after := tree(t, l); !slices.Equal(before, after) {
				t.Errorf("%s, after %d files: %v, before %v", role, at, after, before)
			}
		}
	}
}

func tree(t *testing.T, l Layout) []string {
	var paths []string
	check(t, filepath.WalkDir(l.Data, func(path string, _ fs.DirEntry, err error) error {
		paths = append(paths, strings.TrimPrefix(path, l.Data))
		return err
	}))
	return paths
}

func TestAnAnswerThatCannotBeIsRefusedAndNothingIsWritten(t *testing.T) {
	server, _, _ := newServer(t)
	stranger, _, _ := newServer(t)
	_, foreign, _, err := Authority(stranger)
	check(t, err)
	worker := prepared(t)
	good := answer(t, server, worker, RoleWorker)
	files := tree(t, worker)
	foreignKey, err := AuthorityKeyPEM(stranger)
	check(t, err)
	for says, spoil := range map[string]func(*Adoption){
		"for another machine":          func(a *Adoption) { a.ID = "11111111-1111-4111-8111-111111111111" },
		"is not a UUID":                func(a *Adoption) { a.ID = "../../etc/passwd" },
		"is not a host name":           func(a *Adoption) { a.Name = "a/../b" },
		"the role":                     func(a *Adoption) { a.Role = "king" },
		"not in the pool's range":      func(a *Adoption) { a.Address = netip.MustParseAddr("192.0.2.1") },
		"no host's address":            func(a *Adoption) { a.Address = netip.MustParseAddr("10.213.0.0") },
		"no range for a pool":          func(a *Adoption) { a.Pool = netip.MustParsePrefix("0.0.0.0/0") },
		"names no server":              func(a *Adoption) { a.Servers = nil },
		"is not another one":           func(a *Adoption) { a.Servers = []netip.Addr{a.Address} },
		"no domain name":               func(a *Adoption) { a.Domain = "x`) || Host(`evil.org" },
		"ports go from":                func(a *Adoption) { a.HTTPPort = 0 },
		"belongs to the pool":          func(a *Adoption) { a.HTTPSPort = JoinPort },
		"is no name":                   func(a *Adoption) { a.Region = "glo\"bal" },
		"no known time zone":           func(a *Adoption) { a.Timezone = "../../../etc/passwd" },
		"introduction token":           func(a *Adoption) { a.Intro = "a.b\nc.d" },
		"the authority's certificate":  func(a *Adoption) { a.Authority = "" },
		"is not signed by":             func(a *Adoption) { a.Authority = foreign },
		"gets no authority's key":      func(a *Adoption) { a.AuthorityKey = foreignKey },
		"the certificate nomad is mis": func(a *Adoption) { delete(a.Certs, CertNomad) },
		"cannot be read":               func(a *Adoption) { a.Certs[CertNomad] = "x" },
		"has other names":              func(a *Adoption) { a.Certs[CertNomad] = a.Certs[CertConsul] },
		"no more certificates":         func(a *Adoption) { a.Certs["../../x"] = a.Certs[CertConsul] },
		"has no secret":                func(a *Adoption) { a.Secrets["../../x"] = "x" },
		`no secret "nomad-gossip"`:     func(a *Adoption) { a.Secrets[SecretNomadGossip] = a.Secrets[SecretConsulGossip] },
		"each machine's own":           func(a *Adoption) { a.Secrets[SecretWireGuard] = "x" },
		"is not of its form":           func(a *Adoption) { a.Secrets[SecretConsulAgent] = "x\ny" },
		"pool-gossip is missing":       func(a *Adoption) { delete(a.Secrets, SecretPoolGossip) },
	} {
		a := good
		a.Certs, a.Secrets = maps.Clone(good.Certs), maps.Clone(good.Secrets)
		spoil(&a)
		_, err := Adopt(worker, a)
		refused(t, err, says)
		if after := tree(t, worker); !slices.Equal(files, after) {
			t.Errorf("%s: something was written: %v", says, after)
		}
	}
	a := answer(t, server, worker, RoleServer)
	a.AuthorityKey = foreignKey
	_, err = Adopt(worker, a)
	refused(t, err, "authority's key is not that")
	_, err = Adopt(worker, good)
	check(t, err)
}

func TestAServerThatLostItsIdentityKeepsItsPoolsKeys(t *testing.T) {
	l, _, _ := newServer(t)
	check(t, os.Remove(l.NodeFile()))
	before := tree(t, l)
	if _, _, err := NewRequest(l, rand.Reader); err == nil || !strings.Contains(err.Error(), "identity") {
		t.Errorf("it may join another pool: %v", err)
	}
	check(t, Abandon(l))
	if after := tree(t, l); !slices.Equal(before, after) {
		t.Errorf("it had %q and has %q", before, after)
	}
}
