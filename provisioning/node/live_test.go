package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

// The test starts itself once more in a network namespace of its own, which ends
// with it: so all default ports are free and nothing is left behind.
const insideNamespace = "DCLOUD_TEST_INSIDE_NAMESPACE"

// aloneInNamespace tells whether the test runs in its own namespace; otherwise it has run
// it there.
func aloneInNamespace(t *testing.T) bool {
	if os.Getenv(insideNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=30m")
		cmd.Env = append(os.Environ(), insideNamespace+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("in a network namespace (as root): %v\n%s", err, out)
		}
		return false
	}
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	check(t, netlink.LinkSetUp(lo))
	return true
}

func TestTheRealEnginesRunTogetherOnTheseConfigurations(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if !aloneInNamespace(t) {
		return
	}
	l := prepared(t)
	n, _, err := Init(l, Options{Hostname: "Pi One", Now: time.Now(), Rand: rand.Reader})
	check(t, err)
	for i, want := range []bool{true, false} {
		changed, err := EnsureInterface(Interface, n.Prefix())
		check(t, err)
		if changed != want {
			t.Errorf("EnsureInterface, time %d: changed = %v", i+1, changed)
		}
	}
	_, err = EnsurePKI(l, n, time.Now())
	check(t, err)
	s, err := EnsureSecrets(l, rand.Reader)
	check(t, err)
	serial, err := CertSerial(l, CertWeb)
	check(t, err)
	in := Input{Node: n, Layout: l, Secrets: s, Facts: Facts{MemoryMB: 1024, CertSerial: serial,
		DockerHost: "unix://" + filepath.Join(l.Data, "no-docker.sock")}}
	specs, err := Specs(in, findEngines(t))
	check(t, err)
	_, err = WriteConfigs(specs)
	check(t, err)

	start(t, specs[0])
	consul := caller{t, &http.Client{Timeout: answerTime}, fmt.Sprintf("http://127.0.0.1:%d", ConsulHTTPPort), "X-Consul-Token"}
	consulIsReadyAndClosed(consul, n, s)

	nomad := caller{t, nomadClient(t, l), fmt.Sprintf("https://127.0.0.1:%d", NomadHTTPPort), "X-Nomad-Token"}
	startFirstNomad(nomad, specs[1], s)
	nomadIsReadyAndClosed(nomad, l, n, s)

	start(t, specs[2])
	traefikRoutes(t, consul, l, n, s)

	onlyTheFrontDoorIsOpen(t, n)
	logsHoldNoSecrets(t, l, s)
}

func consulIsReadyAndClosed(c caller, n Node, s Secrets) {
	c.eventually(200, "PUT", "/v1/acl/policy", s.ConsulManagement, map[string]any{"Name": "nomad", "Rules": NomadConsulPolicy})
	c.eventually(200, "PUT", "/v1/acl/policy", s.ConsulManagement, map[string]any{"Name": "traefik", "Rules": TraefikConsulPolicy})
	c.eventually(200, "PUT", "/v1/acl/policy", s.ConsulManagement, map[string]any{"Name": "agent", "Rules": ConsulAgentPolicy})
	for secret, policy := range map[string]string{s.ConsulNomad: "nomad", s.ConsulTraefik: "traefik"} {
		c.eventually(200, "PUT", "/v1/acl/token", s.ConsulManagement, map[string]any{
			"SecretID": secret, "Policies": []any{map[string]any{"Name": policy}}})
	}
	c.eventually(200, "PUT", "/v1/acl/token", s.ConsulManagement, map[string]any{
		"SecretID": s.ConsulAgent, "NodeIdentities": []any{map[string]any{"NodeName": n.Name, "Datacenter": n.Datacenter}}})
	c.once(403, "GET", "/v1/agent/self", "", nil)
	c.once(403, "PUT", "/v1/agent/service/register", s.ConsulTraefik, map[string]any{"Name": "x"})
	c.until("GET", "/v1/catalog/nodes", s.ConsulManagement, func(body []byte) bool { return bytes.Contains(body, []byte(n.ID)) })
}

// startFirstNomad starts the pool's first Nomad as the agent does: once to make its
// first token, and anew when it has its keys, so that its client registers at once.
func startFirstNomad(c caller, spec EngineSpec, s Secrets) (stop func()) {
	stop = start(c.t, spec)
	c.eventually(200, "POST", "/v1/acl/bootstrap", "", map[string]any{"BootstrapSecret": s.NomadBootstrap})
	c.until("GET", "/v1/operator/keyring/keys", s.NomadBootstrap, func(body []byte) bool { return bytes.Contains(body, []byte("KeyID")) })
	stop()
	return start(c.t, spec)
}

// introduce makes an introduction token for a machine. The servers can do so once
// they have made the key that they sign it with.
func introduce(c caller, s Secrets, name string) string {
	var said struct{ JWT string }
	c.retry("introduce "+name, func() (bool, string) {
		got, text, err := c.call("POST", "/v1/acl/identity/client-introduction-token", s.NomadBootstrap, map[string]any{"NodeName": name, "TTL": "15m"})
		return got == 200 && json.Unmarshal(text, &said) == nil && said.JWT != "", fmt.Sprintf("%d (%v): %s", got, err, text)
	})
	return said.JWT
}

func nomadIsReadyAndClosed(c caller, l Layout, n Node, s Secrets) {
	c.eventually(403, "GET", "/v1/nodes", "", nil) // it has just been restarted
	var id string
	c.until("GET", "/v1/nodes", s.NomadBootstrap, func(body []byte) bool {
		var nodes []struct{ ID, Name, Status, Address string }
		if json.Unmarshal(body, &nodes) != nil || len(nodes) != 1 || nodes[0].Status != "ready" {
			return false
		}
		id = nodes[0].ID
		return nodes[0].Name == n.Name && nodes[0].Address == n.Address.String()
	})
	c.until("GET", "/v1/node/"+id, s.NomadBootstrap, func(body []byte) bool {
		for _, want := range []string{`"consul.version"`, `"Alias":"lan"`, `"Alias":"default"`} {
			if !bytes.Contains(body, []byte(want)) {
				return false
			}
		}
		return true
	})
	c.until("GET", "/v1/operator/scheduler/configuration", s.NomadBootstrap, func(body []byte) bool {
		return bytes.Contains(body, []byte(`"MemoryOversubscriptionEnabled":true`))
	})
	stranger := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots(c.t, l)}}}
	if _, err := stranger.Get(c.base + "/v1/status/leader"); err == nil {
		c.t.Error("Nomad answers a client without a certificate")
	}
}

func traefikRoutes(t *testing.T, consul caller, l Layout, n Node, s Secrets) {
	ping := caller{t, http.DefaultClient, fmt.Sprintf("http://127.0.0.1:%d", PingPort), ""}
	ping.eventually(200, "GET", "/ping", "", nil)

	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "the app") }))
	defer app.Close()
	addr := app.Listener.Addr().(*net.TCPAddr)
	// What a machine of the pool could register to stand before the panel.
	for name, tags := range map[string][]string{
		"early": {"traefik.http.routers.early.rule=PathPrefix(`/`)", "traefik.http.routers.early.priority=9223372036854774807"},
		"late":  {"traefik.http.routers.late.rule=Host(`panel." + n.Domain + "`) && PathPrefix(`/`)", "traefik.http.routers.late.priority=99999"},
		"below": {"traefik.tcp.routers.below.rule=HostSNI(`*`)", "traefik.tcp.routers.below.entrypoints=web"},
		"sealed": {"traefik.tcp.routers.sealed.rule=HostSNI(`*`)", "traefik.tcp.routers.sealed.entrypoints=websecure",
			"traefik.tcp.routers.sealed.tls.passthrough=true"},
	} {
		consul.once(200, "PUT", "/v1/agent/service/register", s.ConsulNomad, map[string]any{
			"Name": name, "Address": "127.0.0.1", "Port": addr.Port, "Tags": append(tags, "traefik.enable=true")})
	}
	began := time.Now()
	consul.once(200, "PUT", "/v1/agent/service/register", s.ConsulNomad, map[string]any{
		"Name": "hello", "Address": "127.0.0.1", "Port": addr.Port,
		"Tags": []string{"traefik.enable=true", "traefik.http.routers.hello.rule=Host(`hello." + n.Domain + "`)"}})
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		port := n.HTTPSPort
		if ctx.Value(plain{}) != nil {
			port = n.HTTPPort
		}
		return new(net.Dialer).DialContext(ctx, network, fmt.Sprintf("127.0.0.1:%d", port))
	}
	visitor := &http.Client{Timeout: answerTime, Transport: &http.Transport{DialContext: dial,
		TLSClientConfig: &tls.Config{RootCAs: roots(t, l)}}}
	isApp := func(body []byte) bool { return string(body) == "the app" }
	caller{t, visitor, "https://hello." + n.Domain, ""}.until("GET", "/", "", isApp)
	t.Logf("route live after %v", time.Since(began).Round(time.Millisecond))
	caller{t, visitor, "http://hello." + n.Domain, ""}.until("GET", "/", "", isApp)
	// Nobody listens on the agent's port here: a bad gateway shows the route.
	caller{t, visitor, "https://panel." + n.Domain, ""}.eventually(502, "GET", "/", "", nil)
	for _, scheme := range []string{"https", "http"} {
		caller{t, visitor, scheme + "://panel." + n.Domain, ""}.once(502, "GET", "/", "", nil)
	}
	caller{t, visitor, "https://nobody." + n.Domain, ""}.once(404, "GET", "/", "", nil)
}

type plain struct{}

// onlyTheFrontDoorIsOpen reads the kernel's list of listening TCP sockets.
func onlyTheFrontDoorIsOpen(t *testing.T, n Node) {
	out, err := exec.Command("ss", "-Hltn").Output()
	check(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		local := strings.Fields(line)[3]
		host, port, err := net.SplitHostPort(local)
		check(t, err)
		door := port == fmt.Sprint(n.HTTPPort) || port == fmt.Sprint(n.HTTPSPort)
		if host != "127.0.0.1" && host != n.Address.String() && !door {
			t.Errorf("%s is open to others", local)
		}
	}
}

func logsHoldNoSecrets(t *testing.T, l Layout, s Secrets) {
	read := 0
	check(t, filepath.WalkDir(l.Logs(), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		read += len(text)
		for _, f := range s.files() {
			if *f.value != "" && bytes.Contains(text, []byte(*f.value)) {
				t.Errorf("%s holds the secret %s", path, f.name)
			}
		}
		if bytes.Contains(text, []byte("PRIVATE KEY")) {
			t.Errorf("%s holds a key", path)
		}
		return err
	}))
	if read == 0 {
		t.Error("the engines wrote no log")
	}
}
