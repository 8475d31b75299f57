package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// facts is all that the checks look at: gathered once, then judged by pure
// functions.
type facts struct {
	Now     time.Time
	DataDir string
	LogDir  string
	Remote  bool // DCLOUD_ADDR: the cloud is elsewhere, this machine says nothing of it
	SetUp   bool // dcloud up has been here

	Status    *agent.Status // nil where the agent does not answer
	StatusErr error
	Nodes     []agent.Node
	NodesErr  error
	AgentPID  int      // of a process that holds the data directory, 0 if none
	AgentLog  []string // its last lines

	DockerErr     error
	DockerVersion string

	Ports        []portFact
	Disks        []diskFact
	MemTotal     uint64 // bytes; 0 if unknown
	MemAvailable uint64
	Names        []nameFact
	LocalAddrs   []netip.Addr

	Newest     time.Time // of the files that are written once, on setting up
	NewestPath string
	Certs      []certFact
	Secret     []modeFact // files that hold secrets
	DataMode   fs.FileMode
	Unreadable error
}

type portFact struct {
	Name   string // http, https
	Port   int
	Taken  bool
	Holder string // "nginx (process 712)", "" if unknown
}

type diskFact struct {
	Path        string
	Free, Total uint64 // bytes
}

type nameFact struct {
	Name  string
	Addrs []netip.Addr
	Err   error
}

type certFact struct {
	Path                string
	NotBefore, NotAfter time.Time
	Err                 error
}

type modeFact struct {
	Path string
	Mode fs.FileMode
	UID  uint32
}

// gatherTimeout bounds each question that somebody else must answer.
const gatherTimeout = 3 * time.Second

// gatherFacts looks at the machine and asks the agent. It changes nothing.
func (e *env) gatherFacts(ctx context.Context, now time.Time) facts {
	l := node.Layout{Data: e.dataDir}
	f := facts{Now: now, DataDir: e.dataDir, LogDir: l.Logs(), Remote: e.remote()}
	e.gatherStatus(ctx, &f)
	if f.Remote {
		return f
	}
	self := f.gatherNode(l)
	f.gatherFiles(l)
	f.AgentPID = lockHolder(l.Lock())
	f.AgentLog = tailLines(l.Log("agent"), 20)
	dockerRoot := f.gatherDocker(ctx, e.getenv("DOCKER_HOST"))
	door := self.Role == "" || pool.HasDoor(self.Role)
	if door {
		f.Ports = []portFact{{Name: "http", Port: self.HTTPPort}, {Name: "https", Port: self.HTTPSPort}}
	}
	for i := range f.Ports {
		f.Ports[i].Taken, f.Ports[i].Holder = portHolder(f.Ports[i].Port)
	}
	f.Disks = diskFacts(f.DataDir, dockerRoot)
	f.MemTotal, f.MemAvailable = memory()
	f.LocalAddrs = localAddrs()
	if door { // names lead to doors, wherever those are
		for _, name := range []string{self.Domain, "welcome." + self.Domain} {
			f.Names = append(f.Names, lookup(ctx, name))
		}
	}
	return f
}

func (e *env) gatherStatus(ctx context.Context, f *facts) {
	client, err := e.connect()
	if err == nil {
		var status agent.Status
		ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
		defer cancel()
		if status, err = client.Status(ctx); err == nil {
			f.Status = &status
			f.Nodes, f.NodesErr = client.Nodes(ctx)
			return
		}
	}
	f.StatusErr = err
}

// gatherNode reads what this machine is set up as: the defaults where it is not.
func (f *facts) gatherNode(l node.Layout) node.Node {
	self, err := node.Load(l)
	switch {
	case err == nil:
		f.SetUp = true
		f.Newest, f.NewestPath = self.Created, l.NodeFile()
		return self
	case !errors.Is(err, fs.ErrNotExist):
		f.SetUp = true
		f.Unreadable = err
	}
	return node.Node{Domain: node.DefaultDomain, HTTPPort: node.DefaultHTTPPort, HTTPSPort: node.DefaultHTTPSPort}
}

// gatherFiles walks what dcloud up wrote: certificates, keys and tokens. The
// engines' own state and the apps' data are not looked at.
func (f *facts) gatherFiles(l node.Layout) {
	if info, err := os.Stat(l.Data); err == nil {
		f.DataMode = info.Mode()
	}
	for _, dir := range []string{l.PKI(), l.Secrets()} {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				if !errors.Is(err, fs.ErrNotExist) {
					f.Unreadable = err
				}
				return nil
			}
			info, err := d.Info()
			if err != nil || !info.Mode().IsRegular() {
				return nil
			}
			if info.ModTime().After(f.Newest) {
				f.Newest, f.NewestPath = info.ModTime(), path
			}
			// A node's certificate and its key lie in the same file.
			if dir == l.PKI() && path != l.CAKey() {
				f.Certs = append(f.Certs, readCertificate(path))
			}
			if path != l.CACert() {
				stat := info.Sys().(*syscall.Stat_t)
				f.Secret = append(f.Secret, modeFact{Path: path, Mode: info.Mode(), UID: stat.Uid})
			}
			return nil
		})
	}
}

// readCertificate reads when a PEM file's first certificate is valid.
func readCertificate(path string) certFact {
	c := certFact{Path: path}
	data, err := os.ReadFile(path)
	if err != nil {
		c.Err = err
		return c
	}
	block, rest := pem.Decode(data)
	for block != nil && block.Type != "CERTIFICATE" {
		block, rest = pem.Decode(rest)
	}
	if block == nil {
		c.Err = errors.New("it holds no certificate")
		return c
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		c.Err = err
		return c
	}
	c.NotBefore, c.NotAfter = cert.NotBefore, cert.NotAfter
	return c
}

// diskFacts tells how full the file systems of some paths are, each once.
func diskFacts(paths ...string) []diskFact {
	var out []diskFact
	seen := map[uint64]bool{}
	for _, path := range paths {
		for path != "" && path != "/" {
			if _, err := os.Stat(path); err == nil {
				break
			}
			path = filepath.Dir(path) // where it would be made
		}
		var stat syscall.Stat_t
		var fsStat syscall.Statfs_t
		if path == "" || syscall.Stat(path, &stat) != nil || syscall.Statfs(path, &fsStat) != nil || seen[uint64(stat.Dev)] {
			continue
		}
		seen[uint64(stat.Dev)] = true
		block := uint64(fsStat.Bsize)
		out = append(out, diskFact{Path: path, Free: fsStat.Bavail * block, Total: fsStat.Blocks * block})
	}
	return out
}

// localAddrs are this machine's addresses.
func localAddrs() []netip.Addr {
	addrs, _ := net.InterfaceAddrs()
	var out []netip.Addr
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, prefix.Addr().Unmap())
		}
	}
	return out
}

func lookup(ctx context.Context, name string) nameFact {
	ctx, cancel := context.WithTimeout(ctx, gatherTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	if err != nil {
		err = errors.New(strings.TrimPrefix(err.Error(), "lookup "+name+": "))
	}
	return nameFact{Name: name, Addrs: addrs, Err: err}
}
