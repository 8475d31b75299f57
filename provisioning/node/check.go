package node

import (
	"errors"
	"io/fs"
	"os"
	"time"
)

// StalePKI says what EnsurePKI would make, in a few words; "" if nothing. On a
// machine that is no server it says why a server must renew its certificates.
func StalePKI(l Layout, n Node, now time.Time) (string, error) {
	certText, err := os.ReadFile(l.CACert())
	if errors.Is(err, fs.ErrNotExist) {
		return "no authority yet", nil
	}
	if err != nil {
		return "", err
	}
	ca, err := decodeCert(certText)
	if err != nil {
		return "", damagedCA("%s holds no certificate", l.CACert())
	}
	for _, want := range leaves(n) {
		text, err := os.ReadFile(l.Cert(want.name))
		if err != nil {
			return "the certificate " + want.name + " is missing", nil
		}
		if why := want.fits(text, ca, now); why != nil {
			return "the certificate " + want.name + " " + why.Error(), nil
		}
	}
	return "", nil
}
