package node

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MemberSecrets lists what a joiner of a role is given of a server's secrets, by the
// file that each is kept in. A server is given all but the WireGuard key. Others are
// given the two gossip keys alone: the tokens among s are a server's, and theirs are
// made for each (NodeConsulPolicy, TraefikConsulPolicy) and added by their makers
// under SecretConsulAgent, SecretConsulNomad (which may be the same) and, for an
// ingress, SecretConsulTraefik. It serves for replaced gossip keys too.
func MemberSecrets(s Secrets, role string) map[string]string {
	given := map[string]string{}
	for _, f := range s.of(role) {
		switch {
		case f.name == SecretWireGuard, *f.value == "":
		case role == RoleServer, f.name == SecretConsulGossip, f.name == SecretPoolGossip:
			given[f.name] = *f.value
		}
	}
	return given
}

// NewGossipKeys makes keys to replace those of Consul, Nomad and memberlist, by the
// file that each is kept in.
func NewGossipKeys(rand io.Reader) (map[string]string, error) {
	made := map[string]string{}
	for _, name := range []string{SecretConsulGossip, SecretNomadGossip, SecretPoolGossip} {
		key, err := newGossipKey(rand)
		if err != nil {
			return nil, fmt.Errorf("make the secret %s: %w", name, err)
		}
		made[name] = key
	}
	return made, nil
}

// ReplaceSecrets writes secrets that the pool has replaced, by the file that each is
// kept in; what is not named stays. All are checked before the first is written, and
// each is either the old or the new whenever the machine dies: repeat it after an
// error. This machine's own, its WireGuard key, cannot be replaced so, and a secret
// that its role does not have is refused.
func ReplaceSecrets(l Layout, values map[string]string) error {
	n, err := Load(l)
	if err != nil {
		return err
	}
	files, err := checkSecrets(n.Role, values)
	if err != nil {
		return fmt.Errorf("replace secrets: %w", err)
	}
	return writeSecrets(l, files, values)
}

// checkSecrets says what cannot be among the secrets that a machine of a role is
// given. Its errors show no value.
func checkSecrets(role string, values map[string]string) ([]secretFile, error) {
	var files []secretFile
	for _, f := range new(Secrets).of(role) {
		v, given := values[f.name]
		switch {
		case !given:
			continue
		case f.name == SecretWireGuard:
			return nil, fmt.Errorf("the secret %s is each machine's own", f.name)
		case !f.valid(v):
			return nil, fmt.Errorf("the secret %s is not of its form", f.name)
		}
		files = append(files, f)
	}
	if len(files) != len(values) {
		for name := range values {
			if !slices.ContainsFunc(files, func(f secretFile) bool { return f.name == name }) {
				return nil, fmt.Errorf("a machine of the role %s has no secret %q", role, shorten(name))
			}
		}
	}
	return files, nil
}

func writeSecrets(l Layout, files []secretFile, values map[string]string) error {
	for _, f := range files {
		if _, err := writeIfChanged(filepath.Join(l.Secrets(), f.name), []byte(values[f.name]+"\n")); err != nil {
			return err
		}
	}
	return nil
}

// WireGuardKey is this machine's private key in the pool's network, base64: of its
// own whether it is a member or about to become one.
func WireGuardKey(l Layout) (string, error) {
	path := l.WireGuardKey()
	if _, err := os.Stat(l.Joining()); err == nil && !isMember(l) {
		path = filepath.Join(l.Joining(), SecretWireGuard)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the key of the pool's network: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if !isWireGuardKey(key) {
		return "", refuse(nil, "put the file back from a backup", "%s is damaged: it holds no key", path)
	}
	return key, nil
}

// isMember tells whether the machine is set up, however well.
func isMember(l Layout) bool {
	_, err := os.Lstat(l.NodeFile())
	return err == nil
}
