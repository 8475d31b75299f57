// Package engines gets the programs that the cloud is made of: Nomad, Consul and
// Traefik, each at one pinned version, verified, in a cache on the machine.
//
// It depends on provisioning (actions, progress, errors), provisioning/run and
// hc-install. Start reading at Ensure; the sources are in hashicorp.go,
// archive.go and compile.go, the cache in cache.go.
package engines

import (
	"fmt"
	"runtime"
)

// Engine is a program at a version.
type Engine struct {
	Name    string // also the binary's
	Version string // without a leading v
}

// The engines of this release: a set that was tested together.
var (
	Nomad   = Engine{"nomad", "1.11.2"}
	Consul  = Engine{"consul", "1.22.7"}
	Traefik = Engine{"traefik", "3.6.12"}
)

// All are the engines of this release, in the order in which they start.
func All() []Engine { return []Engine{Consul, Nomad, Traefik} }

func (e Engine) String() string { return e.Name + " " + e.Version }

// HostArch is the architecture of this machine as the cache names it.
func HostArch() string { return runtime.GOARCH }

// ModuleDir is where an engine's go.mod.txt and go.sum.txt are embedded.
func (e Engine) moduleDir() string { return "modules/" + e.Name }

// packages are the main packages of the engines' modules.
var packages = map[string]string{
	"nomad":   "github.com/hashicorp/nomad",
	"consul":  "github.com/hashicorp/consul",
	"traefik": "github.com/traefik/traefik/v3/cmd/traefik",
}

// versionVariable is what the linker sets, where a build from the module
// would not know its own version.
var versionVariable = map[string]string{
	"traefik": "github.com/traefik/traefik/v3/pkg/version.Version",
}

func checkArch(arch string) error {
	if arch != runtime.GOARCH {
		return fmt.Errorf("this machine is %s: engines for %s cannot be fetched on it", runtime.GOARCH, arch)
	}
	return nil
}
