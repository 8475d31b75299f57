package main

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// well is a machine on which nothing is wrong.
func well() facts {
	here := netip.MustParseAddr("192.0.2.7")
	return facts{
		Now: noon, DataDir: "/data", LogDir: "/data/logs", SetUp: true,
		Status:        &agent.Status{Ready: true, Engines: []agent.Engine{{Name: "nomad", State: agent.EngineReady, PID: 7}}},
		DockerVersion: "28.0",
		Ports:         []portFact{{Name: "http", Port: 80, Taken: true, Holder: "traefik (process 9)"}},
		Disks:         []diskFact{{Path: "/data", Free: 20 << 30, Total: 100 << 30}},
		MemTotal:      4 << 30, MemAvailable: 2 << 30,
		Names:      []nameFact{{Name: "home.example", Addrs: []netip.Addr{here}}},
		LocalAddrs: []netip.Addr{here},
		Newest:     noon.Add(-time.Hour), NewestPath: "/data/node.json",
		Certs:    []certFact{{Path: "/data/pki/nomad.pem", NotBefore: noon.Add(-time.Hour), NotAfter: noon.AddDate(1, 0, 0)}},
		Secret:   []modeFact{{Path: "/data/secrets/token", Mode: 0o600}},
		DataMode: 0o700,
	}
}

func TestDoctorFindsNothingWhereAllIsWell(t *testing.T) {
	d := diagnose(well())
	if !d.Healthy {
		t.Errorf("a machine that is well is not healthy")
	}
	for _, f := range d.Findings {
		if f.Level != findingOK {
			t.Errorf("%+v", f)
		}
	}
}

func TestDoctorFindsWhatIsWrong(t *testing.T) {
	refused := errors.New("connection refused")
	for name, c := range map[string]struct {
		spoil func(*facts)
		check string
		level string
		says  string
	}{
		"the agent is not running":           {func(f *facts) { f.Status, f.StatusErr = nil, refused }, "agent", findingFail, "not running"},
		"the agent hangs":                    {func(f *facts) { f.Status, f.StatusErr, f.AgentPID = nil, refused, 12 }, "agent", findingFail, "process 12"},
		"the agent's last words are told":    {func(f *facts) { f.Status, f.AgentLog = nil, []string{"panic: oh"} }, "agent", findingFail, "panic: oh"},
		"nothing is set up":                  {func(f *facts) { f.Status, f.SetUp = nil, false }, "agent", findingFail, "no cloud on this machine yet"},
		"an engine waits to be restarted":    {func(f *facts) { f.Status.Engines[0].State = agent.EngineBackoff }, "engine", findingFail, "nomad is not healthy"},
		"an engine is starting":              {func(f *facts) { f.Status.Engines[0].State = agent.EngineStarting }, "engine", findingWarn, "nomad is starting"},
		"docker is down":                     {func(f *facts) { f.DockerErr = refused }, "docker", findingFail, "connection refused"},
		"the front door is closed":           {func(f *facts) { f.Ports[0].Taken = false }, "ports", findingFail, "Nobody listens on port 80"},
		"the front door is another's":        {func(f *facts) { f.Ports[0].Holder = "nginx (process 3)" }, "ports", findingFail, "belongs to nginx (process 3)"},
		"a port is taken before the start":   {func(f *facts) { f.Status, f.Ports[0].Holder = nil, "nginx (process 3)" }, "ports", findingFail, "taken by nginx"},
		"the disk is full":                   {func(f *facts) { f.Disks[0].Free = 1 << 20 }, "disk", findingFail, "1 MiB of 100.0 GiB"},
		"the disk is nearly full":            {func(f *facts) { f.Disks[0].Free = 3 << 30 }, "disk", findingWarn, "nearly full"},
		"memory is used up":                  {func(f *facts) { f.MemAvailable = 1 << 20 }, "memory", findingFail, "used up"},
		"memory is short":                    {func(f *facts) { f.MemAvailable = 100 << 20 }, "memory", findingWarn, "short"},
		"a name does not resolve":            {func(f *facts) { f.Names[0].Addrs, f.Names[0].Err = nil, errors.New("no such host") }, "name", findingFail, "no such host"},
		"a name leads elsewhere":             {func(f *facts) { f.LocalAddrs = nil }, "name", findingWarn, "192.0.2.7"},
		"the clock is before the files":      {func(f *facts) { f.Now = noon.AddDate(-5, 0, 0) }, "clock", findingFail, "/data/node.json"},
		"the clock is before a certificate":  {func(f *facts) { f.Certs[0].NotBefore = noon.Add(time.Hour) }, "clock", findingFail, "nomad.pem"},
		"a certificate ends soon":            {func(f *facts) { f.Certs[0].NotAfter = noon.AddDate(0, 0, 3) }, "certificate", findingWarn, "ends in 3 days"},
		"a certificate has ended":            {func(f *facts) { f.Certs[0].NotAfter = noon.Add(-time.Minute) }, "certificate", findingFail, "ended on 2026-05-01"},
		"a secret is open to the group":      {func(f *facts) { f.Secret[0].Mode = 0o640 }, "data", findingFail, "holds secrets"},
		"a secret belongs to somebody":       {func(f *facts) { f.Secret[0].UID = 1000 }, "data", findingFail, "user 1000"},
		"the data may be written by anybody": {func(f *facts) { f.DataMode = 0o777 }, "data", findingFail, "may write"},
	} {
		t.Run(name, func(t *testing.T) {
			f := well()
			c.spoil(&f)
			d := diagnose(f)
			for _, got := range d.Findings {
				if got.Check == c.check && got.Level == c.level {
					if !strings.Contains(got.What+got.Do, c.says) {
						t.Errorf("%+v does not say %q", got, c.says)
					}
					if got.Do == "" {
						t.Errorf("%+v does not say what to do", got)
					}
					if d.Healthy == (c.level == findingFail) {
						t.Errorf("healthy is %v", d.Healthy)
					}
					return
				}
			}
			t.Errorf("no finding of %s %s: %+v", c.check, c.level, d.Findings)
		})
	}
}

func TestLocalhostNeedsNoDNS(t *testing.T) {
	f := well()
	f.Names = []nameFact{{Name: "welcome.dcloud.localhost", Err: errors.New("no such host")}}
	for _, got := range checkNames(f) {
		if got.Level != findingOK {
			t.Errorf("%+v", got)
		}
	}
}

func TestAListeningSocketIsFoundByItsPort(t *testing.T) {
	const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100 0 0 10 0
   1: 0100007F:0050 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100 0 0 10 0
   2: 00000000:01BB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100 0 0 10 0
`
	if got := listeners(table, 80); len(got) != 1 || got[0] != "4711" {
		t.Errorf("listeners on 80: %v, want 4711", got)
	}
	if got := listeners(table, 8080); got != nil {
		t.Errorf("listeners on 8080: %v, want none", got)
	}
}

func TestTheHolderOfALockIsFoundByTheFilesInode(t *testing.T) {
	const locks = "1: POSIX  ADVISORY  WRITE 11 08:01:1234 0 EOF\n2: FLOCK  ADVISORY  WRITE 12 08:01:1234 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 13 08:01:1234 0 EOF\n"
	if got := holderOf(locks, 1234); got != 12 {
		t.Errorf("holder is %d, want 12", got)
	}
	if got := holderOf(locks, 234); got != 0 {
		t.Errorf("holder of another file is %d, want none", got)
	}
}

func TestOnlyTheEndOfALogIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "agent.log")
	if err := os.WriteFile(path, []byte(strings.Repeat("old\n", 1<<16)+"last but one\nlast\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := tailLines(path, 2)
	if len(got) != 2 || got[0] != "last but one" || got[1] != "last" {
		t.Errorf("got %q", got)
	}
}

func TestTheDoctorTellsOfEachMachineOfAPoolAndOfNoneThatIsAlone(t *testing.T) {
	one := agent.Node{Name: "attic", Role: "server", Address: "10.213.0.1", State: agent.NodeReady}
	f := facts{Status: &agent.Status{}, Nodes: []agent.Node{one}}
	if got := checkNodes(f); len(got) != 0 {
		t.Errorf("a machine that is alone is told of: %v", got)
	}
	f.Nodes = append(f.Nodes, agent.Node{Name: "pi1", State: agent.NodeDown, Reason: "it does not answer"})
	got := checkNodes(f)
	if len(got) != 2 || got[0].Level != findingOK || got[1].Level != findingWarn || !strings.Contains(got[1].Do, "dcloud node remove pi1") {
		t.Errorf("got %v", got)
	}
	f.Nodes, f.NodesErr = nil, agent.Errorf(agent.CodeUnavailable, "no server answers").WithHint("try again")
	if got := checkNodes(f); len(got) != 1 || got[0].Do != "try again" {
		t.Errorf("got %v", got)
	}
}
