package provisioning

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
)

func TestANewDockerGetsSettingsOnce(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "docker", "daemon.json")
	actions := []Action{dockerSettingsIn(Daemon{Host: "unix://" + filepath.Join(dir, "nobody.sock")}, file)}
	for _, want := range []int{1, 0} {
		if changed, err := Run(t.Context(), actions, nil); err != nil || changed != want {
			t.Fatalf("changed %d, want %d (%v)", changed, want, err)
		}
	}
	text, err := os.ReadFile(file)
	var settings map[string]any
	if err != nil || json.Unmarshal(text, &settings) != nil || settings["userland-proxy"] != false || settings["live-restore"] != true {
		t.Errorf("the settings are %q (%v)", text, err)
	}
}

func TestADockerThatHasSettingsOrRunsIsLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	socket := filepath.Join(dir, "docker.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("OK")) })}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	missing := filepath.Join(dir, "docker", "daemon.json")
	theirs := filepath.Join(dir, "daemon.json")
	if err := os.WriteFile(theirs, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, a := range map[string]Action{
		"it runs":         dockerSettingsIn(Daemon{Host: "unix://" + socket}, missing),
		"it has settings": dockerSettingsIn(Daemon{Host: "unix://" + socket + ".none"}, theirs),
	} {
		if changed, err := Run(t.Context(), []Action{a}, nil); err != nil || changed != 0 {
			t.Errorf("%s: changed %d (%v)", name, changed, err)
		}
	}
	if _, err := os.Stat(missing); !os.IsNotExist(err) {
		t.Errorf("settings were written for a Docker that runs (%v)", err)
	}
	if text, _ := os.ReadFile(theirs); string(text) != "{}" {
		t.Errorf("settings of somebody else are now %q", text)
	}
}
