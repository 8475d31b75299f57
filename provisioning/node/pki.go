package node

import (
	"errors"
	"fmt"
	"io/fs"
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

// EnsurePKI makes the pool's authority and this node's certificates where they are
// missing, and certificates anew that end within 60 days, are damaged or no longer
// fit the node. It returns the names of those that it made. ECDSA P-256 throughout.
// The authority is made on the pool's first server alone.
//
// A damaged authority is an error and never made anew: the other nodes and
// people's browsers know that one.
//
// A machine that is no server cannot make certificates. There, one that is missing
// or damaged is an error; one that ends soon or no longer fits is for StalePKI to
// tell, and for a server to renew: NewCSR, Issue there, InstallCerts.
func EnsurePKI(l Layout, n Node, now time.Time) (made []string, err error) {
	if now.Before(sane) {
		return nil, refuse(nil, "set the clock, or wait until the network has; then: dcloud up",
			"this machine's clock says %s, which cannot be", now.UTC().Format(time.DateOnly))
	}
	if !n.IsServer() {
		return nil, checkCerts(l, n)
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

// checkCerts says which certificate of a machine that cannot make any is unusable
// at any time.
func checkCerts(l Layout, n Node) error {
	ca, err := AuthorityCert(l)
	if err != nil {
		return err
	}
	for _, want := range leaves(n) {
		path := l.Cert(want.name)
		text, err := os.ReadFile(path)
		if err == nil {
			_, err = want.is(text, ca)
		}
		if err != nil {
			return refuse(err, "put the file back from a backup, or take the machine out of its pool and join it again: dcloud node leave",
				"the certificate %s cannot be used: %v", path, err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("take others' rights from a key: %w", err)
		}
	}
	return nil
}
