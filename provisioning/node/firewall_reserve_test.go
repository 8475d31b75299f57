package node

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheJoinPortIsReservedBesideWhatOthersHaveReserved(t *testing.T) {
	for before, after := range map[string]string{
		"\n":               "51820\n",
		"8080,9148-9150\n": "8080,9148-9150,51820\n",
		"51820\n":          "51820\n",
		"51000-52000\n":    "51000-52000\n",
		"5182,51821\n":     "5182,51821,51820\n",
	} {
		path := filepath.Join(t.TempDir(), "ip_local_reserved_ports")
		if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := reservePort(path, JoinPort); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != after {
			t.Errorf("after %q it is %q, want %q (%v)", before, got, after, err)
		}
	}
}
