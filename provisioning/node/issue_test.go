package node

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCertificatesAreIssuedForTheRequestsKeyAndNeverForItsNames(t *testing.T) {
	server, n, _ := newServer(t)
	key, err := newKey()
	check(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "server.global.nomad"}, DNSNames: []string{"server.global.nomad", "evil.example"}}, key)
	check(t, err)
	csr := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	m := Identity{ID: "22222222-2222-4222-8222-222222222222", Name: "pi2", Role: RoleWorker, Address: netip.MustParseAddr("10.213.0.2")}
	certs, err := Issue(server, m, csr, noon)
	check(t, err)
	for name, text := range certs {
		cert, err := decodeCert([]byte(text))
		check(t, err)
		if !key.PublicKey.Equal(cert.PublicKey) || strings.Contains(strings.Join(cert.DNSNames, " ")+cert.Subject.CommonName, "server.") ||
			cert.IsCA || slices.Contains(cert.DNSNames, "evil.example") {
			t.Errorf("%s: %v %v", name, cert.Subject, cert.DNSNames)
		}
		server := x509.VerifyOptions{Roots: roots(t, server), CurrentTime: noon, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
		for _, host := range []string{"server.global.nomad", "server.home.consul", JoinName, "cli.global.nomad", n.Domain} {
			server.DNSName = host
			if _, err := cert.Verify(server); err == nil {
				t.Errorf("a worker's certificate %s is one for %s", name, host)
			}
		}
	}
	peer, err := decodeCert([]byte(certs[CertPeer]))
	check(t, err)
	if len(peer.URIs) != 1 || peer.URIs[0].String() != "dcloud://node/22222222-2222-4222-8222-222222222222/worker" ||
		!slices.Equal(peer.DNSNames, []string{"pi2.node.dcloud", PeerName}) {
		t.Errorf("%v %v", peer.URIs, peer.DNSNames)
	}
	for says, who := range map[string]Identity{
		"is not a UUID":     {ID: "x/server", Name: "pi2", Role: RoleWorker, Address: m.Address},
		"not a host name":   {ID: m.ID, Name: "a.b", Role: RoleWorker, Address: m.Address},
		"the role":          {ID: m.ID, Name: "pi2", Role: "server/../x", Address: m.Address},
		"not in the pool's": {ID: m.ID, Name: "pi2", Role: RoleWorker, Address: netip.MustParseAddr("192.0.2.1")},
		"is not another":    {ID: m.ID, Name: "pi2", Role: RoleWorker, Address: n.Address},
	} {
		if _, err := Issue(server, who, csr, noon); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", who, err)
		}
	}
}

func TestRequestsThatProveNoKeyOrAWeakOneAreRefused(t *testing.T) {
	request := func(key any) string {
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
		check(t, err)
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	}
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	check(t, err)
	good, err := newKey()
	check(t, err)
	csr := request(good)
	if _, err := csrKey(csr); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(csr))
	block.Bytes[len(block.Bytes)-1] ^= 1
	for name, text := range map[string]string{"": "", "RSA": request(weak), "P-384": request(other), "two": csr + csr, "long": strings.Repeat("x", maxPEM+1),
		"signature": string(pem.EncodeToMemory(block)), "type": strings.ReplaceAll(csr, "CERTIFICATE REQUEST", "CERTIFICATE")} {
		if _, err := csrKey(text); err == nil {
			t.Errorf("%s passed", name)
		}
	}
}

func TestAMembersCertificatesAreRenewedByAServer(t *testing.T) {
	server, _, _ := newServer(t)
	l := prepared(t)
	n, err := Adopt(l, answer(t, server, l, RoleIngress))
	check(t, err)
	later := noon.Add(310 * 24 * time.Hour)
	made, err := EnsurePKI(l, n, later)
	check(t, err)
	stale, err := StalePKI(l, n, later)
	check(t, err)
	if len(made) > 0 || !strings.Contains(stale, "ends soon") {
		t.Errorf("made %v, %q", made, stale)
	}
	csr, err := NewCSR(l)
	check(t, err)
	again, err := NewCSR(l)
	check(t, err)
	a, err := csrKey(csr)
	check(t, err)
	if b, err := csrKey(again); err != nil || !a.Equal(b) {
		t.Errorf("asked again for another key: %v", err)
	}
	certs, err := Issue(server, Identity{n.ID, n.Name, n.Role, n.Address}, again, later)
	check(t, err)
	wrong := maps.Clone(certs)
	wrong[CertNomad] = wrong[CertWeb]
	if err := InstallCerts(l, wrong); err == nil {
		t.Error("a certificate with other names was installed")
	}
	old, err := CertSerial(l, CertPeer)
	check(t, err)
	check(t, InstallCerts(l, certs))
	if now, err := CertSerial(l, CertPeer); err != nil || now == old {
		t.Errorf("%s, %v", now, err)
	}
	if stale, err := StalePKI(l, n, later); err != nil || stale != "" {
		t.Errorf("%q, %v", stale, err)
	}
	if err := InstallCerts(l, certs); err == nil {
		t.Error("certificates that nobody asked for were installed")
	}
	check(t, os.WriteFile(l.Cert(CertNomad), nil, 0o600))
	_, err = EnsurePKI(l, n, later)
	refused(t, err, "nomad.pem cannot be used")
}

func TestAJoinerCanCheckAServerByTheAuthoritysFingerprint(t *testing.T) {
	l, _ := withPKI(t)
	pair, err := JoinCertificate(l)
	check(t, err)
	cert, _, fingerprint, err := Authority(l)
	check(t, err)
	if len(pair.Certificate) != 2 || !slices.Equal(pair.Certificate[1], cert.Raw) || fingerprint == [32]byte{} {
		t.Errorf("%d certificates", len(pair.Certificate))
	}
	_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots(t, l), DNSName: JoinName, CurrentTime: noon})
	check(t, err)
	if _, err := tls.LoadX509KeyPair(l.Cert(CertPeer), l.Cert(CertPeer)); err != nil {
		t.Error(err)
	}
}

func FuzzNoRequestGetsAKeyThatItDoesNotProve(f *testing.F) {
	key, err := newKey()
	if err != nil {
		f.Fatal(err)
	}
	csr, err := newCSR(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(csr)
	f.Add("-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----\n")
	f.Fuzz(func(t *testing.T, text string) {
		if k, err := csrKey(text); err == nil && (k == nil || k.Curve != elliptic.P256()) {
			t.Errorf("%v", k)
		}
	})
}
