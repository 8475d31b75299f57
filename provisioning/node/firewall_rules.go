package node

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// FirewallInput is all that the rules depend on.
type FirewallInput struct {
	Address             netip.Addr   // this node's in the pool
	Pool                netip.Prefix // the pool's range
	Role                string       // RoleServer, RoleIngress or RoleWorker
	HTTPPort, HTTPSPort int          // of the front door
	Bridges             []string     // behind which apps' containers are
}

// FirewallTable is our part of one of iptables' tables: chains of our own, and the
// built-in chains that are to jump to them first of all.
type FirewallTable struct {
	Program string // iptables or ip6tables
	Table   string // filter or mangle
	Chains  []FirewallChain
}

// FirewallChain is one chain of ours, with its rules in the order in which they
// apply, as iptables(8) takes them after "-A CHAIN".
type FirewallChain struct {
	Hook  string // the built-in chain that jumps to it
	Rules []string
}

// chainPrefix begins the names of our chains, also those of older versions.
const chainPrefix = "DCLOUD-"

// Name is the chain's: DCLOUD- and that of its hook.
func (c FirewallChain) Name() string { return chainPrefix + c.Hook }

// dockerBridge is where containers are that are not ours, and apps that were started
// by a version from before apps had a network.
const dockerBridge = "docker0"

// FirewallRules are the node's rules.
//
// What must not be forwarded is dropped in the table mangle, which packets pass
// before the table filter: Docker and CNI accept what goes to their containers in the latter,
// in places that change whenever one of them starts or makes a network, and know
// nothing of mangle. It is dropped rather than refused because mangle cannot refuse.
// What is meant for this machine itself is refused, and what the pool needs is
// accepted, in filter, before the rules of an owner who lets nothing in.
//
// Docker and CNI turn a mapped port into a container's address before a packet is
// forwarded; where it was going at first, conntrack knows (--ctorigdst,
// iptables-extensions(8)). Packets in the direction of an answer are let through
// everywhere, since what they answer was let through.
func FirewallRules(in FirewallInput) []FirewallTable {
	return []FirewallTable{
		{Program: "iptables", Table: "mangle", Chains: []FirewallChain{
			{Hook: "PREROUTING", Rules: in.arriving()},
			{Hook: "FORWARD", Rules: in.forwarded()},
		}},
		{Program: "iptables", Table: "filter", Chains: []FirewallChain{
			{Hook: "INPUT", Rules: in.input()},
			{Hook: "FORWARD", Rules: in.accepted()},
		}},
		// The pool's network and those of apps are IPv4's. Link-local addresses, which
		// containers on a bridge may all the same have, lead nowhere.
		{Program: "ip6tables", Table: "mangle", Chains: []FirewallChain{
			{Hook: "PREROUTING", Rules: []string{"-i " + Interface + " -j DROP"}},
			{Hook: "FORWARD", Rules: in.noIPv6()},
		}},
	}
}

// arriving are the rules for all that comes in. Nobody but the pool's interface
// brings packets of the pool's, and it brings no others. Docker and CNI let packets for
// 127.0.0.0/8 in from their bridges (route_localnet), and there engines listen; a
// container with NET_RAW could send such.
func (in FirewallInput) arriving() []string {
	return []string{
		"-i lo -j RETURN",
		fmt.Sprintf("-i %s -s %s -d %s -j RETURN", Interface, in.Pool, in.Pool),
		"-i " + Interface + " -j DROP",
		fmt.Sprintf("-s %s -j DROP", in.Pool),
		"-d 127.0.0.0/8 -j DROP",
	}
}

const (
	answers = "-m conntrack --ctstate ESTABLISHED --ctdir REPLY"
	// errorsAbout are ICMP's about connections that are there, such as that a packet is too big.
	errorsAbout = "-p icmp -m conntrack --ctstate RELATED"
	mapped      = "-m conntrack --ctstate DNAT"
)

// toApps matches what members send to the mapped ports of this node's apps.
func (in FirewallInput) toApps() string {
	return fmt.Sprintf("-i %s %s --ctorigdst %s --ctorigdstport %d:%d", Interface, mapped, in.Address, MinAppPort, MaxAppPort)
}

// forwarded are the rules for what passes through this machine.
func (in FirewallInput) forwarded() []string {
	rules := []string{
		// A tunnel's packets are smaller than those of the networks around it. Where the
		// ICMP errors that say so are lost on the way, connections would hang.
		"-o " + Interface + " -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
		"-i " + Interface + " -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu",
		// From member to member: between the pool's addresses, as arriving saw to.
		"-i " + Interface + " -o " + Interface + " -j RETURN",
		answers + " -j RETURN",
		errorsAbout + " -j RETURN",
		in.toApps() + " -j RETURN",
		"-i " + Interface + " -j DROP",
		"-o " + Interface + " -j DROP",
		fmt.Sprintf("-d %s -j DROP", in.Pool), // also while the interface is away
		// A mapped port of an app, which only the pool and this machine's door may visit.
		fmt.Sprintf("-m conntrack --ctorigdst %s -j DROP", in.Pool),
	}
	// What is left of mapped ports is published on the LAN, and so open to apps too.
	// All other ways to a container lead around the door.
	for _, b := range in.Bridges {
		rules = append(rules, "-o "+b+" "+mapped+" -j RETURN", "-o "+b+" -j DROP",
			"-i "+b+" -o "+dockerBridge+" -m conntrack ! --ctstate DNAT -j DROP")
	}
	return rules
}

// accepted are the rules that let through, against Docker's rules between its networks
// and an owner's that forward nothing, what forwarded left over of ours.
func (in FirewallInput) accepted() []string {
	rules := []string{
		fmt.Sprintf("-i %s -o %s -s %s -d %s -j ACCEPT", Interface, Interface, in.Pool, in.Pool),
		in.toApps() + " -j ACCEPT",
		"-o " + Interface + " " + answers + " -j ACCEPT",
		"-o " + Interface + " " + errorsAbout + " -j ACCEPT",
	}
	for _, b := range in.Bridges {
		rules = append(rules, "-i "+b+" "+mapped+" -j ACCEPT", "-o "+b+" "+answers+" -j ACCEPT")
	}
	return rules
}

// input are the rules for what is meant for this machine itself. Other services of
// the machine are not ours to open or close.
func (in FirewallInput) input() []string {
	tcp, udp := in.memberPorts()
	ours := []int{
		ConsulRPCPort, ConsulSerfPort, ConsulHTTPPort, NomadHTTPPort, NomadRPCPort, NomadSerfPort,
		AgentPort, PingPort, GossipPort, PeerPort, JoinPort, in.HTTPPort, in.HTTPSPort,
	}
	from := "-i " + Interface + " "
	to := fmt.Sprintf("-d %s ", in.Address)
	return []string{
		"-i lo -j RETURN",
		from + answers + " -j ACCEPT",
		// Containers answer at the pool's address what the door asks them there.
		answers + " -j RETURN",
		errorsAbout + " -j RETURN",
		from + to + "-p icmp -j ACCEPT",
		fmt.Sprintf("%s%s-p tcp -m multiport --dports %s,%d:%d -j ACCEPT", from, to, list(tcp), MinAppPort, MaxAppPort),
		fmt.Sprintf("%s%s-p udp -m multiport --dports %s,%d:%d -j ACCEPT", from, to, list(udp), MinAppPort, MaxAppPort),
		fmt.Sprintf("%s-p tcp -m multiport --dports %s -j REJECT", from, list(ours)),
		fmt.Sprintf("%s-p udp -m multiport --dports %s -j REJECT", from, list(ours)),
		from + "-j RETURN",
		fmt.Sprintf("-d %s -j REJECT", in.Pool),
	}
}

// memberPorts are the ports, beside those of apps, at which members visit a node of
// the role.
func (in FirewallInput) memberPorts() (tcp, udp []int) {
	tcp, udp = []int{ConsulSerfPort, GossipPort, PeerPort}, []int{ConsulSerfPort, GossipPort}
	if in.Role == RoleServer {
		// Front doors hand machines on that join and cannot reach a server themselves.
		tcp = append(tcp, ConsulRPCPort, NomadRPCPort, NomadSerfPort, AgentPort, JoinPort)
		udp = append(udp, NomadSerfPort)
	}
	return tcp, udp
}

func (in FirewallInput) noIPv6() []string {
	rules := []string{"-i " + Interface + " -j DROP", "-o " + Interface + " -j DROP"}
	for _, b := range in.Bridges {
		rules = append(rules, "-o "+b+" -j DROP")
	}
	return rules
}

// list writes ports as iptables wants them, each once, sorted.
func list(ports []int) string {
	ports = slices.Clone(ports)
	slices.Sort(ports)
	var words []string
	for _, p := range slices.Compact(ports) {
		words = append(words, strconv.Itoa(p))
	}
	return strings.Join(words, ",")
}

// mark is the comment at our jumps: it changes with the rules, by which those of
// another version, role or port are told.
func (t FirewallTable) mark() string {
	sum := sha256.Sum256([]byte(t.chainText()))
	return "dcloud " + hex.EncodeToString(sum[:4])
}

// chainText is our chains as iptables-restore(8) reads them.
func (t FirewallTable) chainText() string {
	var b strings.Builder
	for _, c := range t.Chains {
		fmt.Fprintf(&b, ":%s - [0:0]\n", c.Name())
	}
	for _, c := range t.Chains {
		for _, r := range c.Rules {
			fmt.Fprintf(&b, "-A %s %s\n", c.Name(), r)
		}
	}
	return b.String()
}
