package paths

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
)

// maxStore bounds the file of endpoints, in bytes: some 10,000 members.
const maxStore = 1 << 20

// stored is the file: {"endpoints": {"ID": "192.0.2.1:51820"}}.
type stored struct {
	Endpoints map[string]string `json:"endpoints"`
}

// load reads the endpoints that worked. No file is no error; what is no endpoint in it
// is left out. The map is never nil.
func load(file string) (map[string]string, error) {
	if file == "" {
		return map[string]string{}, nil
	}
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return map[string]string{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxStore+1))
	if err != nil {
		return map[string]string{}, err
	}
	endpoints, err := parse(data)
	if err != nil {
		return endpoints, fmt.Errorf("%s: %w", file, err)
	}
	return endpoints, nil
}

func parse(data []byte) (map[string]string, error) {
	good := map[string]string{}
	if len(data) > maxStore {
		return good, fmt.Errorf("larger than %d bytes", maxStore)
	}
	var s stored
	if err := json.Unmarshal(data, &s); err != nil {
		return good, err
	}
	for id, e := range s.Endpoints {
		if a, err := netip.ParseAddrPort(e); err == nil && a.Port() != 0 {
			good[id] = e
		}
	}
	return good, nil
}

// save replaces the file, or leaves it as it was.
func save(file string, endpoints map[string]string) error {
	if file == "" {
		return nil
	}
	data, err := json.Marshal(stored{endpoints})
	if err != nil {
		return err
	}
	temporary, err := os.CreateTemp(filepath.Dir(file), ".paths-*") // 0600
	if err != nil {
		return err
	}
	_, err = temporary.Write(data)
	err = errors.Join(err, temporary.Sync(), temporary.Close())
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return fmt.Errorf("write %s: %w", file, err)
	}
	return nil
}
