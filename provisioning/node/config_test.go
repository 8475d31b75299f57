package node

import (
	"flag"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
)

var update = flag.Bool("update", false, "write the golden files")

// example is an input whose every value is fixed.
func example() Input {
	return Input{
		Layout: Layout{Data: "/var/lib/dcloud", Cache: "/var/cache/dcloud"},
		Node: Node{Format: format, ID: "11111111-1111-4111-8111-111111111111", Name: "pi1", Domain: "cloud.example.org",
			HTTPPort: 80, HTTPSPort: 443, Pool: DefaultPool, Address: netip.MustParseAddr("10.213.0.1"),
			Datacenter: "home", Region: "global", Timezone: "Europe/Berlin", Created: noon, Role: RoleServer, First: true},
		Secrets: Secrets{ConsulGossip: "Y29uc3VsLWdvc3NpcC1rZXktb2YtMzItYnl0ZXMhISE=", NomadGossip: "bm9tYWQtZ29zc2lwLWtleS1vZi0zMi1ieXRlcy4uLi4=",
			ConsulManagement: "aaaaaaaa-0000-4000-8000-000000000001", ConsulAgent: "aaaaaaaa-0000-4000-8000-000000000002",
			ConsulNomad: "aaaaaaaa-0000-4000-8000-000000000003", ConsulTraefik: "aaaaaaaa-0000-4000-8000-000000000004",
			NomadBootstrap: "aaaaaaaa-0000-4000-8000-000000000005", API: "dcloud_example",
			PoolGossip: "cG9vbC1nb3NzaXAta2V5LW9mLTMyLWJ5dGVzLi4uLi4=", WireGuard: "d2lyZWd1YXJkLWtleS1vZi0zMi1ieXRlcy4uLi4uLi4="},
		Facts: Facts{MemoryMB: 1024, LANInterface: "eth0", CertSerial: "5e41a1"},
	}
}

// exampleOf is the example as a second machine of a role, with two servers.
func exampleOf(role string) Input {
	in := example()
	in.Node.ID, in.Node.Name, in.Node.Address = "22222222-2222-4222-8222-222222222222", "pi2", netip.MustParseAddr("10.213.0.4")
	in.Node.Role, in.Node.First, in.Node.Open = role, false, true
	in.Node.Servers = []netip.Addr{netip.MustParseAddr("10.213.0.1"), netip.MustParseAddr("10.213.0.3")}
	var has Secrets
	for _, f := range has.of(role) {
		for _, g := range in.Secrets.files() {
			if f.name == g.name {
				*f.value = *g.value
			}
		}
	}
	in.Secrets = has
	return in
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		check(t, os.MkdirAll("testdata", 0o755))
		check(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	check(t, err)
	if got != string(want) {
		t.Errorf("%s differs (go test -update writes it anew); got:\n%s", path, got)
	}
}

func TestConfigurationsAreTheseTexts(t *testing.T) {
	in := example()
	golden(t, "consul.hcl", ConsulConfig(in))
	golden(t, "nomad.hcl", NomadConfig(in))
	golden(t, "traefik.yaml", TraefikStatic(in))
	golden(t, "traefik-dynamic.yaml", TraefikDynamic(in))
	unit, err := SystemdUnit(in.Layout, "/usr/local/bin/dcloud")
	check(t, err)
	golden(t, "dcloud.service", unit)
}

func TestAMachineThatJoinedGetsTheConfigurationsOfItsRole(t *testing.T) {
	for _, role := range []string{RoleServer, RoleIngress, RoleWorker} {
		in := exampleOf(role)
		golden(t, "consul-"+role+".hcl", ConsulConfig(in))
		golden(t, "nomad-"+role+".hcl", NomadConfig(in))
	}
	golden(t, "traefik-dynamic-ingress.yaml", TraefikDynamic(exampleOf(RoleIngress)))
	if TraefikStatic(exampleOf(RoleIngress)) != TraefikStatic(example()) {
		t.Error("an ingress's door differs from a server's")
	}
}

func TestOnlyTheLoneFirstServerBeginsTheEnginesRaft(t *testing.T) {
	begins := func(in Input) bool {
		return strings.Contains(ConsulConfig(in), "bootstrap_expect") || strings.Contains(NomadConfig(in), "bootstrap_expect")
	}
	first := example()
	if !begins(first) {
		t.Error("nobody begins")
	}
	first.Node.Servers = []netip.Addr{netip.MustParseAddr("10.213.0.3")}
	for _, in := range []Input{first, exampleOf(RoleServer), exampleOf(RoleIngress), exampleOf(RoleWorker)} {
		if begins(in) || !strings.Contains(ConsulConfig(in), `retry_join     = ["10.213.0.`) {
			t.Errorf("%s: begins a raft of its own, or joins nobody", in.Node.Role)
		}
	}
}

func TestOnlyAServersConfigurationsHoldAServersSecrets(t *testing.T) {
	all := example().Secrets
	for _, role := range []string{RoleIngress, RoleWorker} {
		in := exampleOf(role)
		in.Secrets = all // even if they were on its disk
		text := ConsulConfig(in) + NomadConfig(in)
		for name, secret := range map[string]string{SecretNomadGossip: all.NomadGossip, SecretConsulManagement: all.ConsulManagement,
			SecretNomadBootstrap: all.NomadBootstrap, SecretPoolGossip: all.PoolGossip, SecretWireGuard: all.WireGuard} {
			if strings.Contains(text, secret) {
				t.Errorf("the configurations of a machine of the role %s hold %s", role, name)
			}
		}
	}
}

func TestAWorkerNeedsNoTraefik(t *testing.T) {
	binaries := map[string]Binary{Consul: {"1", "/c"}, Nomad: {"2", "/n"}}
	specs, err := Specs(exampleOf(RoleWorker), binaries)
	check(t, err)
	if len(specs) != 2 || specs[0].Name != Consul || specs[1].Name != Nomad {
		t.Errorf("%v", specs)
	}
	_, err = Specs(exampleOf(RoleIngress), binaries)
	refused(t, err, "no executable of traefik")
}

func TestConfigurationsParse(t *testing.T) {
	texts := map[string]string{"consul.hcl": ConsulConfig(example()), "nomad.hcl": NomadConfig(example()), "node policy": NodeConsulPolicy("pi2"),
		"agent policy": ConsulAgentPolicy, "nomad policy": NomadConsulPolicy, "traefik policy": TraefikConsulPolicy}
	for _, role := range []string{RoleServer, RoleIngress, RoleWorker} {
		texts["consul "+role], texts["nomad "+role] = ConsulConfig(exampleOf(role)), NomadConfig(exampleOf(role))
	}
	for name, text := range texts {
		if _, diags := hclparse.NewParser().ParseHCL([]byte(text), name); diags.HasErrors() {
			t.Error(diags)
		}
	}
}

func TestEnginesStartInOrderWithNothingInheritedAndNoSecretInView(t *testing.T) {
	t.Setenv("AWS_CA_BUNDLE", "/x")
	t.Setenv("CONSUL_HTTP_TOKEN", "x")
	in := example()
	binaries := map[string]Binary{Consul: {"1", "/c"}, Nomad: {"2", "/n"}, Traefik: {"3", "/t"}}
	specs, err := Specs(in, binaries)
	check(t, err)
	var names []string
	for _, s := range specs {
		names = append(names, s.Name)
		view := strings.Join(append(slices.Clone(s.Args), s.Env...), " ")
		for _, f := range in.Secrets.files() {
			if strings.Contains(view, *f.value) {
				t.Errorf("%s shows %s", s.Name, f.name)
			}
		}
		if strings.Contains(view, "AWS") || strings.Contains(view, "CONSUL_") || !slices.Contains(s.Env, "GOMEMLIMIT=128MiB") {
			t.Errorf("%s: %v", s.Name, s.Env)
		}
	}
	if !slices.Equal(names, []string{Consul, Nomad, Traefik}) {
		t.Error(names)
	}
	delete(binaries, Nomad)
	_, err = Specs(in, binaries)
	refused(t, err, "no executable of nomad")
}

func TestOnlyChangedConfigurationsAreWrittenAndAskForARestart(t *testing.T) {
	in := example()
	in.Layout = prepared(t)
	binaries := map[string]Binary{Consul: {"1", "/c"}, Nomad: {"2", "/n"}, Traefik: {"3", "/t"}}
	write := func(want ...string) {
		t.Helper()
		specs, err := Specs(in, binaries)
		check(t, err)
		got, err := WriteConfigs(specs)
		check(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("restart %v, want %v", got, want)
		}
		for _, s := range specs {
			if info, err := os.Stat(s.ConfigPath); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v", s.ConfigPath, err)
			}
		}
	}
	write(Consul, Nomad, Traefik)
	write()
	in.Node.Domain, in.Facts.CertSerial = "other.example.org", "2" // Traefik follows by itself
	write()
	in.Node.HTTPPort = 8080
	write(Traefik)
}

func TestAValueThatWouldBeReadAsMoreIsAnError(t *testing.T) {
	for _, value := range []string{`a"b`, "a${b}", "a\nb", `a\b`} {
		in := example()
		in.Facts.DockerHost = value
		if _, err := Specs(in, nil); err == nil {
			t.Errorf("%q passed", value)
		}
	}
}

func TestMemoryIsSharedByTheMachinesSize(t *testing.T) {
	for _, c := range []struct {
		total, reserved int
		limit           string
	}{{512, 384, "128"}, {1024, 448, "128"}, {4096, 832, "512"}, {65536, 1024, "1024"}} {
		if got := ReservedMemory(c.total); got != c.reserved {
			t.Errorf("%d: reserved %d", c.total, got)
		}
		if got := reservedMemory(RoleWorker, c.total); got >= c.reserved && c.total < 4096 || got < 240 {
			t.Errorf("%d: a worker reserves %d", c.total, got)
		}
		if env := EngineEnv(c.total); env[1] != "GOMEMLIMIT="+c.limit+"MiB" {
			t.Errorf("%d: %v", c.total, env)
		}
	}
}

func TestLeftOverTemporaryFilesGoAndTheRestStays(t *testing.T) {
	l := prepared(t)
	check(t, os.WriteFile(filepath.Join(l.PKI(), ".ca.pem.123"), nil, 0o600))
	check(t, os.WriteFile(l.CACert(), nil, 0o600))
	check(t, LeftOver(l))
	entries, err := os.ReadDir(l.PKI())
	check(t, err)
	if len(entries) != 1 || entries[0].Name() != "ca.pem" {
		t.Error(entries)
	}
}

func TestSystemdAcceptsTheUnit(t *testing.T) {
	unit, err := SystemdUnit(example().Layout, "/bin/true")
	check(t, err)
	why := 0
	for _, line := range strings.Split(unit, "\n") {
		switch {
		case strings.HasPrefix(line, "# "):
			why++
		case strings.Contains(line, "="):
			if why == 0 {
				t.Errorf("%s has no reason", line)
			}
			why = 0
		}
	}
	if _, err := SystemdUnit(example().Layout, "/a b/dcloud"); err == nil {
		t.Error("an executable with a space passed")
	}
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		return // no systemd here to ask
	}
	path := filepath.Join(t.TempDir(), UnitName)
	check(t, os.WriteFile(path, []byte(unit), 0o644))
	out, err := exec.Command(analyze, "verify", "--recursive-errors=no", path).CombinedOutput()
	if err != nil || strings.Contains(string(out), UnitName) {
		t.Errorf("%v: %s", err, out)
	}
}
