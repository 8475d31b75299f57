package jobs

import (
	"fmt"
	"slices"

	"github.com/dentropy/dcloud/catalog"
)

// NodeFacts is what placing an app on a machine depends on.
type NodeFacts struct {
	Name        string
	Arch        string   // Nomad's cpu.arch, Go's name; "" if unknown
	CPUFree     int      // MHz that are not reserved
	MemoryTotal int      // MiB that apps may reserve in all; 0 if unknown
	MemoryFree  int      // MiB of it that are not reserved
	DiskFree    int      // MiB where volumes go; below 0 if unknown
	PortsTaken  []int    // on the host's own addresses
	Devices     []string // device paths that exist; nil if unknown
}

// Fit says why an app does not fit on a machine, a reason each, in words that
// follow the machine's name: "300 MB of memory short", "no build for arm",
// "port 22000 is taken". It fits if there is none.
func Fit(entry *catalog.App, node NodeFacts) []string {
	var why []string
	fail := func(format string, args ...any) { why = append(why, fmt.Sprintf(format, args...)) }

	if node.Arch != "" && len(entry.Architectures) > 0 && !slices.Contains(entry.Architectures, node.Arch) {
		fail("no build for %s", node.Arch)
	}
	cpu, memory := reserved(entry)
	switch {
	case node.MemoryTotal > 0 && node.MemoryTotal < max(memory, entry.MinMemory):
		fail("%d MB of memory, and %d MB are needed", node.MemoryTotal, max(memory, entry.MinMemory))
	case node.MemoryFree < memory:
		fail("%d MB of memory short", memory-node.MemoryFree)
	}
	if node.CPUFree < cpu {
		fail("%d MHz of processor short", cpu-node.CPUFree)
	}
	if disk := max(entry.MinDisk, ephemeralDisk); node.DiskFree >= 0 && node.DiskFree < disk {
		fail("%d MB of disk short", disk-node.DiskFree)
	}
	var told []int
	for _, s := range entry.Services {
		for _, p := range s.Ports {
			port := orElse(p.Host, p.Port)
			if slices.Contains(node.PortsTaken, port) && !slices.Contains(told, port) {
				told = append(told, port)
				fail("port %d is taken", port)
			}
		}
		for _, d := range s.Devices {
			if node.Devices != nil && !slices.Contains(node.Devices, d) {
				fail("no device %s", d)
			}
		}
	}
	return why
}

// reserved is what Nomad sets aside for an app (structs.AllocatedResources, Comparable):
// for what ends before the others start, and for those, the larger of the two.
func reserved(entry *catalog.App) (cpu, memory int) {
	o, _ := startOrder(entry.Services)
	var ends, begins catalog.Resources
	for _, s := range entry.Services {
		r := resources(s.Resources)
		switch {
		case o.first[s.Name]:
			cpu += *r.CPU
			memory += *r.MemoryMB
		case s.Once:
			ends.CPU += *r.CPU
			ends.Memory += *r.MemoryMB
		default:
			begins.CPU += *r.CPU
			begins.Memory += *r.MemoryMB
		}
	}
	if len(o.ports) > 0 {
		ends.CPU += waitCPU
		ends.Memory += waitMemory
	}
	return cpu + max(ends.CPU, begins.CPU), memory + max(ends.Memory, begins.Memory)
}
