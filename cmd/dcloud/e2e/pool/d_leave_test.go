package pool

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/node"
)

// kept is what somebody who had the machine has taken from it before its removal.
type kept struct {
	dir     string // a copy of its data directory
	layout  node.Layout
	address netip.Addr
	secrets map[string]string
}

func keep(t *testing.T, m *Machine) kept {
	t.Helper()
	k := kept{dir: filepath.Join(t.TempDir(), "data"), secrets: map[string]string{}}
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", m.Data, k.dir).CombinedOutput(); err != nil {
		// A socket or a file of the moment may go while it is copied.
		t.Logf("copying: %s", out)
	}
	var err error
	if k.layout, err = node.NewLayout(k.dir, m.Cache); err != nil {
		t.Fatal(err)
	}
	n, err := node.Load(k.layout)
	if err != nil {
		t.Fatal(err)
	}
	k.address = n.Address
	for _, name := range []string{node.SecretConsulGossip, node.SecretPoolGossip, node.SecretConsulAgent, node.SecretConsulNomad, node.SecretWireGuard} {
		text, err := os.ReadFile(filepath.Join(k.layout.Secrets(), name))
		if err != nil || len(bytes.TrimSpace(text)) == 0 {
			t.Fatalf("the machine has no %s (%v)", name, err)
		}
		k.secrets[name] = strings.TrimSpace(string(text))
	}
	return k
}

// ask asks a server's peer API, from the server itself as nobody else could reach
// it, with the certificate of the machine, and returns the status.
func (k kept) ask(t *testing.T) (int, error) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(k.layout.Cert(node.CertPeer), k.layout.Cert(node.CertPeer))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(k.layout.CACert())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	client := server.HTTPClient()
	client.Transport.(*http.Transport).TLSClientConfig = &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: roots, ServerName: "peer.dcloud"}
	res, err := client.Get(fmt.Sprintf("https://10.213.0.1:%d/v1/nodes", pool.PeerPort))
	if err != nil {
		return 0, err
	}
	res.Body.Close()
	return res.StatusCode, nil
}

// askConsul asks the server's Consul what one of the machine's tokens is.
func (k kept) askConsul(t *testing.T, secret string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/v1/acl/token/self", node.ConsulHTTPPort), nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Consul-Token", k.secrets[secret])
	res, err := server.HTTPClient().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestNothingOfARemovedMachineOpensAnythingAnyMore(t *testing.T) {
	k := keep(t, pi)
	tokens := []string{node.SecretConsulAgent, node.SecretConsulNomad}
	// First that all of it opens something now: else the rest would show nothing.
	if code, err := k.ask(t); err != nil || code != http.StatusOK {
		t.Fatalf("a member's certificate is answered with %d (%v)", code, err)
	}
	for _, secret := range tokens {
		if code := k.askConsul(t, secret); code != http.StatusOK {
			t.Fatalf("Consul answers %d to a member's %s", code, secret)
		}
	}
	if !reaches(t, pi, "10.213.0.1", pool.PeerPort) {
		t.Fatal("a member does not reach the server")
	}

	server.Must(t, "node", "remove", "pi", "--abandon", "--yes")
	two := map[string]string{"server": agent.NodeReady, "vps": agent.NodeReady}
	awaitNodes(t, server, two)
	awaitNodes(t, vps, two)
	t.Run("its certificate", func(t *testing.T) {
		if code, err := k.ask(t); err == nil && code < 400 {
			t.Errorf("it is answered with %d", code)
		}
	})
	t.Run("its tokens", func(t *testing.T) {
		for _, secret := range tokens {
			if code := k.askConsul(t, secret); code != http.StatusForbidden {
				t.Errorf("Consul answers %d to %s", code, secret)
			}
		}
	})
	t.Run("the gossip keys that it knew", func(t *testing.T) {
		for _, m := range []*Machine{server, vps} {
			for _, name := range []string{node.SecretConsulGossip, node.SecretPoolGossip} {
				Await(t, m.Name+" has another "+name, HealTime, func() error {
					text, err := os.ReadFile(filepath.Join(m.Data, "secrets", name))
					if err == nil && strings.TrimSpace(string(text)) == k.secrets[name] {
						err = fmt.Errorf("it is the same")
					}
					return err
				})
			}
		}
	})
	t.Run("its key of the private network", func(t *testing.T) {
		// Whoever had the machine puts back all that it had, and starts it.
		pi.Dcloud(t, "down", "--purge", "--yes")
		if out, err := exec.CommandContext(t.Context(), "cp", "-aT", k.dir, pi.Data).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		upForAWhile(t, pi)
		for _, port := range []int{pool.PeerPort, pool.GossipPort, node.ConsulRPCPort, node.ConsulSerfPort, node.NomadRPCPort} {
			if reaches(t, pi, "10.213.0.1", port) {
				t.Errorf("it reaches the server's port %d", port)
			}
		}
		awaitNodes(t, server, two)
		pi.Dcloud(t, "down", "--purge", "--yes")
	})
	server.AwaitRoute(t, whoami)
	vps.AwaitRoute(t, whoami)
}

// longEnough is how long a machine that may reach the cloud is given to do so.
const longEnough = 30 * time.Second

// upForAWhile starts a machine that can never be ready, and returns after its agent has
// run for long enough.
func upForAWhile(t *testing.T, m *Machine) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	cmd := m.Command(ctx, m.Bin, "up")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // stopped, or refused to start: both will do
	}()
	Await(t, "its agent runs", HealTime, func() error {
		select {
		case <-ended:
			return nil
		default:
		}
		text, err := os.ReadFile(filepath.Join(m.Data, "run", "agent.lock"))
		if err == nil {
			_, err = os.Stat("/proc/" + strings.TrimSpace(string(text)) + "/exe")
		}
		return err
	})
	select {
	case <-ended:
	case <-time.After(longEnough):
	}
	cancel()
	<-ended
	t.Logf("the removed machine's up said: %s", said.String())
}

// reaches tells whether a machine can connect to a port of another.
func reaches(t *testing.T, from *Machine, address string, port int) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	conn, err := from.Dial(ctx, "tcp", fmt.Sprintf("%s:%d", address, port))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func TestARemovedMachineCanJoinAgain(t *testing.T) {
	blank(t, pi)
	paste(t, pi, line(t))
	awaitNodes(t, server, allReady)
}

// The last: only the server is left.
func TestAMachineLeavesAndNothingIsLeftOfTheCloudOnIt(t *testing.T) {
	for _, m := range []*Machine{vps, pi} {
		m.Must(t, "node", "leave", "--yes")
		blank(t, m)
	}
	awaitNodes(t, server, map[string]string{"server": agent.NodeReady})
	server.Refused(t, 4, []string{"--purge"}, "node", "leave", "--yes")
	awaitApp(t, "all copies run on the server", "whoami", copies(3, "server"))
	server.AwaitRoute(t, whoami)
}
