package node

import (
	"path/filepath"
	"strings"
)

// Where a node keeps its things unless told otherwise.
const (
	DefaultDataDir  = "/var/lib/dcloud"
	DefaultCacheDir = "/var/cache/dcloud"
)

// Layout knows where everything lies beneath the data directory (what must not
// be lost) and the cache directory (what can be fetched again).
type Layout struct {
	Data  string
	Cache string
}

// NewLayout returns the layout of the two directories, the default ones where
// "" is given. Both must be absolute, and free of the characters that have a
// meaning in the engines' configuration languages, since their paths end up there.
func NewLayout(data, cache string) (Layout, error) {
	if data == "" {
		data = DefaultDataDir
	}
	if cache == "" {
		cache = DefaultCacheDir
	}
	for _, dir := range []string{data, cache} {
		if err := checkDir(dir); err != nil {
			return Layout{}, err
		}
	}
	return Layout{Data: filepath.Clean(data), Cache: filepath.Clean(cache)}, nil
}

func checkDir(dir string) error {
	hint := "name another one with --data-dir, such as " + DefaultDataDir
	switch {
	case !filepath.IsAbs(dir):
		return refuse(nil, hint, "the directory %q is not an absolute path", dir)
	case filepath.Clean(dir) == "/":
		return refuse(nil, hint, "the root directory cannot hold a node's data")
	// A Unix socket's path may have 108 bytes (unix(7)), and ours lies beneath it.
	case len(dir) > 90:
		return refuse(nil, hint, "the directory's path is %d bytes long; 90 is the most", len(dir))
	}
	for _, r := range dir {
		if r < 0x20 || r == 0x7f || r == 0xfffd || strings.ContainsRune("\"'`\\$%{}*?[]#:,;", r) {
			return refuse(nil, hint, "the directory %q has the character %q, which the engines' configurations cannot carry", dir, r)
		}
	}
	return nil
}

// NodeFile is the node's identity.
func (l Layout) NodeFile() string { return filepath.Join(l.Data, "node.json") }

// PKI holds the pool's authority and this node's certificates.
func (l Layout) PKI() string { return filepath.Join(l.Data, "pki") }

// CACert is the pool's authority, which everybody may read.
func (l Layout) CACert() string { return filepath.Join(l.PKI(), "ca.pem") }

// CAKey is the authority's private key.
func (l Layout) CAKey() string { return filepath.Join(l.PKI(), "ca-key.pem") }

// Cert is one of this node's certificates, with its private key in the same
// file, so that the two are always replaced together.
func (l Layout) Cert(name string) string { return filepath.Join(l.PKI(), name+".pem") }

// Secrets holds gossip keys and tokens, one file each.
func (l Layout) Secrets() string { return filepath.Join(l.Data, "secrets") }

// WireGuardKey is the private key of this machine in the pool's network, base64.
func (l Layout) WireGuardKey() string { return filepath.Join(l.Secrets(), SecretWireGuard) }

// OpenMark is a file that is there from the moment on at which a cloud of one machine
// opens for others: with its first token. Nomad's configuration is another then.
func (l Layout) OpenMark() string { return filepath.Join(l.Pool(), "open") }

// Pool holds what a member remembers of its pool: the roster, and how the others are
// met. It can be told again by them.
func (l Layout) Pool() string { return filepath.Join(l.Data, "pool") }

// Joining holds what a machine needs to be the same one when it tries again to join
// a pool. It is there only until it is a member, or has given up.
func (l Layout) Joining() string { return filepath.Join(l.Data, "joining") }

// Config holds the engines' configuration files.
func (l Layout) Config() string { return filepath.Join(l.Data, "config") }

// ConfigFile is the configuration of an engine.
func (l Layout) ConfigFile(engine string) string {
	if engine == Traefik {
		return filepath.Join(l.Config(), "traefik.yaml")
	}
	return filepath.Join(l.Config(), engine+".hcl")
}

// TraefikDynamic is the directory whose files Traefik reads and watches.
func (l Layout) TraefikDynamic() string { return filepath.Join(l.Config(), "traefik.d") }

// CNIConfig holds networks of the owner's own for Nomad's cni/NAME mode; usually empty.
func (l Layout) CNIConfig() string { return filepath.Join(l.Config(), "cni") }

// EngineData is where an engine keeps its state.
func (l Layout) EngineData(engine string) string { return filepath.Join(l.Data, "engines", engine) }

// Logs holds the logs of the agent and the engines.
func (l Layout) Logs() string { return filepath.Join(l.Data, "logs") }

// Log is the log that an engine writes and rotates itself.
func (l Layout) Log(engine string) string { return filepath.Join(l.Logs(), engine+".log") }

// Output is where an engine's standard error goes: what it says when it cannot
// even start, and Go's trace when it panics.
func (l Layout) Output(engine string) string { return filepath.Join(l.Logs(), engine+".err") }

// Run holds what matters only while the agent runs.
func (l Layout) Run() string { return filepath.Join(l.Data, "run") }

// Socket is the agent's API.
func (l Layout) Socket() string { return filepath.Join(l.Run(), "agent.sock") }

// Lock is held by the agent, so that no second one works on the same data.
func (l Layout) Lock() string { return filepath.Join(l.Run(), "agent.lock") }

// Volumes is where the apps' data lives.
func (l Layout) Volumes() string { return filepath.Join(l.Data, "volumes") }

// Usage is where the machines' and apps' use of late is kept across restarts.
func (l Layout) Usage() string { return filepath.Join(l.Run(), "usage") }

// Binaries is the cache of engine binaries.
func (l Layout) Binaries() string { return filepath.Join(l.Cache, "engines") }

// Dirs lists the directories that Prepare makes, parents first.
func (l Layout) Dirs() []string {
	return []string{
		l.Data, l.PKI(), l.Secrets(), l.Config(), l.TraefikDynamic(), l.CNIConfig(),
		filepath.Join(l.Data, "engines"), l.EngineData(Consul), l.EngineData(Nomad), l.EngineData(Traefik),
		l.Logs(), l.Run(), l.Volumes(), l.Cache,
	}
}
