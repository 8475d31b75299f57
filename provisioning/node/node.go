// Package node is what one machine is and has as a member of a pool: where its
// files lie, its identity and role, its certificates and secrets, the configurations
// of its engines, its pool interface and its systemd unit. A machine begins a pool
// (Init, EnsureSecrets, EnsurePKI) or joins one (NewRequest, a server's Issue, Adopt).
//
// What can be a pure function is one: ConsulConfig, NomadConfig, TraefikStatic,
// TraefikDynamic and SystemdUnit go from values to text. It depends on nothing
// else of ours. Start reading at Layout (layout.go) and Node (node.go), then at
// Specs (spec.go), which says how the engines of its role are started.
package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"time"
	_ "time/tzdata" // a minimal system has no zones of its own, and a wrong name must be told from a missing file
)

// What a node is unless told otherwise.
const (
	DefaultDomain     = "dcloud.localhost" // browsers and curl resolve *.localhost to this machine (RFC 6761)
	DefaultHTTPPort   = 80
	DefaultHTTPSPort  = 443
	DefaultDatacenter = "home"
	DefaultRegion     = "global" // Nomad's default; its certificates' names contain it
	Interface         = "dcloud0"
)

// DefaultPool is the range of the pool's private network.
var DefaultPool = netip.MustParsePrefix("10.213.0.0/16")

// format is node.json's version.
const format = 1

// Node is this machine's identity, kept in node.json.
type Node struct {
	Format     int          `json:"format"`
	ID         string       `json:"id"`   // UUID, also Consul's node ID
	Name       string       `json:"name"` // a DNS label
	Domain     string       `json:"domain"`
	HTTPPort   int          `json:"http_port"`
	HTTPSPort  int          `json:"https_port"`
	Pool       netip.Prefix `json:"pool"`    // the private network's range
	Address    netip.Addr   `json:"address"` // this node's in it, for life
	Datacenter string       `json:"datacenter"`
	Region     string       `json:"region"`
	Timezone   string       `json:"timezone"` // IANA name
	Created    time.Time    `json:"created"`

	// Role is what the machine does for its pool. A file from before there were
	// pools has none, and means the first server.
	Role string `json:"role"`
	// First marks the server that the pool began with, the one machine that may
	// begin Consul's and Nomad's raft.
	First bool `json:"first"`
	// Servers are the pool's other servers by their addresses in it, which this
	// machine's engines join. The first server begins without any.
	Servers []netip.Addr `json:"servers,omitempty"`

	// Open is true where other machines may be met: not in a cloud of one that never
	// made a token (Layout.OpenMark). Load sets it.
	Open bool `json:"-"`
}

// Prefix is the node's address with the pool's length: 10.213.0.1/16.
func (n Node) Prefix() netip.Prefix { return netip.PrefixFrom(n.Address, n.Pool.Bits()) }

// Options say what a node should be. Zero values keep what is, or take the default.
type Options struct {
	Domain    string
	HTTPPort  int
	HTTPSPort int
	Timezone  string       // IANA name
	Pool      netip.Prefix // only before the node is first set up

	Hostname string         // the machine's, from which a new node takes its name
	Taken    []netip.Prefix // ranges in use around this machine; see Routes
	Now      time.Time
	Rand     io.Reader // for the ID: crypto/rand's Reader
}

// Load reads node.json. An error is fs.ErrNotExist where the machine was never
// set up. A damaged file is an error and never made anew: the identity in it is
// what the engines' data and the certificates belong to.
func Load(l Layout) (Node, error) {
	path := l.NodeFile()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Node{}, refuse(fs.ErrNotExist, "set it up with: dcloud up", "this machine is not set up: there is no %s", path)
	}
	if err != nil {
		return Node{}, refuse(err, "run it again as root", "this machine's identity cannot be read: %v", err)
	}
	n, err := parse(path, data)
	if err != nil {
		return Node{}, err
	}
	_, err = os.Stat(l.OpenMark())
	n.Open = err == nil || !n.Alone()
	return n, nil
}

func parse(path string, data []byte) (Node, error) {
	damaged := func(cause error, what string) error {
		return refuse(cause, "put the file back from a backup; to start over and lose everything: dcloud down --purge",
			"%s is damaged: %s", path, what)
	}
	var n Node
	if err := json.Unmarshal(data, &n); err != nil {
		return Node{}, damaged(err, err.Error())
	}
	if n.Format > format {
		return Node{}, refuse(nil, "use the version of dcloud that set it up, or a later one",
			"%s has format %d and was written by a later version of dcloud", path, n.Format)
	}
	if n.Role == "" {
		n.Role, n.First = RoleServer, true
	}
	if err := n.check(); err != nil {
		return Node{}, damaged(err, err.Error())
	}
	return n, nil
}

// maxServers bounds the list of servers: raft of more than seven only gets slower.
const maxServers = 32

// check says what cannot be in an identity.
func (n Node) check() error {
	switch {
	case n.Format != format:
		return fmt.Errorf("its format is %d, not %d", n.Format, format)
	case !isUUID(n.ID):
		return fmt.Errorf("the ID %q is not a UUID", shorten(n.ID))
	case n.Name == "" || n.Name != CleanName(n.Name):
		return fmt.Errorf("the name %q is not a host name", shorten(n.Name))
	case !n.Pool.IsValid() || !n.Pool.Contains(n.Address):
		return fmt.Errorf("the address %s is not in the pool's range %s", n.Address, n.Pool)
	case !isLabel(n.Datacenter) || !isLabel(n.Region):
		return errors.New("the datacenter or the region is no name")
	case !validRole(n.Role):
		return fmt.Errorf("the role %q is none of server, ingress and worker", shorten(n.Role))
	case n.First && !n.IsServer():
		return fmt.Errorf("the pool's first machine is its first server, not of the role %s", n.Role)
	case !n.First && len(n.Servers) == 0:
		return errors.New("it names no server of its pool")
	case len(n.Servers) > maxServers:
		return fmt.Errorf("it names %d servers; %d are the most", len(n.Servers), maxServers)
	}
	for i, s := range n.Servers {
		if !n.Pool.Contains(s) || s == n.Address || slices.Contains(n.Servers[:i], s) {
			return fmt.Errorf("the server %s is not another one in the pool's range %s", s, n.Pool)
		}
	}
	return errors.Join(checkDomain(n.Domain), checkPorts(n.HTTPPort, n.HTTPSPort))
}

// Init makes the node, or changes what the options ask for, and keeps all else.
// It tells whether anything was written. The layout must be prepared.
func Init(l Layout, o Options) (n Node, changed bool, err error) {
	old, err := Load(l)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		n, err = create(o)
	case err == nil:
		n, err = change(old, o)
	}
	if err != nil {
		return Node{}, false, err
	}
	changed, err = store(l, n)
	return n, changed, err
}

func store(l Layout, n Node) (changed bool, err error) {
	data, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return false, fmt.Errorf("write the node's identity: %w", err)
	}
	return writeIfChanged(l.NodeFile(), append(data, '\n'))
}

// create is a new node.
func create(o Options) (Node, error) {
	pool, err := choosePool(o.Pool, o.Taken)
	if err != nil {
		return Node{}, err
	}
	id, err := newUUID(o.Rand)
	if err != nil {
		return Node{}, err
	}
	return change(Node{
		Format: format, ID: id, Name: CleanName(o.Hostname), Domain: DefaultDomain,
		HTTPPort: DefaultHTTPPort, HTTPSPort: DefaultHTTPSPort,
		Pool: pool, Address: pool.Addr().Next(), // the first address that a host may have
		Datacenter: DefaultDatacenter, Region: DefaultRegion,
		Timezone: "UTC", Created: o.Now.UTC().Truncate(time.Second), Role: RoleServer, First: true,
	}, Options{Domain: o.Domain, HTTPPort: o.HTTPPort, HTTPSPort: o.HTTPSPort, Timezone: o.Timezone})
}

// change applies the options that an existing node can follow.
func change(n Node, o Options) (Node, error) {
	if o.Domain != "" {
		n.Domain = CleanDomain(o.Domain)
	}
	if o.HTTPPort != 0 {
		n.HTTPPort = o.HTTPPort
	}
	if o.HTTPSPort != 0 {
		n.HTTPSPort = o.HTTPSPort
	}
	if o.Timezone != "" {
		if _, err := time.LoadLocation(o.Timezone); err != nil {
			return Node{}, refuse(err, "use a name such as Europe/Berlin", "%q is no known time zone", o.Timezone)
		}
		n.Timezone = o.Timezone
	}
	if o.Pool.IsValid() && o.Pool.Masked() != n.Pool {
		return Node{}, refuse(nil, "to start over with another range and lose everything: dcloud down --purge",
			"the pool's range is %s and cannot be changed while apps have addresses in it", n.Pool)
	}
	if err := checkDomain(n.Domain); err != nil {
		return Node{}, err
	}
	return n, checkPorts(n.HTTPPort, n.HTTPSPort)
}
