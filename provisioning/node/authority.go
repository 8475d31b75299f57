package node

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// authority is the pool's own CA. It bears no name constraints: the pool's domain,
// which one would have to hold, can change, and the authority must not.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// AuthorityCert is the certificate of the pool's authority, which every member has.
func AuthorityCert(l Layout) (*x509.Certificate, error) {
	cert, _, _, err := Authority(l)
	return cert, err
}

// Authority is the certificate of the pool's authority, the same as PEM, and its
// fingerprint: SHA-256 of the certificate's DER, by which a token knows it.
func Authority(l Layout) (cert *x509.Certificate, text string, fingerprint [32]byte, err error) {
	data, err := os.ReadFile(l.CACert())
	if err != nil {
		return nil, "", fingerprint, fmt.Errorf("read the pool's authority: %w", err)
	}
	if cert, err = decodeCert(data); err != nil {
		return nil, "", fingerprint, damagedCA("%s holds no certificate", l.CACert())
	}
	return cert, string(data), sha256.Sum256(cert.Raw), nil
}

// AuthorityKey is the private key of the pool's authority, which servers alone have.
func AuthorityKey(l Layout) (*ecdsa.PrivateKey, error) {
	text, err := AuthorityKeyPEM(l)
	if err != nil {
		return nil, err
	}
	return decodeKey([]byte(text))
}

// AuthorityKeyPEM is AuthorityKey as PEM, for a new server.
func AuthorityKeyPEM(l Layout) (string, error) {
	text, err := os.ReadFile(l.CAKey())
	if errors.Is(err, fs.ErrNotExist) {
		return "", refuse(err, "do it on a server", "this machine cannot speak for its pool: servers alone have the authority's key")
	}
	if err != nil {
		return "", fmt.Errorf("read the authority's key: %w", err)
	}
	if _, err := decodeKey(text); err != nil {
		return "", damagedCA("%s holds no key", l.CAKey())
	}
	return string(text), nil
}

// loadCA reads the authority with its key.
func loadCA(l Layout, now time.Time) (authority, error) {
	text, err := os.ReadFile(l.CACert())
	if err != nil {
		return authority{}, fmt.Errorf("read the pool's authority: %w", err)
	}
	key, err := AuthorityKey(l)
	if err != nil {
		return authority{}, err
	}
	return checkCA(l, text, key, now)
}

// ensureCA writes the key before the certificate. A certificate is made from a key
// that is there, so being killed in between loses nothing.
func ensureCA(l Layout, n Node, now time.Time) (authority, error) {
	certText, certErr := os.ReadFile(l.CACert())
	keyText, keyErr := os.ReadFile(l.CAKey())
	for _, err := range []error{certErr, keyErr} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return authority{}, fmt.Errorf("read the pool's authority: %w", err)
		}
	}
	switch {
	case certErr == nil && keyErr != nil:
		return authority{}, damagedCA("its key %s is missing", l.CAKey())
	case !n.First && certErr != nil:
		// A second authority in one pool would be nobody's.
		return authority{}, damagedCA("%s is missing", l.CACert())
	}
	if keyErr != nil {
		key, err := newKey()
		if err != nil {
			return authority{}, fmt.Errorf("make the pool's authority: %w", err)
		}
		if keyText, err = encodeKey(key); err != nil {
			return authority{}, err
		}
		if err := writeFile(l.CAKey(), keyText); err != nil {
			return authority{}, err
		}
	}
	key, err := decodeKey(keyText)
	if err != nil {
		return authority{}, damagedCA("%s holds no key", l.CAKey())
	}
	if certErr != nil {
		if certText, err = issueCA(n, key, now); err != nil {
			return authority{}, err
		}
		if err := writeFile(l.CACert(), certText); err != nil {
			return authority{}, err
		}
	}
	return checkCA(l, certText, key, now)
}

func checkCA(l Layout, text []byte, key *ecdsa.PrivateKey, now time.Time) (authority, error) {
	cert, err := decodeCert(text)
	if err != nil {
		return authority{}, damagedCA("%s holds no certificate", l.CACert())
	}
	switch {
	case !key.PublicKey.Equal(cert.PublicKey):
		return authority{}, damagedCA("%s is not the key of %s", l.CAKey(), l.CACert())
	case now.Before(cert.NotBefore):
		return authority{}, refuse(nil, "set the clock, or wait until the network has; then: dcloud up",
			"this machine's clock says %s, but its pool's authority was made on %s",
			now.UTC().Format(time.DateOnly), cert.NotBefore.Add(backdate).UTC().Format(time.DateOnly))
	case now.After(cert.NotAfter):
		return authority{}, refuse(nil, "check the clock; if it is right, move the directory "+l.PKI()+" away on all nodes, then: dcloud up",
			"the pool's authority ended on %s", cert.NotAfter.UTC().Format(time.DateOnly))
	}
	return authority{cert, key}, nil
}

func damagedCA(format string, args ...any) error {
	return refuse(nil, "put the pki directory back from a backup; to start over and lose everything: dcloud down --purge",
		"the pool's authority is damaged: "+format, args...)
}

func issueCA(n Node, key *ecdsa.PrivateKey, now time.Time) ([]byte, error) {
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial,
		// The date tells two pools apart in a browser's list.
		Subject:   pkix.Name{CommonName: fmt.Sprintf("Dentropy Cloud %s %s", n.Name, now.UTC().Format(time.DateOnly))},
		NotBefore: now.Add(-backdate).UTC(), NotAfter: now.Add(caLife).UTC(),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true, // it signs nodes, not other authorities
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make the pool's authority: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}
