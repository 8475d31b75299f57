package control

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

func newCSR(t testing.TB) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func soundRequestOf(t testing.TB) pool.Request {
	return pool.Request{Token: "t", Secret: "s", ID: "00000000-0000-4000-8000-000000000001", Name: "pi", CSR: newCSR(t), Key: wgKey("pi"),
		Endpoints: []string{"192.0.2.7:51820"}, Arch: "arm64", MemoryMB: 1024, Version: "dev", Protocol: 1, Time: someDay}
}

func TestARequestThatIsNoSoundOneIsRefusedInWords(t *testing.T) {
	if err := soundJoin(soundRequestOf(t)); err != nil {
		t.Fatal(err)
	}
	for says, edit := range map[string]func(*pool.Request){
		"another way (2)":       func(r *pool.Request) { r.Protocol = 2 },
		"no UUID":               func(r *pool.Request) { r.ID = "../pool" },
		"cannot be a machine's": func(r *pool.Request) { r.Name = "My Pi" },
		"cannot be a machine":   func(r *pool.Request) { r.Name = strings.Repeat("a", 64) },
		"no key for":            func(r *pool.Request) { r.Key = "AAAA" },
		"no key":                func(r *pool.Request) { r.Key = strings.TrimRight(r.Key, "=") },
		"too many":              func(r *pool.Request) { r.Endpoints = make([]string, 1000) },
		"too many addresses":    func(r *pool.Request) { r.Taken = make([]netip.Prefix, 1000) },
		"is no address":         func(r *pool.Request) { r.Endpoints = []string{"x\n:1"} },
		"no engines for":        func(r *pool.Request) { r.Arch = "mips" },
	} {
		r := soundRequestOf(t)
		edit(&r)
		err := soundJoin(r)
		wantCode(t, agent.CodeInvalid, err)
		if err == nil || !strings.Contains(err.Error(), says) || len(err.Error()) > 400 {
			t.Errorf("%q: %v", says, err)
		}
	}
}

func TestAMachineThatDoesNotFitIsToldWhy(t *testing.T) {
	s := &Service{Deps: Deps{Version: "v1.4.2", Members: Membership{Range: netip.MustParsePrefix("10.213.0.0/16")}}}
	for says, edit := range map[string]func(*pool.Request){
		"":                        func(r *pool.Request) {},
		"2030-01-02 03:14:05":     func(r *pool.Request) { r.Time = someDay.Add(10 * time.Minute) },
		"has dcloud v1.5.0":       func(r *pool.Request) { r.Version = "v1.5.0" },
		"10.213.128.0/24 is in u": func(r *pool.Request) { r.Taken = []netip.Prefix{netip.MustParsePrefix("10.213.128.0/24")} },
	} {
		r := soundRequestOf(t)
		r.Version = "v1.4.9"
		r.Taken = append(r.Taken, netip.MustParsePrefix("172.17.0.0/16"))
		edit(&r)
		err := s.fitsIn(r, someDay)
		if says == "" {
			check(t, err)
			continue
		}
		wantCode(t, agent.CodeFailed, err)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", says, err)
		}
	}
}

func TestVersionsFitByTheirFirstTwoNumbersAndUnreleasedOnesWithTheirLike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		fit  bool
	}{
		{"v1.2.3", "v1.2.9", true}, {"v1.2.3", "1.2.3", true}, {"v1.2.3", "v1.3.3", false}, {"v1.2.3", "v2.2.3", false},
		{"v1.2.3-4-gabcdef0", "v1.2.3", true}, {"v1.2.3-4-gabcdef0-dirty", "v1.3.0", false},
		{"dev", "dev", true}, {"abcdef0", "abcdef1-dirty", true}, {"dev", "v1.2.3", false}, {"", "v1.2.3", false},
	} {
		if versionsFit(c.a, c.b) != c.fit || versionsFit(c.b, c.a) != c.fit {
			t.Errorf("%q and %q: want %v", c.a, c.b, c.fit)
		}
	}
}

func TestWhoComesWithATokenBecomesWhatTheTokenSays(t *testing.T) {
	in := netip.MustParsePrefix("10.213.0.0/16")
	token := func() *tokenRecord {
		return &tokenRecord{ID: "t", Role: pool.RoleIngress, Left: 1, Expires: someDay.Add(time.Hour)}
	}
	first := memberAt("00000000-0000-4000-8000-000000000009", "pi", "10.213.0.1")
	req := soundRequestOf(t)
	r := &roster{nodes: []*nodeRecord{first}}
	n, used, err := seat(r, req, "k", token(), in, someDay)
	if err != nil || !used || n.Name != "pi-2" || n.Role != pool.RoleIngress || n.Address.String() != "10.213.0.2" || !n.Joining {
		t.Fatalf("%+v, %v, %v", n, used, err)
	}
	r.nodes = append(r.nodes, n)
	spent := token()
	spent.Left = 0
	if again, used, err := seat(r, req, "k", spent, in, someDay); again != n || used || err != nil {
		t.Errorf("the same once more: %+v, %v, %v", again, used, err)
	}
	other := token()
	other.ID = "u"
	replaced, used, err := seat(r, req, "k2", other, in, someDay)
	if err != nil || !used || replaced.Address != n.Address || replaced.Token != "u" || replaced.CSRKey != "k2" || n.Token != "t" {
		t.Errorf("with another token: %+v, %v, %v", replaced, used, err)
	}

	refused := func(says string, req pool.Request, csr string, tok *tokenRecord) {
		t.Helper()
		_, used, err := seat(r, req, csr, tok, in, someDay)
		if err == nil || used || !strings.Contains(err.Error(), says) || agent.AsError(err).Hint == "" {
			t.Errorf("%q: %v, %v", says, used, err)
		}
	}
	stranger := soundRequestOf(t)
	stranger.ID = "00000000-0000-4000-8000-000000000002"
	refused("key of pi-2", stranger, "k", token())
	stranger.Key = wgKey("stranger")
	late := token()
	late.Expires = someDay
	refused("was good until 2030-01-02 03:04:05 UTC", stranger, "k", late)
	spent.Used = []tokenUse{{Name: "pi-2", Time: someDay}}
	refused("has been used: pi-2", stranger, "k", spent)
	n.Joining = false
	theirs := req
	theirs.Key = wgKey("another")
	refused("ID already", theirs, "k", other)
	refused("is an ingress of this cloud already", req, "k", &tokenRecord{ID: "w", Role: pool.RoleWorker, Left: 1, Expires: someDay.Add(time.Hour)})
	n.Removing = true
	refused("is being removed", req, "k", token())
	refused("replacing its keys, since pi-2 is being removed", stranger, "k", token())
	refused("has been used", stranger, "k", spent) // told at once all the same
	n.Removing, n.Op = false, &nodeOp{Kind: opRemoveNode}
	refused("replacing its keys, since pi-2 is being removed", stranger, "k", token())
}

func FuzzACertificateRequestIsReadOrRefused(f *testing.F) {
	f.Add(newCSR(f))
	f.Add("-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := keyOfCSR(text); (err == nil) != (len(key) == 64) {
			t.Errorf("%q, %v", key, err)
		}
	})
}
