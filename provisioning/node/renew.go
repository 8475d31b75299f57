package node

import (
	"crypto/ecdsa"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// nextKey is the key that renewed certificates will have, while they are awaited.
func (l Layout) nextKey() string { return filepath.Join(l.PKI(), "next-key.pem") }

// NewCSR is a certificate request (PEM) with which this member asks a server for new
// certificates (Issue there). It is for a new key, which is kept until InstallCerts,
// so that asking again asks for the same.
func NewCSR(l Layout) (string, error) {
	key, err := keepKey(l.nextKey())
	if err != nil {
		return "", err
	}
	return newCSR(key)
}

// keepKey reads a key, and makes it where there is none that can be read as one.
func keepKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	if key, err := decodeKey(text); err == nil {
		return key, nil
	}
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	if text, err = encodeKey(key); err != nil {
		return nil, err
	}
	return key, writeFile(path, text)
}

// InstallCerts puts certificates in force that a server made for the key of NewCSR:
// PEM by name as in Layout.Cert, all that this machine's role has and no others. All
// are checked before the first is written, and each file changes in one go with its
// key. When the machine dies in between, some are the old ones, which serve as
// before: ask again. The engines must be restarted to show them.
func InstallCerts(l Layout, certs map[string]string) error {
	n, err := Load(l)
	if err != nil {
		return err
	}
	keyText, err := os.ReadFile(l.nextKey())
	if err != nil {
		return fmt.Errorf("install certificates that were not asked for: %w", err)
	}
	caText, err := os.ReadFile(l.CACert())
	if err != nil {
		return fmt.Errorf("read the pool's authority: %w", err)
	}
	files, err := checkAnswer(n, string(caText), certs, keyText)
	if err != nil {
		return fmt.Errorf("install certificates: %w", err)
	}
	if err := writeCerts(l, files); err != nil {
		return err
	}
	return os.Remove(l.nextKey())
}

// checkAnswer says what is wrong with certificates that were given to this node for
// its key, and returns each as it is to be written: followed by the key.
func checkAnswer(n Node, authority string, certs map[string]string, keyText []byte) (map[string][]byte, error) {
	if len(authority) > maxPEM {
		return nil, errors.New("the authority's certificate is too long")
	}
	ca, err := decodeCert([]byte(authority))
	if err != nil || !ca.IsCA || ca.CheckSignatureFrom(ca) != nil {
		return nil, errors.New("the authority's certificate is none")
	}
	files := map[string][]byte{}
	for _, want := range leaves(n) {
		text, given := certs[want.name]
		switch {
		case !given:
			return nil, fmt.Errorf("the certificate %s is missing", want.name)
		case len(text) > maxPEM:
			return nil, fmt.Errorf("the certificate %s is too long", want.name)
		}
		// Written anew, so that nothing but the certificate gets into the file.
		cert, err := decodeCert([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("the certificate %s cannot be read: %w", want.name, err)
		}
		file := append(encodeCert(cert), keyText...)
		if _, err := want.is(file, ca); err != nil {
			return nil, fmt.Errorf("the certificate %s %w", want.name, err)
		}
		if err := want.named(cert); err != nil {
			return nil, fmt.Errorf("the certificate %s %w", want.name, err)
		}
		files[want.name] = file
	}
	if len(certs) != len(files) {
		return nil, fmt.Errorf("a machine of the role %s has no more certificates than %d", n.Role, len(files))
	}
	return files, nil
}

func writeCerts(l Layout, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) { // names are those of leaves
		if err := writeFile(l.Cert(name), files[name]); err != nil {
			return err
		}
	}
	return nil
}
