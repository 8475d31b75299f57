package node

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func withPKI(t *testing.T) (Layout, Node) {
	t.Helper()
	l := prepared(t)
	n, _, err := Init(l, options())
	check(t, err)
	made, err := EnsurePKI(l, n, noon)
	check(t, err)
	if len(made) != 6 {
		t.Fatalf("made %v", made)
	}
	return l, n
}

func TestCertificatesAreMadeOnceAndRenewedInTheirLastSixtyDays(t *testing.T) {
	l, n := withPKI(t)
	for _, c := range []struct {
		after time.Duration
		made  int
	}{{0, 0}, {304 * 24 * time.Hour, 0}, {306 * 24 * time.Hour, 6}, {306 * 24 * time.Hour, 0}} {
		made, err := EnsurePKI(l, n, noon.Add(c.after))
		check(t, err)
		if len(made) != c.made {
			t.Errorf("after %v: made %v", c.after, made)
		}
	}
}

func TestCertificatesServeTheirNamesAndUses(t *testing.T) {
	l, n := withPKI(t)
	server, client := x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	for _, c := range []struct {
		cert, host string
		use        x509.ExtKeyUsage
		ok         bool
	}{
		{CertConsul, "server.home.consul", server, true}, {CertConsul, "127.0.0.1", client, true}, {CertConsul, "10.213.0.1", server, true},
		{CertNomad, "server.global.nomad", server, true}, {CertNomad, "client.global.nomad", client, true}, {CertNomad, "localhost", server, true},
		{CertNomad, "server.home.consul", server, false},
		{CertClient, "", client, true}, {CertClient, "", server, false},
		{CertWeb, n.Domain, server, true}, {CertWeb, "miniflux." + n.Domain, server, true},
		{CertWeb, n.Domain, client, false}, {CertWeb, "server.global.nomad", server, false}, {CertWeb, "a.b." + n.Domain, server, false},
	} {
		pair, err := tls.LoadX509KeyPair(l.Cert(c.cert), l.Cert(c.cert))
		check(t, err)
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots(t, l), DNSName: c.host, CurrentTime: noon.Add(-time.Hour), KeyUsages: []x509.ExtKeyUsage{c.use}})
		if (err == nil) != c.ok {
			t.Errorf("%s for %s, use %v: %v", c.cert, c.host, c.use, err)
		}
	}
}

func TestANewDomainMakesANewWebCertificateOnly(t *testing.T) {
	l, n := withPKI(t)
	n.Domain = "cloud.example.org"
	made, err := EnsurePKI(l, n, noon)
	check(t, err)
	if !slices.Equal(made, []string{CertWeb}) {
		t.Errorf("made %v", made)
	}
}

func TestBeingKilledAnywhereWhileMakingThemIsHealed(t *testing.T) {
	for _, rest := range [][]string{{"ca-key"}, {"ca-key", "ca"}, {"ca-key", "ca", CertConsul}} {
		l, n := withPKI(t)
		entries, err := os.ReadDir(l.PKI())
		check(t, err)
		for _, e := range entries {
			if !slices.Contains(rest, strings.TrimSuffix(e.Name(), ".pem")) {
				check(t, os.Remove(l.PKI()+"/"+e.Name()))
			}
		}
		_, err = EnsurePKI(l, n, noon)
		check(t, err)
		pair, err := tls.LoadX509KeyPair(l.Cert(CertNomad), l.Cert(CertNomad))
		check(t, err)
		if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots(t, l), CurrentTime: noon}); err != nil {
			t.Errorf("with %v left: %v", rest, err)
		}
	}
}

func TestADamagedCertificateIsMadeAnewAndADamagedAuthorityIsNot(t *testing.T) {
	l, n := withPKI(t)
	for _, text := range []string{"", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"} {
		check(t, os.WriteFile(l.Cert(CertWeb), []byte(text), 0o600))
		made, err := EnsurePKI(l, n, noon)
		check(t, err)
		if !slices.Equal(made, []string{CertWeb}) {
			t.Errorf("made %v", made)
		}
	}
	key, err := os.ReadFile(l.CAKey())
	check(t, err)
	check(t, os.WriteFile(l.CAKey(), key[:50], 0o600))
	_, err = EnsurePKI(l, n, noon)
	refused(t, err, "holds no key")
	check(t, os.Remove(l.CAKey()))
	_, err = EnsurePKI(l, n, noon)
	refused(t, err, "is missing")
	other, _ := withPKI(t)
	key, err = os.ReadFile(other.CAKey())
	check(t, err)
	check(t, os.WriteFile(l.CAKey(), key, 0o600))
	_, err = EnsurePKI(l, n, noon)
	refused(t, err, "is not the key of")
}

func TestAClockThatIsOffIsToldAndNothingIsMade(t *testing.T) {
	l := prepared(t)
	n, _, err := Init(l, options())
	check(t, err)
	_, err = EnsurePKI(l, n, time.Unix(0, 0))
	refused(t, err, "1970-01-01")
	if entries, _ := os.ReadDir(l.PKI()); len(entries) != 0 {
		t.Errorf("made %v", entries)
	}
	l, n = withPKI(t)
	_, err = EnsurePKI(l, n, noon.Add(-48*time.Hour))
	refused(t, err, "made on 2026-03-01")
	_, err = EnsurePKI(l, n, noon.Add(11*365*24*time.Hour))
	refused(t, err, "ended on")
}

func TestPrivateFilesAreTheirOwnersAlone(t *testing.T) {
	l, n := withPKI(t)
	_, err := EnsureSecrets(l, rand.Reader)
	check(t, err)
	check(t, os.Chmod(l.Cert(CertNomad), 0o644))
	_, err = EnsurePKI(l, n, noon)
	check(t, err)
	for _, dir := range []string{l.PKI(), l.Secrets()} {
		entries, err := os.ReadDir(dir)
		check(t, err)
		for _, e := range entries {
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", e.Name(), info.Mode(), err)
			}
		}
	}
}
