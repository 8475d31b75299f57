package control

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
)

// testBed is a node whose engines the test starts and kills.
type testBed struct {
	layout  node.Layout
	secrets node.Secrets
	specs   map[string]node.EngineSpec
	running map[string]*exec.Cmd
	consul  *consul.Client
	nomad   *nomad.Client
	grants  []Grant
}

func newTestBed(t *testing.T) *testBed {
	l, err := node.NewLayout(filepath.Join(t.TempDir(), "data"), "")
	check(t, err)
	if dir := os.Getenv("DCLOUD_CACHE"); dir != "" {
		l.Cache = dir
	}
	check(t, node.Prepare(l))
	n, _, err := node.Init(l, node.Options{Hostname: "bed", Now: time.Now(), Rand: rand.Reader})
	check(t, err)
	_, err = node.EnsureInterface(node.Interface, n.Prefix())
	check(t, err)
	_, err = node.EnsurePKI(l, n, time.Now())
	check(t, err)
	b := &testBed{layout: l, specs: map[string]node.EngineSpec{}, running: map[string]*exec.Cmd{}}
	b.secrets, err = node.EnsureSecrets(l, rand.Reader)
	check(t, err)
	serial, err := node.CertSerial(l, node.CertWeb)
	check(t, err)
	binaries := map[string]node.Binary{}
	for _, e := range engines.All() {
		path, err := engines.Cache{Dir: l.Cache}.Lookup(e, engines.HostArch())
		if err != nil {
			t.Fatalf("%s: %v: fetch it with `dcloud internal engines`, or set DCLOUD_CACHE", e, err)
		}
		binaries[e.Name] = node.Binary{Version: e.Version, Path: path}
	}
	specs, err := node.Specs(node.Input{Node: n, Layout: l, Secrets: b.secrets, Facts: node.Facts{MemoryMB: 1024, CertSerial: serial,
		DockerHost: "unix://" + filepath.Join(l.Data, "no-docker.sock")}}, binaries)
	check(t, err)
	_, err = node.WriteConfigs(specs)
	check(t, err)
	for _, s := range specs {
		b.specs[s.Name] = s
	}
	b.consul, err = DialConsul(fmt.Sprintf("127.0.0.1:%d", node.ConsulHTTPPort), b.secrets.ConsulManagement)
	check(t, err)
	cert := l.Cert(node.CertClient)
	b.nomad, err = DialNomad(NomadAddress{Address: fmt.Sprintf("127.0.0.1:%d", node.NomadHTTPPort), Region: n.Region,
		Token: b.secrets.NomadBootstrap, CACert: l.CACert(), Cert: cert, Key: cert})
	check(t, err)
	b.grants = []Grant{{Name: "agent", Rules: node.ConsulAgentPolicy, Secret: b.secrets.ConsulAgent}, {Name: "nomad", Rules: node.NomadConsulPolicy, Secret: b.secrets.ConsulNomad}}
	t.Cleanup(func() {
		for name := range b.running {
			b.kill(name)
		}
		for name, s := range b.specs {
			if !t.Failed() {
				break
			}
			for _, path := range []string{s.ErrorPath, s.LogPath} {
				text, _ := os.ReadFile(path)
				t.Logf("%s: …%s", name, text[max(0, len(text)-2000):])
			}
		}
	})
	return b
}

func (b *testBed) start(t *testing.T, name string) {
	t.Helper()
	s := b.specs[name]
	errs, err := os.Create(s.ErrorPath)
	check(t, err)
	defer errs.Close()
	cmd := exec.Command(s.Path, s.Args...)
	cmd.Env, cmd.Dir, cmd.Stderr = s.Env, s.Dir, errs
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	check(t, cmd.Start())
	b.running[name] = cmd
	if name == node.Consul {
		ready := ConsulReady(b.consul, b.grants)
		eventually(t, "Consul is ready", func() error { return ready(t.Context()) })
	}
}

func (b *testBed) kill(name string) {
	_ = b.running[name].Process.Kill()
	_ = b.running[name].Wait()
	delete(b.running, name)
}

// service is a control service on this bed.
func (b *testBed) service(name string) *Service {
	return New(Deps{
		Log: slog.New(slog.DiscardHandler), Consul: b.consul, Nomad: b.nomad, Node: name, Pool: jobs.Pool{Domain: "d"},
		Catalog: func() *catalog.Catalog { c, _ := catalog.Embedded(); return c },
		Rand:    rand.Reader, Now: time.Now, Engines: func() []agent.Engine { return nil },
	})
}
