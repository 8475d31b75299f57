package node

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// joinFile is a file of a machine that joins: its identity so far.
func (l Layout) joinFile(name string) string { return filepath.Join(l.Joining(), name) }

const (
	joinID  = "id"
	joinKey = "key.pem"
)

// NewRequest makes what this machine asks a pool with: the ID that it would have and
// a request for certificates (PEM); WireGuardKey gives its key in the pool's network.
// They are kept in Layout.Joining, so that the machine is the same one when it tries
// again, until Adopt has made it a member or Abandon has taken all back. A machine
// that is set up is refused.
func NewRequest(l Layout, rand io.Reader) (id, csrPEM string, err error) {
	if err := refuseMember(l); err != nil {
		return "", "", err
	}
	if err := refuseOrphan(l); err != nil {
		return "", "", err
	}
	if err := Prepare(l); err != nil {
		return "", "", err
	}
	if err := os.MkdirAll(l.Joining(), 0o700); err != nil {
		return "", "", fmt.Errorf("make directory: %w", err)
	}
	if err := os.Chmod(l.Joining(), 0o700); err != nil {
		return "", "", fmt.Errorf("make directory: %w", err)
	}
	if id, err = l.keep(joinID, rand, newUUID, isUUID); err != nil {
		return "", "", err
	}
	if _, err = l.keep(SecretWireGuard, rand, newWireGuardKey, isWireGuardKey); err != nil {
		return "", "", err
	}
	key, err := keepKey(l.joinFile(joinKey))
	if err != nil {
		return "", "", err
	}
	if csrPEM, err = newCSR(key); err != nil {
		return "", "", err
	}
	return id, csrPEM, nil
}

// keep reads a value of a machine that joins, and makes it where it is missing or
// damaged: nothing depends on it yet.
func (l Layout) keep(name string, rand io.Reader, make func(io.Reader) (string, error), valid func(string) bool) (string, error) {
	text, err := os.ReadFile(l.joinFile(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read what this machine joins with: %w", err)
	}
	if v := strings.TrimSpace(string(text)); valid(v) {
		return v, nil
	}
	v, err := make(rand)
	if err != nil {
		return "", fmt.Errorf("make %s: %w", name, err)
	}
	return v, writeFile(l.joinFile(name), []byte(v+"\n"))
}

// IsJoining tells whether this machine has begun to join a pool and is no member yet.
func IsJoining(l Layout) bool {
	_, err := os.Stat(l.Joining())
	return err == nil && !isMember(l)
}

func refuseMember(l Layout) error {
	n, err := Load(l)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case n.Alone():
		return refuse(nil, "give its own cloud up first, with all that is in it: dcloud down --purge",
			"this machine, %s, has a cloud of its own and cannot join another", n.Name)
	}
	return refuse(nil, "see its state with: dcloud status", "this machine is a member of a pool already, as %s", n.Name)
}

// refuseOrphan refuses a machine that has lost its identity and still has a pool's
// authority: joining would write over that key, and Abandon delete it, without which a
// backup of the identity is worth nothing.
func refuseOrphan(l Layout) error {
	if _, err := os.Stat(l.Joining()); err == nil {
		return nil // what is there is of this join
	}
	if _, err := os.Stat(l.CAKey()); err != nil {
		return nil
	}
	return refuse(nil, "put "+l.NodeFile()+" back from a backup; to start over and lose everything: dcloud down --purge",
		"this machine has the keys of a cloud of its own, and its identity %s is missing", l.NodeFile())
}

// Abandon takes back what a join that was broken off has left, so that the machine is
// as before. It does nothing on a machine that is set up, nor where no join was begun.
func Abandon(l Layout) error {
	if !IsJoining(l) {
		return nil
	}
	paths := []string{l.CACert(), l.CAKey(), l.nextKey(), IntroTokenFile(l)}
	for _, c := range []string{CertConsul, CertNomad, CertPeer, CertWeb, CertClient, CertJoin} {
		paths = append(paths, l.Cert(c))
	}
	for _, f := range new(Secrets).files() {
		paths = append(paths, filepath.Join(l.Secrets(), f.name))
	}
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("take back what was joined: %w", err)
		}
	}
	if err := LeftOver(l); err != nil {
		return err
	}
	// Last: as long as it is there, Abandon knows that there is something to do.
	if err := os.RemoveAll(l.Joining()); err != nil {
		return fmt.Errorf("take back what was joined: %w", err)
	}
	return nil
}
