package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// StaleKeys tells whether an engine's keyring lacks the current gossip key, or does not
// begin with it: the engine slept while keys were replaced, and must be started anew,
// with FollowKeys before.
func StaleKeys(l Layout, n Node, s Secrets, engine string) (bool, error) {
	for _, k := range keyrings(n, s) {
		if k.engine != engine {
			continue
		}
		data, err := os.ReadFile(filepath.Join(l.EngineData(k.engine), filepath.FromSlash(k.path)))
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read the gossip keys of %s: %w", k.engine, err)
		}
		_, stale := follow(data, k.key)
		return stale, nil
	}
	return false, nil
}
