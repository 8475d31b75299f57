package node

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Secrets are a machine's keys and tokens. A server has all, others only what
// secretsOf gives to their role; the rest is empty. They print as nothing, so that a
// stray %v or log line does not give them away.
type Secrets struct {
	ConsulGossip     string // 32 bytes, base64
	NomadGossip      string // 32 bytes, base64
	ConsulManagement string // UUID, as are Consul's and Nomad's other tokens
	ConsulAgent      string // of the Consul agent itself
	ConsulNomad      string // with NomadConsulPolicy, or NodeConsulPolicy
	ConsulTraefik    string // with TraefikConsulPolicy
	NomadBootstrap   string // Nomad's management token
	API              string // of the agent's API
	PoolGossip       string // of memberlist: 32 bytes, base64
	WireGuard        string // this machine's private key, base64; it never leaves the machine
}

// Files of the secrets, in Layout.Secrets.
const (
	SecretConsulGossip     = "consul-gossip"
	SecretNomadGossip      = "nomad-gossip"
	SecretConsulManagement = "consul-management-token"
	SecretConsulAgent      = "consul-agent-token"
	SecretConsulNomad      = "consul-nomad-token"
	SecretConsulTraefik    = "consul-traefik-token"
	SecretNomadBootstrap   = "nomad-bootstrap-token"
	SecretAPI              = "api-token"
	SecretPoolGossip       = "pool-gossip"
	SecretWireGuard        = "wireguard-key"
)

// String hides the secrets.
func (Secrets) String() string { return "(secrets)" }

// GoString hides the secrets from %#v.
func (Secrets) GoString() string { return "node.Secrets{…}" }

// LogValue hides the secrets from slog.
func (Secrets) LogValue() slog.Value { return slog.StringValue("(secrets)") }

// MarshalJSON refuses: secrets go into files of their own and nowhere else.
func (Secrets) MarshalJSON() ([]byte, error) {
	return nil, errors.New("secrets are not to be written as JSON")
}

// secretFile is one secret with the file that it lives in.
type secretFile struct {
	name  string
	value *string
	make  func(io.Reader) (string, error)
	valid func(string) bool
}

func (s *Secrets) files() []secretFile {
	return []secretFile{
		{SecretConsulGossip, &s.ConsulGossip, newGossipKey, isGossipKey},
		{SecretNomadGossip, &s.NomadGossip, newGossipKey, isGossipKey},
		{SecretConsulManagement, &s.ConsulManagement, newUUID, isUUID},
		{SecretConsulAgent, &s.ConsulAgent, newUUID, isUUID},
		{SecretConsulNomad, &s.ConsulNomad, newUUID, isUUID},
		{SecretConsulTraefik, &s.ConsulTraefik, newUUID, isUUID},
		{SecretNomadBootstrap, &s.NomadBootstrap, newUUID, isUUID},
		{SecretAPI, &s.API, newAPIToken, isAPIToken},
		{SecretPoolGossip, &s.PoolGossip, newGossipKey, isGossipKey},
		{SecretWireGuard, &s.WireGuard, newWireGuardKey, isWireGuardKey},
	}
}

// of lists the secrets that a machine of a role has.
func (s *Secrets) of(role string) []secretFile {
	names := secretsOf(role)
	return slices.DeleteFunc(s.files(), func(f secretFile) bool { return !slices.Contains(names, f.name) })
}

// secretsOf names what a machine of a role has: a worker cannot speak to Nomad's
// servers as one of them, nor to either engine as more than itself.
func secretsOf(role string) []string {
	switch role {
	case RoleWorker:
		return []string{SecretConsulGossip, SecretConsulAgent, SecretConsulNomad, SecretAPI, SecretPoolGossip, SecretWireGuard}
	case RoleIngress:
		return append(secretsOf(RoleWorker), SecretConsulTraefik)
	}
	var names []string
	for _, f := range new(Secrets).files() {
		names = append(names, f.name)
	}
	return names
}

// EnsureSecrets reads the secrets of the machine's role, a server's where it has no
// identity yet, and makes those that are not there, each in a file that its owner
// alone can read. A damaged one is an error: the engines keep what it protected, and
// a new one would lock us out. So is one that is missing on a machine that has it
// from its pool.
func EnsureSecrets(l Layout, rand io.Reader) (Secrets, error) {
	return secretsAs(l, rand, func(n Node, name string) bool {
		return n.Alone() || name == SecretAPI
	})
}

// LoadSecrets reads the secrets. It makes only those that a cloud of one machine did
// not have before there were pools, in such a cloud.
func LoadSecrets(l Layout) (Secrets, error) {
	return secretsAs(l, rand.Reader, func(n Node, name string) bool {
		return n.Alone() && n.ID != "" && (name == SecretPoolGossip || name == SecretWireGuard)
	})
}

// secretsAs reads the secrets of the machine's role, and makes one that is missing
// where it may.
func secretsAs(l Layout, rand io.Reader, may func(n Node, name string) bool) (Secrets, error) {
	n, err := Load(l)
	if errors.Is(err, fs.ErrNotExist) {
		n = Node{Role: RoleServer, First: true}
	} else if err != nil {
		return Secrets{}, err
	}
	var s Secrets
	for _, f := range s.of(n.Role) {
		source := rand
		if !may(n, f.name) {
			source = nil
		}
		if err := f.ensure(l, source); err != nil {
			return Secrets{}, err
		}
	}
	return s, nil
}

func (f secretFile) ensure(l Layout, rand io.Reader) error {
	path := filepath.Join(l.Secrets(), f.name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && rand != nil {
		v, err := f.make(rand)
		if err != nil {
			return fmt.Errorf("make the secret %s: %w", f.name, err)
		}
		*f.value = v
		return writeFile(path, []byte(v+"\n"))
	}
	if err != nil {
		return refuse(err, "if this machine is set up, run it again as root; if not: dcloud up", "the secret %s cannot be read: %v", f.name, err)
	}
	v := strings.TrimSpace(string(data))
	if !f.valid(v) {
		return refuse(nil, "put the file back from a backup; to start over and lose everything: dcloud down --purge",
			"%s is damaged: it does not hold what was once written there", path)
	}
	*f.value = v
	if info, err := os.Stat(path); err == nil && info.Mode().Perm() != 0o600 {
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("take others' rights from %s: %w", path, err)
		}
	}
	return nil
}
