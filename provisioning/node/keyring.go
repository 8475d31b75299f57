package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// keyring is the file in which an engine's gossip (Serf) keeps its keys once it has
// run: a JSON list of base64 keys, the one that it encrypts with first.
type keyring struct {
	engine string
	path   string // beneath the engine's data directory
	key    string
}

// keyrings of the engines on this machine: SerfLANKeyring in Consul's
// agent/keyring.go, serfKeyring in Nomad's command/agent/keyring.go. Consul's for the
// WAN is not used (serf_wan is off), and only Nomad's servers gossip.
func keyrings(n Node, s Secrets) []keyring {
	list := []keyring{{Consul, "serf/local.keyring", s.ConsulGossip}}
	if n.IsServer() {
		list = append(list, keyring{Nomad, "server/serf.keyring", s.NomadGossip})
	}
	return list
}

// FollowKeys brings the engines' keyrings up to the gossip keys among the secrets.
// Once an engine has a keyring it does not look at the key in its configuration, so
// one that did not run while the keys were replaced would be alone with the old. Call
// it when Consul and Nomad do not run: an engine writes its keyring itself.
//
// A keyring that begins with the current key stays as it is. One that has the key
// elsewhere was left amid a replacement: the key comes first, and the rest stays, for
// others may still use them. One that lacks it gets that key alone: the others are
// those that a removed machine knew.
func FollowKeys(l Layout, n Node, s Secrets) error {
	for _, k := range keyrings(n, s) {
		path := filepath.Join(l.EngineData(k.engine), filepath.FromSlash(k.path))
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // the engine makes it from its configuration
		}
		if err != nil {
			return fmt.Errorf("read the gossip keys of %s: %w", k.engine, err)
		}
		text, changed := follow(data, k.key)
		if !changed {
			continue
		}
		if err := writeFile(path, text); err != nil {
			return fmt.Errorf("replace the gossip keys of %s: %w", k.engine, err)
		}
	}
	return nil
}

// follow is a keyring's content with the key as its first. A damaged one is made anew,
// since the engine would not start with it.
func follow(data []byte, key string) (text []byte, changed bool) {
	var keys []string
	if json.Unmarshal(data, &keys) == nil && len(keys) > 0 && keys[0] == key && !slices.ContainsFunc(keys, notKey) {
		return data, false
	}
	next := []string{key}
	if slices.Contains(keys, key) {
		for _, k := range keys {
			if !notKey(k) && !slices.Contains(next, k) {
				next = append(next, k)
			}
		}
	}
	text, err := json.Marshal(next)
	if err != nil { // of strings: cannot be
		return data, false
	}
	return text, true
}

func notKey(s string) bool { return !isGossipKey(s) }
