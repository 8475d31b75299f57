package e2e

import (
	"archive/zip"
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

// What a small store in the form of CasaOS has: an app that runs, one that asks for too
// much, and one that nobody can read.
var smallStore = map[string]string{
	"Apps/Greeter/docker-compose.yml": `name: greeter
services:
  greeter:
    image: traefik/whoami:v1.12.0
    environment:
      WHOAMI_NAME: from-a-store
    network_mode: bridge
    ports:
      - target: 80
        published: "8080"
        protocol: tcp
    volumes:
      - /DATA/AppData/$AppID/config:/config
x-casaos:
  main: greeter
  index: /
  port_map: "8080"
  category: Utilities
  title: {en_us: Greeter}
  tagline: {en_us: Says who asked}
  description: {en_us: It answers with what it was asked.}
`,
	"Apps/Owner/docker-compose.yml": `name: owner
services:
  owner:
    image: portainer/portainer-ce:2.27.1
    ports: ["9000:9000"]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
x-casaos:
  main: owner
  port_map: "9000"
  title: {en_us: Owner}
  tagline: {en_us: Owns the machine}
`,
	"Apps/Broken/docker-compose.yml": "services:\n  broken: [\nx-casaos:\n  main: broken\n",
	"Apps/Greeter/icon.png":          "\x89PNG",
}

func storeFolder(t *testing.T) string {
	t.Helper()
	top := filepath.Join(t.TempDir(), "corner")
	for name, text := range smallStore {
		full := filepath.Join(top, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return top
}

func TestAnAppOfSomebodyElsesStoreIsFoundShownInstalledAndOutlivesItsStore(t *testing.T) {
	d := Decode[agent.StoreDetail](t, cloud.Must(t, "catalog", "store", "add", storeFolder(t), "--json"))
	if d.Name != "corner" || d.Format != agent.StoreCasaOS || d.Entries < 1 || d.Refused < 1 || d.Source != "upload" {
		t.Fatalf("the store is %+v", d)
	}
	for _, a := range d.Apps {
		switch {
		case a.Name == "corner/broken" && a.Refused == "":
			t.Error("what cannot be read is taken over")
		case a.Name == "corner/owner" && a.Refused == "" && len(a.Notes) == 0:
			t.Error("nothing is said of an app that asks for Docker's socket")
		}
	}
	found := Decode[[]agent.Entry](t, cloud.Must(t, "app", "search", "greeter", "--json"))
	if len(found) != 1 || found[0].Name != "corner/greeter" || found[0].Store != "corner" || len(found[0].Fits) != 1 {
		t.Fatalf("greeter finds %+v", found)
	}
	if out := cloud.Must(t, "app", "show", "corner/greeter"); !strings.Contains(out, "the store corner") || !strings.Contains(out, "traefik/whoami:v1.12.0") {
		t.Errorf("it is shown as:\n%s", out)
	}
	plan := Decode[agent.Plan](t, cloud.Must(t, "app", "install", "corner/greeter", "--plan", "--json"))
	if plan.Name != "greeter" || plan.Entry != "corner/greeter" || plan.Store != "corner" {
		t.Errorf("the plan is %+v", plan)
	}
	a := cloud.Dcloud(t, "app", "install", "corner/greeter", "--access", "public")
	if a.Code != 0 || !strings.Contains(a.Stderr, "comes from the store corner, not from the catalog") {
		t.Fatalf("the install ended with %d and said:\n%s", a.Code, a.Stderr)
	}
	const url = "http://greeter.dcloud.localhost/"
	if code, body, err := cloud.Get(url); err != nil || code != 200 || !strings.Contains(body, "Name: from-a-store") {
		t.Errorf("it answers %d %q (%v)", code, Clip(body), err)
	}
	cloud.Must(t, "catalog", "store", "remove", "corner")
	if left := Decode[[]agent.Entry](t, cloud.Must(t, "app", "search", "greeter", "--json")); len(left) != 0 {
		t.Errorf("what was removed is found: %+v", left)
	}
	cloud.Refused(t, 3, []string{"corner"}, "app", "show", "corner/greeter")
	cloud.Must(t, "app", "restart", "greeter")
	if app := cloud.App(t, "greeter"); app.State != agent.StateRunning || app.Entry != "corner/greeter" {
		t.Errorf("without its store the app is %+v", app.App)
	}
	if err := cloud.Serves(url); err != nil {
		t.Errorf("without its store the app does not answer: %v", err)
	}
	cloud.Must(t, "app", "remove", "greeter", "--purge-data")
}

// TestAStoreIsFetchedFromTheHomeNetworkAndFromNowhereInside has the same archive served
// at the machine's address in the home network, and on loopback.
func TestAStoreIsFetchedFromTheHomeNetworkAndFromNowhereInside(t *testing.T) {
	var archive bytes.Buffer
	zw := zip.NewWriter(&archive)
	for name, text := range smallStore {
		w, err := zw.Create("store-main/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	body := archive.Bytes()
	serve := func(address string) string {
		l, err := cloud.Listen("tcp", net.JoinHostPort(address, "0"))
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })}
		go server.Serve(l)
		t.Cleanup(func() { server.Close() })
		return "http://" + l.Addr().String() + "/store.zip"
	}
	pool := cloud.Nodes(t)
	for _, n := range pool {
		for _, address := range []string{"127.0.0.1", n.Address} {
			cloud.Refused(t, 2, []string{"nothing is fetched from " + address}, "catalog", "store", "add", serve(address), "--name", "inside")
		}
	}
	cloud.Refused(t, 2, []string{"nothing is fetched from"}, "catalog", "store", "add", "http://169.254.169.254/latest.zip", "--name", "inside")
	cloud.Must(t, "catalog", "store", "add", serve(lab.LANAddress), "--name", "lan")
	body = []byte("PK\x03\x04 and then nothing")
	cloud.Refused(t, 1, []string{"archive"}, "catalog", "store", "sync", "lan")
	list := Decode[[]agent.Store](t, cloud.Must(t, "catalog", "store", "list", "--json"))
	if len(list) != 1 || list[0].Failure == "" || list[0].Entries == 0 {
		t.Errorf("the stores are %+v", list)
	}
	if found := Decode[[]agent.Entry](t, cloud.Must(t, "app", "search", "store:lan", "--json")); len(found) == 0 {
		t.Error("what was there is gone after a sync that failed")
	}
	cloud.Must(t, "catalog", "store", "remove", "lan")
}
