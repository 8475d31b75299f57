package node

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// Secrets are a pool's keys and tokens. They print as nothing, so that a stray
// %v or log line does not give them away.
type Secrets struct {
	ConsulGossip     string // 32 bytes, base64
	NomadGossip      string // 32 bytes, base64
	ConsulManagement string // UUID, as are Consul's and Nomad's other tokens
	ConsulAgent      string // of the Consul agent itself
	ConsulNomad      string // with NomadConsulPolicy
	ConsulTraefik    string // with TraefikConsulPolicy
	NomadBootstrap   string // Nomad's management token
	API              string // of the agent's API
}

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
		{"consul-gossip", &s.ConsulGossip, newGossipKey, isGossipKey},
		{"nomad-gossip", &s.NomadGossip, newGossipKey, isGossipKey},
		{"consul-management-token", &s.ConsulManagement, newUUID, isUUID},
		{"consul-agent-token", &s.ConsulAgent, newUUID, isUUID},
		{"consul-nomad-token", &s.ConsulNomad, newUUID, isUUID},
		{"consul-traefik-token", &s.ConsulTraefik, newUUID, isUUID},
		{"nomad-bootstrap-token", &s.NomadBootstrap, newUUID, isUUID},
		{"api-token", &s.API, newAPIToken, isAPIToken},
	}
}

// EnsureSecrets reads the secrets and makes those that are not there yet, each
// in a file that its owner alone can read. A damaged one is an error: the engines
// keep what it protected, and a new one would lock us out.
func EnsureSecrets(l Layout, rand io.Reader) (Secrets, error) {
	var s Secrets
	for _, f := range s.files() {
		if err := f.ensure(l, rand); err != nil {
			return Secrets{}, err
		}
	}
	return s, nil
}

// LoadSecrets reads the secrets and makes none.
func LoadSecrets(l Layout) (Secrets, error) { return EnsureSecrets(l, nil) }

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

func newGossipKey(rand io.Reader) (string, error) {
	var b [32]byte // AES-256
	_, err := io.ReadFull(rand, b[:])
	return base64.StdEncoding.EncodeToString(b[:]), err
}

func isGossipKey(s string) bool {
	b, err := base64.StdEncoding.DecodeString(s)
	return err == nil && len(b) == 32
}

// apiPrefix lets secret scanners and people recognize a token of ours.
const apiPrefix = "dcloud_"

func newAPIToken(rand io.Reader) (string, error) {
	var b [32]byte
	_, err := io.ReadFull(rand, b[:])
	return apiPrefix + base64.RawURLEncoding.EncodeToString(b[:]), err
}

func isAPIToken(s string) bool {
	b, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(s, apiPrefix))
	return err == nil && len(b) == 32 && strings.HasPrefix(s, apiPrefix)
}
