package node

import (
	"fmt"
	"net/netip"
	"strings"
)

// Names of the engines.
const (
	Consul  = "consul"
	Nomad   = "nomad"
	Traefik = "traefik"
)

// Facts are what the configurations need to know of the machine.
type Facts struct {
	MemoryMB     int    // of the whole machine
	LANInterface string // the one with the default route, "" if there is none; see LANInterface
	CNIPath      string // directory of the CNI plugins; Debian's if ""
	DockerHost   string // as in DOCKER_HOST; the usual socket if ""
	// SharedDocker says that the Docker daemon serves another Nomad too. Ours
	// then leaves alone the containers that it does not know.
	SharedDocker bool
	// CertSerial is the web certificate's; see CertSerial. It stands in Traefik's
	// dynamic configuration so that a new certificate makes that a new text.
	CertSerial string
	// GroupRange is where apps of several containers have their addresses; see
	// ChooseGroupRange. The package's GroupRange unless said.
	GroupRange netip.Prefix
}

// Input is all that an engine's configuration depends on.
type Input struct {
	Node    Node
	Layout  Layout
	Secrets Secrets
	Facts   Facts
}

const (
	debianCNIPath = "/usr/lib/cni" // containernetworking-plugins
	dockerSocket  = "unix:///var/run/docker.sock"
)

func (f Facts) cniPath() string {
	if f.CNIPath == "" {
		return debianCNIPath
	}
	return f.CNIPath
}

func (f Facts) dockerHost() string {
	if f.DockerHost == "" {
		return dockerSocket
	}
	return f.DockerHost
}

func (f Facts) lanInterface() string {
	if f.LANInterface == "" {
		return Interface
	}
	return f.LANInterface
}

// groupRange is the facts' or the usual one.
func (f Facts) groupRange() string {
	if f.GroupRange.IsValid() {
		return f.GroupRange.String()
	}
	return GroupRange.String()
}

// ReservedMemory is the MiB that Nomad leaves to the system, the agent and the
// engines of a server: 320 for ours as measured, the rest for Docker, the kernel and
// a shell. Small machines get less room to spare, lest nothing be left for apps.
func ReservedMemory(totalMB int) int { return reservedMemory(RoleServer, totalMB) }

// reservedMemory is ReservedMemory for a role. A worker has no Traefik, and neither
// engine's server, which takes some 80 MB less.
func reservedMemory(role string, totalMB int) int {
	ours := 320
	if role == RoleWorker {
		ours = 240
	}
	return min(max(totalMB/8+ours, ours+64), 1024)
}

// EngineEnv is the environment that tunes Go's memory for one engine.
//
// GOGC=30 collects when the heap has grown by 30 % and not by 100 %: it takes an
// engine's anonymous memory from 22-33 MB to 13-20 MB, at a few percent of CPU
// that idle engines do not need. GOMEMLIMIT is soft: near it the collector works
// harder. An eighth of the machine, so that three engines leave most of it to
// apps; never under 128 MiB, where a busy engine would only collect.
func EngineEnv(totalMB int) []string {
	return []string{
		"GOGC=30",
		fmt.Sprintf("GOMEMLIMIT=%dMiB", min(max(totalMB/8, 128), 1024)),
	}
}

// quote makes a string literal for HCL 1 and YAML. Both would read more into some
// characters, and none of our values has reason to hold them (see checkDir).
func quote(s string) (string, error) {
	for _, r := range s {
		if r < 0x20 || r == 0x7f || r == 0xfffd || strings.ContainsRune("\"\\`", r) {
			return "", fmt.Errorf("the value %q cannot stand in an engine's configuration", s)
		}
	}
	if strings.Contains(s, "${") {
		return "", fmt.Errorf("the value %q would be interpolated in an engine's configuration", s)
	}
	return `"` + s + `"`, nil
}
