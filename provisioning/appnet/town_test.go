package appnet_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/provisioning/appnet"
	"github.com/dentropy/dcloud/provisioning/lab"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/selfimage"
)

// Addresses in the town.
const (
	home      = "10.213.0.1" // the node's in the pool
	other     = "10.213.0.2" // another member
	third     = "10.213.0.3" // one more, met through the node alone
	lan       = "192.168.78.1"
	lanRange  = "192.168.78.0/24"
	lanPerson = "192.168.78.9"
)

// Ports that an app has in its container: one that is mapped, and one that is not.
const (
	mapped   = "8080"
	inner    = "9999"
	onLAN    = "22000" // mapped to the LAN
	ownerLAN = "1883"  // the owner's own container's
)

// A town is a node with Docker, apps in both kinds of network, containers of the owner's,
// a neighbour on the LAN, and two other members behind its pool interface, which
// is a bridge here in the place of a tunnel.
type town struct {
	*lab.Host
	node                                  node.Node
	at                                    place             // the node
	person, member, far                   place             // on the LAN; members
	app, app2, group, group2, mine, yours place             // apps; containers of the owner's
	mappedTo                              map[string]string // app -> its mapped port on the pool's address
	docker                                []string
}

func newTown(t *testing.T) *town {
	t.Helper()
	if testing.Short() {
		t.SkipNow() // asked for by who runs it
	}
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: it makes network namespaces and starts a Docker; run it with sudo, or leave it out with -short")
	}
	h, err := lab.NewHost(t.Context(), "town", lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &town{Host: h, at: place{"node", "/var/run/netns/" + h.ID}, docker: []string{"docker", "-H", h.Docker}, mappedTo: map[string]string{}}
	w.node = node.Node{
		Address: netip.MustParseAddr(home), Pool: netip.MustParsePrefix("10.213.0.0/16"), Role: node.RoleServer, HTTPPort: 80, HTTPSPort: 443,
	}
	w.person, w.member, w.far = machine(t, "person"), machine(t, "member"), machine(t, "far")
	w.connect(t)
	w.image(t)
	if err := appnet.Ensure(t.Context(), h.Docker, []netip.Prefix{w.node.Pool, netip.MustParsePrefix(lanRange)}); err != nil {
		t.Fatal(err)
	}
	w.app = w.run(t, "app", "20001", "--network", appnet.Name, "-p", lan+":"+onLAN+":"+onLAN, "-p", lan+":"+onLAN+":"+onLAN+"/udp")
	w.app2 = w.run(t, "app2", "20002", "--network", appnet.Name)
	w.group, w.group2 = w.runGroup(t, "group", "20003"), w.runGroup(t, "group2", "20004")
	w.mine = w.run(t, "mine", "", "-p", ownerLAN+":"+ownerLAN, "-p", ownerLAN+":"+ownerLAN+"/udp")
	w.yours = w.run(t, "yours", "")
	for _, c := range []place{w.app, w.app2, w.group, w.group2, w.mine, w.yours} {
		for _, port := range []string{mapped, inner, onLAN, ownerLAN} {
			c.serve(t, ":"+port)
		}
	}
	// What a node serves, on every port of ours at which something could; a service of
	// the owner's; and what the other member serves.
	for _, port := range append(enginePorts(), "80", "443", "51820", "2222") {
		for _, address := range []string{home, lan, "127.0.0.1"} {
			w.at.serve(t, address+":"+port) // each by itself, so that UDP answers from where it was asked
		}
		w.far.serve(t, third+":"+port)
	}
	w.far.serve(t, third+":20005")
	w.person.serve(t, lanPerson+":7000")
	w.member.serve(t, other+":7946")
	return w
}

func enginePorts() (list []string) {
	for _, p := range []int{
		node.ConsulHTTPPort, node.ConsulRPCPort, node.ConsulSerfPort, node.NomadHTTPPort, node.NomadRPCPort, node.NomadSerfPort,
		node.PingPort, node.AgentPort, node.GossipPort, node.PeerPort,
	} {
		list = append(list, strconv.Itoa(p))
	}
	return list
}

// connect lays the cables.
func (w *town) connect(t *testing.T) {
	t.Helper()
	pid := func(p place) string { return strings.Split(p.path, "/")[2] }
	for _, c := range []string{
		"link add lan1 type veth peer name eth0 netns " + pid(w.person),
		"address add " + lan + "/24 dev lan1", "link set lan1 up",
		"link add dcloud0 type bridge",
		"address add " + home + "/16 dev dcloud0", "link set dcloud0 up",
		"link add v1 type veth peer name dcloud0 netns " + pid(w.member), "link set v1 master dcloud0 up",
		"link add v2 type veth peer name dcloud0 netns " + pid(w.far), "link set v2 master dcloud0 up",
	} {
		w.at.do(t, append([]string{"ip"}, strings.Fields(c)...)...)
	}
	for p, commands := range map[*place][]string{
		&w.person: {"address add " + lanPerson + "/24 dev eth0", "link set eth0 up", "route add default via " + lan},
		// Members that meet only through the node. All else goes to it too.
		&w.member: {"address add " + other + "/16 dev dcloud0", "link set dcloud0 up", "route add " + third + "/32 via " + home, "route add default via " + home},
		&w.far:    {"address add " + third + "/16 dev dcloud0", "link set dcloud0 up", "route add " + other + "/32 via " + home, "route add default via " + home},
	} {
		for _, c := range commands {
			p.do(t, append([]string{"ip"}, strings.Fields(c)...)...)
		}
	}
}

// image puts a program that does nothing into Docker: what a container does, the
// test does from within its network.
func (w *town) image(t *testing.T) {
	t.Helper()
	program, err := selfimage.Pause(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	a := tar.NewWriter(&b)
	if err := a.WriteHeader(&tar.Header{Name: "pause", Mode: 0o755, Size: int64(len(program))}); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write(program); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "docker", "-H", w.Docker, "import", "--change", `ENTRYPOINT ["/pause"]`, "-", "pause:1")
	cmd.Stdin = &b
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// run starts a container, with a port mapped on the pool's address as Nomad does it.
func (w *town) run(t *testing.T, name, port string, args ...string) place {
	t.Helper()
	if port != "" {
		w.mappedTo[name] = port
		args = append(args, "-p", home+":"+port+":"+mapped, "-p", home+":"+port+":"+mapped+"/udp")
	}
	argv := append(w.docker, "run", "--detach", "--name", name)
	argv = append(append(argv, args...), "pause:1")
	if out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(argv, " "), err, out)
	}
	argv = append(w.docker, "inspect", "--format", "{{.State.Pid}}", name)
	out, err := exec.CommandContext(t.Context(), argv[0], argv[1:]...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return place{name, "/proc/" + strings.TrimSpace(string(out)) + "/ns/net"}
}

// runGroup starts a container in Nomad's bridge, as Nomad does it: without a network
// of Docker's, connected by these CNI plugins with these settings
// (client/allocrunner/cni/bridge.go in Nomad 1.11).
func (w *town) runGroup(t *testing.T, name, port string) place {
	t.Helper()
	p := w.run(t, name, "", "--network", "none")
	w.mappedTo[name] = port
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	to, err := strconv.Atoi(mapped)
	if err != nil {
		t.Fatal(err)
	}
	var ports []map[string]any
	for _, protocol := range []string{"tcp", "udp"} {
		ports = append(ports, map[string]any{"hostPort": number, "containerPort": to, "protocol": protocol, "hostIP": home})
	}
	exec.CommandContext(t.Context(), "nsenter", "--net="+w.at.path, "iptables", "-w", "-N", "NOMAD-ADMIN").Run() // is there the second time
	w.at.do(t, "iptables", "-w", "-A", "NOMAD-ADMIN", "-o", "nomad", "-d", node.GroupRange.String(), "-j", "ACCEPT")
	var result json.RawMessage
	for _, plugin := range []map[string]any{
		{"type": "bridge", "bridge": "nomad", "ipMasq": true, "isGateway": true, "forceAddress": true, "ipam": map[string]any{
			"type": "host-local", "ranges": [][]map[string]any{{{"subnet": node.GroupRange.String()}}}, "routes": []map[string]any{{"dst": "0.0.0.0/0"}},
			"dataDir": filepath.Join(filepath.Dir(w.Data), "cni"),
		}},
		{"type": "firewall", "backend": "iptables", "iptablesAdminChainName": "NOMAD-ADMIN"},
		{"type": "portmap", "capabilities": map[string]any{"portMappings": true}, "snat": true, "runtimeConfig": map[string]any{"portMappings": ports}},
	} {
		plugin["cniVersion"], plugin["name"] = "0.4.0", "nomad"
		if result != nil {
			plugin["prevResult"] = result
		}
		config, err := json.Marshal(plugin)
		if err != nil {
			t.Fatal(err)
		}
		cmd := w.at.command(t.Context(), fmt.Sprintf("/usr/lib/cni/%s", plugin["type"]))
		cmd.Stdin = bytes.NewReader(config)
		cmd.Env = append(os.Environ(), "CNI_COMMAND=ADD", "CNI_CONTAINERID="+name, "CNI_NETNS="+p.path, "CNI_IFNAME=eth0", "CNI_PATH=/usr/lib/cni")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v: %s", plugin["type"], err, out)
		}
		result = out
	}
	return p
}

// address is a container's own.
func (w *town) address(t *testing.T, p place) string {
	t.Helper()
	fields := strings.Fields(p.do(t, "ip", "-4", "-o", "address", "show", "dev", "eth0"))
	for i, f := range fields {
		if f == "inet" {
			return netip.MustParsePrefix(fields[i+1]).Addr().String()
		}
	}
	t.Fatalf("%s has no address: %v", p.name, fields)
	return ""
}
