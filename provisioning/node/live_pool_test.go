package node

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// The first machine is in the test's own namespace, the second in that of a process
// that only sleeps; a cable joins their pool interfaces.
func TestTheRealEnginesOfAJoinedMachineAreTakenInAndAreNoServers(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if !aloneInNamespace(t) {
		return
	}
	binaries := findEngines(t)
	first, second, consul, nomad := openPool(t, binaries)
	n, specs := first.node, first.specs(binaries)

	second.join(consul, first, Identity{Name: "pi2", Role: RoleIngress, Address: netip.MustParseAddr("10.213.0.2")})
	its := second.specs(binaries)
	start(t, its[Consul], second.enter()...)
	consul.until("GET", "/v1/health/node/pi2", first.secrets.ConsulManagement, func(body []byte) bool {
		return bytes.Contains(body, []byte(`"serfHealth"`)) && bytes.Contains(body, []byte(`"passing"`))
	})
	itsConsulActsForItselfAlone(consul, second, first.secrets)

	said := mark(t, specs[Nomad].LogPath)
	stop := start(t, its[Nomad], second.enter()...)
	said.until("node registration without introduction token")
	nomad.until("GET", "/v1/nodes", first.secrets.NomadBootstrap, func(body []byte) bool {
		if nodeNamed(body, "pi2") != "" {
			t.Fatalf("the servers know a machine that nobody has introduced: %s", body)
		}
		return nodeNamed(body, "pi1") != ""
	})
	check(t, WriteIntroToken(second.layout, introduce(nomad, first.secrets, second.node.Name)))
	stop()
	began := time.Now()
	stop = start(t, its[Nomad], second.enter()...)
	ready := func(body []byte) bool {
		return strings.Contains(nodeNamed(body, "pi2"), `"Address":"10.213.0.2"`) && strings.Contains(nodeNamed(body, "pi2"), `"Status":"ready"`)
	}
	nomad.until("GET", "/v1/nodes", first.secrets.NomadBootstrap, ready)
	t.Logf("ready %v after Nomad was started with its introduction", time.Since(began).Round(100*time.Millisecond))

	check(t, RemoveIntroToken(second.layout))
	stop()
	log := mark(t, its[Nomad].LogPath)
	start(t, its[Nomad], second.enter()...)
	log.until("node registration complete") // by its own identity
	nomad.until("GET", "/v1/nodes", first.secrets.NomadBootstrap, ready)

	// Traefik sees through the machine's own Consul what runs elsewhere.
	start(t, its[Traefik], second.enter()...)
	ping := caller{t, second.client(nil), fmt.Sprintf("http://127.0.0.1:%d", PingPort), ""}
	ping.eventually(200, "GET", "/ping", "", nil)
	consul.once(200, "PUT", "/v1/agent/service/register", first.secrets.ConsulNomad, map[string]any{
		"Name": "hello", "Address": "127.0.0.1", "Port": 9, "Tags": []string{"traefik.enable=true", "traefik.http.routers.hello.rule=Host(`hello.x`)"}})
	door := caller{t, second.client(nil), fmt.Sprintf("http://hello.x:%d", n.HTTPPort), ""}
	door.eventually(502, "GET", "/", "", nil) // nobody listens there: the route is live

	noServerByItsCertificate(t, first, second)
	logsHoldNoSecrets(t, second.layout, second.secrets)
}

func TestASecondServersEnginesJoinThoseOfTheFirst(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if !aloneInNamespace(t) {
		return
	}
	binaries := findEngines(t)
	first, second, consul, nomad := openPool(t, binaries)
	second.join(consul, first, Identity{Name: "pi2", Role: RoleServer, Address: netip.MustParseAddr("10.213.0.2")})
	check(t, WriteIntroToken(second.layout, introduce(nomad, first.secrets, "pi2")))
	its := second.specs(binaries)
	both := func(body []byte) bool {
		return bytes.Contains(body, []byte(`"10.213.0.1:`)) && bytes.Contains(body, []byte(`"10.213.0.2:`))
	}
	start(t, its[Consul], second.enter()...)
	consul.until("GET", "/v1/status/peers", first.secrets.ConsulManagement, both)
	start(t, its[Nomad], second.enter()...)
	nomad.until("GET", "/v1/status/peers", first.secrets.NomadBootstrap, both)
	nomad.until("GET", "/v1/nodes", first.secrets.NomadBootstrap, func(body []byte) bool {
		return strings.Contains(nodeNamed(body, "pi2"), `"Status":"ready"`)
	})
	logsHoldNoSecrets(t, second.layout, second.secrets)
}

// openPool is a first server whose engines run and that is open for others, and a
// second machine that is cabled to it.
func openPool(t *testing.T, binaries map[string]Binary) (first, second *live, consul, nomad caller) {
	first, second = newMachine(t, prepared(t)), newMachine(t, prepared(t))
	n, _, err := Init(first.layout, Options{Hostname: "pi1", Now: time.Now(), Rand: rand.Reader})
	check(t, err)
	_, err = EnsurePKI(first.layout, n, time.Now())
	check(t, err)
	_, err = EnsureSecrets(first.layout, rand.Reader)
	check(t, err)
	first.load()
	second.pid = cable(t, n.Prefix(), netip.MustParsePrefix("10.213.0.2/16"))

	consul = caller{t, &http.Client{Timeout: answerTime}, fmt.Sprintf("http://127.0.0.1:%d", ConsulHTTPPort), "X-Consul-Token"}
	nomad = caller{t, nomadClient(t, first.layout), fmt.Sprintf("https://127.0.0.1:%d", NomadHTTPPort), "X-Nomad-Token"}
	specs := first.specs(binaries)
	start(t, specs[Consul])
	consulIsReadyAndClosed(consul, n, first.secrets)
	stop := startFirstNomad(nomad, specs[Nomad], first.secrets)
	knows := func(body []byte) bool { return strings.Contains(nodeNamed(body, "pi1"), `"Status":"ready"`) }
	nomad.until("GET", "/v1/nodes", first.secrets.NomadBootstrap, knows)

	stop() // to open it for others
	check(t, os.MkdirAll(filepath.Dir(first.layout.OpenMark()), 0o700))
	check(t, WriteFile(first.layout.OpenMark(), nil))
	first.load()
	start(t, first.specs(binaries)[Nomad])
	nomad.until("GET", "/v1/nodes", first.secrets.NomadBootstrap, knows)
	return first, second, consul, nomad
}

// live is one machine of the test.
type live struct {
	t       *testing.T
	layout  Layout
	node    Node
	secrets Secrets
	pid     int // of a process in its namespace; 0 for the test's own
}

func newMachine(t *testing.T, l Layout) *live { return &live{t: t, layout: l} }

func (m *live) load() {
	var err error
	m.node, err = Load(m.layout)
	check(m.t, err)
	m.secrets, err = LoadSecrets(m.layout)
	check(m.t, err)
}

func (m *live) specs(binaries map[string]Binary) map[string]EngineSpec {
	serial, err := CertSerial(m.layout, CertWeb)
	check(m.t, err)
	specs, err := Specs(Input{Node: m.node, Layout: m.layout, Secrets: m.secrets, Facts: Facts{MemoryMB: 1024, CertSerial: serial,
		DockerHost: "unix://" + filepath.Join(m.layout.Data, "no-docker.sock")}}, binaries)
	check(m.t, err)
	_, err = WriteConfigs(specs)
	check(m.t, err)
	named := map[string]EngineSpec{}
	for _, s := range specs {
		named[s.Name] = s
	}
	return named
}

// join is the whole exchange without its transport.
func (m *live) join(consul caller, server *live, id Identity) {
	ID, csr, err := NewRequest(m.layout, rand.Reader)
	check(m.t, err)
	id.ID = ID
	certs, err := Issue(server.layout, id, csr, time.Now())
	check(m.t, err)
	secrets := MemberSecrets(server.secrets, id.Role)
	policies := map[string]string{"dcloud-node-" + id.Name: NodeConsulPolicy(id.Name), "dcloud-door-" + id.Name: TraefikConsulPolicy}
	for policy, rules := range policies {
		token, err := newUUID(rand.Reader)
		check(m.t, err)
		consul.once(200, "PUT", "/v1/acl/policy", server.secrets.ConsulManagement, map[string]any{"Name": policy, "Rules": rules})
		consul.once(200, "PUT", "/v1/acl/token", server.secrets.ConsulManagement, map[string]any{
			"SecretID": token, "Policies": []any{map[string]any{"Name": policy}}})
		if strings.HasPrefix(policy, "dcloud-node") {
			secrets[SecretConsulAgent], secrets[SecretConsulNomad] = token, token
		} else {
			secrets[SecretConsulTraefik] = token
		}
	}
	_, authority, _, err := Authority(server.layout)
	check(m.t, err)
	n, authorityKey := server.node, ""
	if id.Role == RoleServer {
		authorityKey, err = AuthorityKeyPEM(server.layout)
		check(m.t, err)
	}
	_, err = Adopt(m.layout, Adoption{ID: ID, Name: id.Name, Role: id.Role, Address: id.Address, Pool: n.Pool, Servers: []netip.Addr{n.Address},
		Domain: n.Domain, HTTPPort: n.HTTPPort, HTTPSPort: n.HTTPSPort, Datacenter: n.Datacenter, Region: n.Region, Timezone: n.Timezone,
		Joined: time.Now(), Authority: authority, AuthorityKey: authorityKey, Certs: certs, Secrets: secrets})
	check(m.t, err)
	_, err = EnsureSecrets(m.layout, rand.Reader)
	check(m.t, err)
	m.load()
}

// enter is the command that runs another one in the machine's namespace.
func (m *live) enter() []string {
	return []string{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", m.pid)}
}

// client speaks to the machine's own loopback, whatever host an URL names.
func (m *live) client(conf *tls.Config) *http.Client {
	return &http.Client{Timeout: answerTime, Transport: &http.Transport{TLSClientConfig: conf,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			_, port, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			return m.dial("127.0.0.1:" + port)
		}}}
}

// dial connects from within the machine's namespace: a socket belongs to the one that
// its thread was in when it was made. The thread comes back, and does not end: it may
// have started an engine, which would end with it (PR_SET_PDEATHSIG).
func (m *live) dial(addr string) (net.Conn, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	home, err := os.Open("/proc/thread-self/ns/net")
	check(m.t, err)
	defer home.Close()
	away, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", m.pid))
	check(m.t, err)
	defer away.Close()
	check(m.t, unix.Setns(int(away.Fd()), unix.CLONE_NEWNET))
	conn, err := net.DialTimeout("tcp4", addr, answerTime)
	check(m.t, unix.Setns(int(home.Fd()), unix.CLONE_NEWNET))
	return conn, err
}

// cable makes a second namespace and joins it to ours: each end is the pool's
// interface there. It ends with the process that holds it.
func cable(t *testing.T, ours, theirs netip.Prefix) (pid int) {
	t.Helper()
	hold := exec.Command("sh", "-c", "ip link set lo up && echo up && exec sleep infinity")
	hold.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	said, err := hold.StdoutPipe()
	check(t, err)
	check(t, hold.Start())
	t.Cleanup(func() {
		hold.Process.Kill()
		hold.Wait()
	})
	if line, err := bufio.NewReader(said).ReadString('\n'); line != "up\n" {
		t.Fatalf("a second namespace: %q, %v", line, err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = Interface
	check(t, netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "far", PeerNamespace: netlink.NsPid(hold.Process.Pid)}))
	for _, args := range [][]string{
		{"ip", "addr", "add", ours.String(), "dev", Interface},
		{"ip", "link", "set", Interface, "up"},
		{"nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", hold.Process.Pid), "sh", "-ec",
			"ip link set far name " + Interface + "; ip addr add " + theirs.String() + " dev " + Interface + "; ip link set " + Interface + " up"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v: %s", args, err, out)
		}
	}
	return hold.Process.Pid
}

// itsConsulActsForItselfAlone shows what the token of a joined machine can do.
func itsConsulActsForItselfAlone(server caller, m *live, all Secrets) {
	own := caller{server.t, m.client(nil), fmt.Sprintf("http://127.0.0.1:%d", ConsulHTTPPort), "X-Consul-Token"}
	own.eventually(200, "PUT", "/v1/agent/service/register", m.secrets.ConsulNomad, map[string]any{"Name": "its-app", "Port": 1})
	server.until("GET", "/v1/catalog/service/its-app", all.ConsulManagement, func(body []byte) bool { return bytes.Contains(body, []byte(`"pi2"`)) })
	own.once(403, "PUT", "/v1/catalog/register", m.secrets.ConsulNomad, map[string]any{"Node": "pi1", "Address": "10.213.0.2"})
	own.once(403, "PUT", "/v1/kv/dcloud/x", m.secrets.ConsulNomad, "x")
	own.once(403, "GET", "/v1/acl/tokens", m.secrets.ConsulNomad, nil)
	own.once(403, "PUT", "/v1/agent/service/register", m.secrets.ConsulTraefik, map[string]any{"Name": "x"})
}

// nodeNamed is one of a list of Nomad's nodes, as JSON; "" if it is not there.
func nodeNamed(list []byte, name string) string {
	var nodes []json.RawMessage
	_ = json.Unmarshal(list, &nodes)
	for _, n := range nodes {
		if bytes.Contains(n, []byte(`"Name":"`+name+`"`)) {
			return string(n)
		}
	}
	return ""
}

// logged is an engine's log from a point on.
type logged struct {
	t    *testing.T
	path string
	from int
}

func mark(t *testing.T, path string) logged {
	text, err := os.ReadFile(path)
	check(t, err)
	return logged{t, path, len(text)}
}

func (l logged) until(says string) {
	l.t.Helper()
	caller{t: l.t}.retry(l.path, func() (bool, string) {
		text, err := os.ReadFile(l.path)
		if err != nil || len(text) < l.from {
			return false, fmt.Sprint("cannot be read: ", err)
		}
		return bytes.Contains(text[l.from:], []byte(says)), "does not say " + says
	})
}

// noServerByItsCertificate knocks on the first machine's doors for servers with the
// second's certificates, which must be shut, and with the first's, which open.
func noServerByItsCertificate(t *testing.T, first, second *live) {
	for _, door := range []struct {
		cert, name string
		port       int
		tls, raft  byte // first bytes that Consul and Nomad tell protocols apart by (agent/pool/conn.go, helper/pool/pool.go)
	}{
		{CertConsul, "server.home.consul", ConsulRPCPort, 3, 1},
		{CertNomad, "server.global.nomad", NomadRPCPort, 4, 2},
	} {
		for _, m := range []*live{first, second} {
			pair, err := loadPair(m.layout, door.cert)
			check(t, err)
			raw, err := net.Dial("tcp4", netip.AddrPortFrom(first.node.Address, uint16(door.port)).String())
			check(t, err)
			_, err = raw.Write([]byte{door.tls})
			check(t, err)
			conn := tls.Client(raw, &tls.Config{RootCAs: roots(t, first.layout), ServerName: door.name, Certificates: []tls.Certificate{pair}})
			_, err = conn.Write([]byte{door.raft})
			check(t, err)
			// Raft says nothing until it is asked; a door that is shut says so.
			silence := enough
			if m == first {
				silence = 3 * time.Second
			}
			check(t, conn.SetReadDeadline(time.Now().Add(silence)))
			_, err = conn.Read(make([]byte, 1))
			open := errors.Is(err, os.ErrDeadlineExceeded)
			if open != (m == first) {
				t.Errorf("%s with the certificate of %s (%s): %v", door.name, m.node.Name, m.node.Role, err)
			}
			conn.Close()
		}
	}
}
