package control

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	nomad "github.com/hashicorp/nomad/api"
	"github.com/vishvananda/netlink"

	"github.com/dentropy/dcloud/catalog"
	importers "github.com/dentropy/dcloud/catalog/store"
	"github.com/dentropy/dcloud/catalog/store/storetest"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/node"
)

// What is imported of other people's stores can be installed: of the samples at
// least 97 % are imported, and a real Nomad would place at least 95 % of all.
func TestARealNomadPlacesWhatIsImported(t *testing.T) {
	if testing.Short() {
		t.Skip("needs root and the engines")
	}
	if os.Getenv(insideNamespace) == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=8m")
		cmd.Env = append(os.Environ(), insideNamespace+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("in a network namespace (as root): %v\n%s", err, out)
		}
		t.Logf("%s", out)
		return
	}
	b := newPlanBed(t)
	all, imported, placed := 0, 0, 0
	for _, format := range []string{importers.CasaOS, importers.Coolify} {
		for _, r := range importers.Import(format, storetest.Files(t, format)) {
			all++
			if r.Err != nil {
				t.Logf("%s %s is not imported: %v", format, r.Name, r.Err)
				continue
			}
			imported++
			if why := b.plan(t, r.App); why != "" {
				t.Logf("%s %s is not placed: %s", format, r.Name, why)
				continue
			}
			placed++
		}
	}
	t.Logf("%d apps: %d imported (%.1f %%), %d placed by Nomad (%.1f %%)", all, imported, 100*float64(imported)/float64(all), placed, 100*float64(placed)/float64(all))
	if all < 265 || imported*100 < all*97 || placed*100 < all*95 {
		t.Error("that are too few")
	}
}

// planBed is a testBed with a Nomad that thinks it could start containers: it only
// plans, so nothing ever is.
type planBed struct {
	*testBed
}

func newPlanBed(t *testing.T) *planBed {
	lo, err := netlink.LinkByName("lo")
	check(t, err)
	check(t, netlink.LinkSetUp(lo))
	home := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "lan0"}, PeerName: "lan1"}
	check(t, netlink.LinkAdd(home))
	address, err := netlink.ParseAddr("192.0.2.10/24")
	check(t, err)
	check(t, netlink.AddrAdd(home, address))
	check(t, netlink.LinkSetUp(home))
	b := &planBed{testBed: newTestBed(t)}
	b.dockerThatAnswers(t)
	b.start(t, node.Consul)
	b.start(t, node.Nomad)
	eventually(t, "Nomad is set up", func() error {
		_, err := bootstrapNomad(t.Context(), b.nomad, b.secrets.NomadBootstrap)
		return err
	})
	check(t, awaitKeys(t.Context(), b.nomad))
	intro, _, err := b.nomad.ACLIdentity().CreateClientIntroductionToken(&nomad.ACLIdentityClientIntroductionTokenRequest{NodeName: "bed"}, nil)
	check(t, err)
	check(t, node.WriteIntroToken(b.layout, intro.JWT))
	b.kill(node.Nomad)
	b.start(t, node.Nomad)
	eventually(t, "Nomad's client is ready", func() error {
		nodes, _, err := b.nomad.Nodes().List(nil)
		if err != nil || len(nodes) == 0 {
			return fmt.Errorf("%d nodes: %w", len(nodes), err)
		}
		n, _, err := b.nomad.Nodes().Info(nodes[0].ID, nil)
		if err != nil {
			return err
		}
		if d := n.Drivers["docker"]; n.Status != "ready" || d == nil || !d.Healthy {
			return fmt.Errorf("node %s, docker %+v", n.Status, d)
		}
		return nil
	})
	return b
}

// dockerThatAnswers is what Nomad asks of Docker before it counts on it.
func (b *planBed) dockerThatAnswers(t *testing.T) {
	socket := filepath.Join(b.layout.Data, "no-docker.sock")
	l, err := net.Listen("unix", socket)
	check(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("API-Version", "1.47")
		w.Header().Set("Content-Type", "application/json")
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/_ping"):
			_, _ = w.Write([]byte("OK"))
		case strings.HasSuffix(path, "/version"):
			_ = json.NewEncoder(w).Encode(map[string]any{"Version": "28.0.0", "ApiVersion": "1.47", "MinAPIVersion": "1.24", "Os": "linux", "Arch": "amd64"})
		case strings.HasSuffix(path, "/info"):
			_ = json.NewEncoder(w).Encode(map[string]any{"OSType": "linux", "Architecture": "x86_64", "CgroupDriver": "cgroupfs", "CgroupVersion": "2",
				"Runtimes": map[string]any{"runc": map[string]any{"path": "runc"}}, "Plugins": map[string]any{"Volume": []string{"local"}}})
		case strings.HasSuffix(path, "/containers/json"), strings.HasSuffix(path, "/networks"):
			_, _ = w.Write([]byte("[]"))
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"message":"not here"}`))
		}
	})}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
}

// plan asks Nomad to plan an entry with its defaults; "" if it would be placed.
func (b *planBed) plan(t *testing.T, entry *catalog.App) string {
	t.Helper()
	given := map[string]string{}
	for _, s := range entry.Settings {
		if s.Required {
			given[s.Name] = map[string]string{"email": "ada@example.org", "url": "https://example.org", "number": "1", "path": "/srv", "timezone": "Etc/UTC"}[s.Type]
			if s.Type == "choice" {
				given[s.Name] = s.Choices[0]
			}
			if given[s.Name] == "" {
				given[s.Name] = "example"
			}
		}
	}
	settings, wrong := entry.ResolveSettings(given)
	if len(wrong) > 0 {
		return fmt.Sprint(wrong)
	}
	in := jobs.Input{Entry: entry, Intent: jobs.Intent{Name: entry.Name, Settings: settings},
		Pool: jobs.Pool{Domain: "d", Scheme: "http", HTTPPort: 80, Timezone: "Etc/UTC", Datacenter: datacenterOf(t, b.testBed), SelfImage: "dcloud.local/dcloud:1"}}
	job, err := jobs.Build(in)
	if err != nil {
		return err.Error()
	}
	if _, err := jobs.Volumes(entry, entry.Name); err != nil {
		return err.Error()
	}
	// As it is registered: Nomad has nothing against it but that its volumes are not there yet.
	answer, _, err := b.nomad.Jobs().Plan(job, false, nil)
	if err != nil {
		return "Nomad refuses it: " + err.Error()
	}
	for _, f := range answer.FailedTGAllocs {
		for why := range f.ConstraintFiltered {
			if why != "missing compatible host volumes" {
				return "before its volumes are made: " + why
			}
		}
	}
	if answer, _, err = b.nomad.Jobs().Plan(withoutVolumes(job), false, nil); err != nil {
		return "Nomad refuses it: " + err.Error()
	}
	var why []string
	for _, f := range answer.FailedTGAllocs {
		why = append(why, failure(f)...)
	}
	slices.Sort(why)
	return strings.Join(why, ", ")
}

func failure(f *nomad.AllocationMetric) []string {
	var why []string
	for w := range f.ConstraintFiltered {
		why = append(why, w)
	}
	for w := range f.DimensionExhausted {
		why = append(why, w)
	}
	if len(why) == 0 {
		why = append(why, "no node is left")
	}
	return why
}

func datacenterOf(t *testing.T, b *testBed) string {
	nodes, _, err := b.nomad.Nodes().List(nil)
	check(t, err)
	return nodes[0].Datacenter
}
