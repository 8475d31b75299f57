package jobs

import (
	"slices"
	"testing"

	"github.com/dentropy/dcloud/catalog"
)

func TestFitNamesEveryReasonAndNoneWhereItFits(t *testing.T) {
	entry := &catalog.App{
		Architectures: []string{"amd64"}, MinDisk: 1000,
		Services: []catalog.Service{
			{
				Resources: catalog.Resources{CPU: 200, Memory: 300}, Devices: []string{"/dev/dri"},
				Ports: []catalog.Port{{Port: 22000, Protocol: "tcp"}, {Port: 22000, Protocol: "udp"}, {Port: 1, Host: 31027}},
			},
			{Resources: catalog.Resources{CPU: 100, Memory: 200}},
		},
	}
	roomy := NodeFacts{Name: "a", Arch: "amd64", CPUFree: 300, MemoryTotal: 500, MemoryFree: 500, DiskFree: 1000}
	for name, c := range map[string]struct {
		change func(*NodeFacts)
		want   []string
	}{
		"just enough":      {func(*NodeFacts) {}, nil},
		"another build":    {func(n *NodeFacts) { n.Arch = "arm" }, []string{"no build for arm"}},
		"memory in use":    {func(n *NodeFacts) { n.MemoryFree = 200 }, []string{"300 MB of memory short"}},
		"too small":        {func(n *NodeFacts) { n.MemoryTotal, n.MemoryFree = 400, 400 }, []string{"400 MB of memory, and 500 MB are needed"}},
		"processor in use": {func(n *NodeFacts) { n.CPUFree = 250 }, []string{"50 MHz of processor short"}},
		"full disk":        {func(n *NodeFacts) { n.DiskFree = 10 }, []string{"990 MB of disk short"}},
		"unknown disk":     {func(n *NodeFacts) { n.DiskFree = -1 }, nil},
		"ports":            {func(n *NodeFacts) { n.PortsTaken = []int{22000, 31027, 1} }, []string{"port 22000 is taken", "port 31027 is taken"}},
		"no device":        {func(n *NodeFacts) { n.Devices = []string{} }, []string{"no device /dev/dri"}},
		"two reasons": {
			func(n *NodeFacts) { n.Arch, n.MemoryFree = "arm64", 499 },
			[]string{"no build for arm64", "1 MB of memory short"},
		},
	} {
		node := roomy
		c.change(&node)
		if got := Fit(entry, node); !slices.Equal(got, c.want) {
			t.Errorf("%s: want %q, got %q", name, c.want, got)
		}
	}
}

func TestWhatRunsOnceCountsWhereItIsMoreThanWhatRunsAfterIt(t *testing.T) {
	service := func(name string, memory int, once bool, after ...string) catalog.Service {
		return catalog.Service{Name: name, Once: once, After: after, Port: 80, Resources: catalog.Resources{CPU: 100, Memory: memory}}
	}
	for _, c := range []struct {
		what             string
		services         []catalog.Service
		want, processors int
	}{
		{"less", []catalog.Service{service("web", 512, false, "db", "migrate"), service("migrate", 100, true), service("db", 200, false)}, 712, 220},
		{"more", []catalog.Service{service("web", 128, false, "db", "migrate"), service("migrate", 512, true), service("db", 200, false)}, 200 + 512 + waitMemory, 220},
		{"none", []catalog.Service{service("web", 128, false, "db"), service("db", 200, false)}, 328, 200},
	} {
		cpu, memory := reserved(&catalog.App{Services: c.services})
		if memory != c.want || cpu != c.processors {
			t.Errorf("%s: %d MHz, %d MiB; want %d MHz, %d MiB", c.what, cpu, memory, c.processors, c.want)
		}
	}
}
