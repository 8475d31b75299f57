package node

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"
)

const (
	caLife   = 10 * 365 * 24 * time.Hour
	leafLife = 365 * 24 * time.Hour // browsers refuse more than 398 days
	// renewBefore the end: a machine that is off for a month still has time.
	renewBefore = 60 * 24 * time.Hour
	// backdate a certificate's beginning, so that machines whose clocks differ,
	// or have no battery, believe it.
	backdate = 24 * time.Hour
)

// sane is before any use of this program: an earlier clock is one that lost its
// battery, as a Raspberry Pi's is until the network has told it the time.
var sane = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// authority is the pool's own CA. It bears no name constraints: the pool's domain,
// which one would have to hold, can change, and the authority must not.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// EnsurePKI makes the pool's authority and this node's certificates where they are
// missing, and certificates anew that end within 60 days, are damaged or no longer
// fit the node. It returns the names of those that it made. ECDSA P-256 throughout.
//
// A damaged authority is an error and never made anew: the other nodes and
// people's browsers know that one.
func EnsurePKI(l Layout, n Node, now time.Time) (made []string, err error) {
	if now.Before(sane) {
		return nil, refuse(nil, "set the clock, or wait until the network has; then: dcloud up",
			"this machine's clock says %s, which cannot be", now.UTC().Format(time.DateOnly))
	}
	ca, err := ensureCA(l, n, now)
	if err != nil {
		return nil, err
	}
	for _, want := range leaves(n) {
		path := l.Cert(want.name)
		data, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return made, fmt.Errorf("read the certificate %s: %w", want.name, err)
		}
		if err == nil && want.fits(data, ca.cert, now) == nil {
			if err := os.Chmod(path, 0o600); err != nil {
				return made, fmt.Errorf("take others' rights from a key: %w", err)
			}
			continue
		}
		text, err := want.issue(ca, now)
		if err != nil {
			return made, fmt.Errorf("make the certificate %s: %w", want.name, err)
		}
		if err := writeFile(path, text); err != nil {
			return made, err
		}
		made = append(made, want.name)
	}
	return made, nil
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
	if certErr == nil && keyErr != nil {
		return authority{}, damagedCA("its key %s is missing", l.CAKey())
	}
	if keyErr != nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
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

func newSerial() (*big.Int, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	return serial, nil
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode a key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// decodeKey finds the private key in a PEM text. Its errors say nothing of it.
func decodeKey(text []byte) (*ecdsa.PrivateKey, error) {
	block := findBlock(text, "PRIVATE KEY")
	if block == nil {
		return nil, errors.New("no private key")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("not a private key")
	}
	ec, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("not an ECDSA key")
	}
	return ec, nil
}

func decodeCert(text []byte) (*x509.Certificate, error) {
	block := findBlock(text, "CERTIFICATE")
	if block == nil {
		return nil, errors.New("no certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

func findBlock(text []byte, kind string) *pem.Block {
	for text = bytes.TrimSpace(text); len(text) > 0; {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil || block.Type == kind {
			return block
		}
	}
	return nil
}
