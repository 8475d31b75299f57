package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
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

func TestTheRealEnginesRunTogetherOnTheseConfigurations(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if os.Getenv(insideNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=4m")
		cmd.Env = append(os.Environ(), insideNamespace+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("in a network namespace (as root): %v\n%s", err, out)
		}
		return
	}
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	check(t, netlink.LinkSetUp(lo))

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
	consul := caller{t, &http.Client{Timeout: 5 * time.Second}, fmt.Sprintf("http://127.0.0.1:%d", ConsulHTTPPort), "X-Consul-Token"}
	consulIsReadyAndClosed(consul, n, s)

	start(t, specs[1])
	nomad := caller{t, nomadClient(t, l), fmt.Sprintf("https://127.0.0.1:%d", NomadHTTPPort), "X-Nomad-Token"}
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

func nomadIsReadyAndClosed(c caller, l Layout, n Node, s Secrets) {
	c.eventually(200, "POST", "/v1/acl/bootstrap", "", map[string]any{"BootstrapSecret": s.NomadBootstrap})
	c.once(403, "GET", "/v1/nodes", "", nil)
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
	visitor := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DialContext: dial,
		TLSClientConfig: &tls.Config{RootCAs: roots(t, l)}}}
	isApp := func(body []byte) bool { return string(body) == "the app" }
	caller{t, visitor, "https://hello." + n.Domain, ""}.until("GET", "/", "", isApp)
	t.Logf("route live after %v", time.Since(began).Round(time.Millisecond))
	caller{t, visitor, "http://hello." + n.Domain, ""}.until("GET", "/", "", isApp)
	// Nobody listens on the agent's port here: a bad gateway shows the route.
	caller{t, visitor, "https://panel." + n.Domain, ""}.eventually(502, "GET", "/", "", nil)
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
			if bytes.Contains(text, []byte(*f.value)) {
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

// start runs an engine until the test ends, in the way that EngineSpec says.
func start(t *testing.T, s EngineSpec) {
	stderr, err := os.Create(s.ErrorPath)
	check(t, err)
	cmd := exec.Command(s.Path, s.Args...)
	cmd.Env, cmd.Dir, cmd.Stderr = s.Env, s.Dir, stderr
	var early bytes.Buffer
	cmd.Stdout = &early
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	check(t, cmd.Start())
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		text, _ := os.ReadFile(s.ErrorPath)
		if t.Failed() || os.Getenv("DCLOUD_TEST_LOGS") != "" {
			t.Logf("%s said:\n%s%s", s.Name, early.String(), text)
			logs, _ := filepath.Glob(filepath.Join(filepath.Dir(s.LogPath), s.Name+"*.log"))
			t.Logf("its logs: %v", logs)
		}
	})
}

// findEngines looks for the executables in the cache of `dcloud internal engines`.
func findEngines(t *testing.T) map[string]Binary {
	cache := os.Getenv("DCLOUD_CACHE")
	if cache == "" {
		cache = DefaultCacheDir
	}
	found := map[string]Binary{}
	filepath.WalkDir(cache, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil
		}
		name := strings.TrimSuffix(filepath.Base(path), ".bin")
		info, err := d.Info()
		if err == nil && info.Mode()&0o111 != 0 && (name == Consul || name == Nomad || name == Traefik) {
			found[name] = Binary{Version: "test", Path: path}
		}
		return nil
	})
	if len(found) != 3 {
		t.Fatalf("found %d of 3 engines beneath %s: run `dcloud internal engines`, or set DCLOUD_CACHE", len(found), cache)
	}
	return found
}

func roots(t *testing.T, l Layout) *x509.CertPool {
	text, err := os.ReadFile(l.CACert())
	check(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatal("no certificate in ca.pem")
	}
	return pool
}

func nomadClient(t *testing.T, l Layout) *http.Client {
	cert, err := tls.LoadX509KeyPair(l.Cert(CertClient), l.Cert(CertClient))
	check(t, err)
	return &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: roots(t, l), Certificates: []tls.Certificate{cert}}}}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// caller speaks to one HTTP API.
type caller struct {
	t      *testing.T
	client *http.Client
	base   string
	header string // that carries the token
}

func (c caller) call(method, path, token string, body any) (int, []byte, error) {
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		check(c.t, err)
		in = bytes.NewReader(text)
	}
	ctx := context.Background()
	if strings.HasPrefix(c.base, "http:") {
		ctx = context.WithValue(ctx, plain{}, true)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	check(c.t, err)
	if token != "" {
		req.Header.Set(c.header, token)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

func (c caller) once(want int, method, path, token string, body any) {
	c.t.Helper()
	if got, text, err := c.call(method, path, token, body); got != want {
		c.t.Fatalf("%s %s: %d (%v), want %d: %s", method, path, got, err, want, text)
	}
}

func (c caller) eventually(want int, method, path, token string, body any) {
	c.t.Helper()
	c.retry(method+" "+path, func() (bool, string) {
		got, text, err := c.call(method, path, token, body)
		return got == want, fmt.Sprintf("%d (%v), want %d: %s", got, err, want, text)
	})
}

func (c caller) until(method, path, token string, ok func([]byte) bool) {
	c.t.Helper()
	c.retry(method+" "+path, func() (bool, string) {
		got, text, err := c.call(method, path, token, nil)
		return err == nil && got == 200 && ok(text), fmt.Sprintf("%d (%v): %s", got, err, text)
	})
}

// retry polls an engine that tells nobody when it has got there.
func (c caller) retry(what string, try func() (bool, string)) {
	c.t.Helper()
	deadline := time.Now().Add(45 * time.Second)
	for {
		ok, said := try()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: %s", what, said)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
