package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/dentropy/dcloud/provisioning/node"
)

// bareJob is the app as somebody would write it who knows Nomad well: a mapped
// port, a check that begins as passing. The Nomad, Consul and Traefik that run it
// are the cloud's own, which are tuned for it; the cloud leaves alone jobs that it
// did not make.
const bareJob = `job "%[1]s" {
  datacenters = ["*"]
  group "web" {
    network {
      port "http" { to = 8080 }
    }
    service {
      name = "%[1]s"
      port = "http"
      tags = [
        "traefik.enable=true",
        "traefik.http.routers.%[1]s.rule=Host(` + "`%[1]s.localhost`" + `)",
        "traefik.http.routers.%[1]s.entrypoints=web",
      ]
      check {
        type           = "http"
        path           = "/health"
        interval       = "15s"
        timeout        = "5s"
        initial_status = "passing"
      }
    }
    task "web" {
      driver = "docker"
      user   = "65534:65534"
      config {
        image           = "%[2]s"
        args            = %[3]s
        ports           = ["http"]
        readonly_rootfs = true
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`

// nomad returns a command of Nomad's own command line against the cloud's Nomad.
func (b *bench) nomad(ctx context.Context, args ...string) (*exec.Cmd, error) {
	paths, err := filepath.Glob(filepath.Join(b.own, "engines", "nomad", "*", "*", "nomad"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no nomad in %s (%v)", b.own, err)
	}
	l := node.Layout{Data: b.cloud.host.Data, Cache: b.own}
	secrets, err := node.LoadSecrets(l)
	if err != nil {
		return nil, err
	}
	cmd := b.cloud.host.Command(ctx, append([]string{paths[len(paths)-1]}, args...)...)
	cert := l.Cert(node.CertClient)
	cmd.Env = append(cmd.Env, fmt.Sprintf("NOMAD_ADDR=https://127.0.0.1:%d", node.NomadHTTPPort), "NOMAD_TOKEN="+secrets.NomadBootstrap,
		"NOMAD_CACERT="+l.CACert(), "NOMAD_CLIENT_CERT="+cert, "NOMAD_CLIENT_KEY="+cert,
		"NOMAD_TLS_SERVER_NAME=server."+node.DefaultRegion+".nomad")
	return cmd, nil
}

// runBare returns the command that gives Nomad the job. It does not wait for the
// deployment, which Nomad calls healthy ten seconds later and nobody waits for here.
func (b *bench) runBare(ctx context.Context, name string) (*exec.Cmd, error) {
	file := filepath.Join(b.dir, name+".nomad.hcl")
	if err := os.WriteFile(file, fmt.Appendf(nil, bareJob, name, imageName, quoteAll(appArgs(name))), 0o644); err != nil {
		return nil, err
	}
	return b.nomad(ctx, "job", "run", "-detach", file)
}

func (b *bench) removeBare(ctx context.Context, name string) error {
	cmd, err := b.nomad(ctx, "job", "stop", "-purge", name)
	if err != nil {
		return err
	}
	if _, err := output(cmd); err != nil {
		return err
	}
	if err := untilGone(ctx, b.cloud.host, name+".localhost"); err != nil {
		return err
	}
	// The cloud keeps dead containers for their last words, and removes its own.
	return poll(ctx, 100*time.Millisecond, answerMax, func() error {
		list, err := output(b.cloud.host.Command(ctx, "docker", "ps", "--all", "--quiet", "--filter", "status=exited", "--filter", "label=com.hashicorp.nomad.job_name="+name))
		if err != nil {
			return err
		}
		ids := strings.Fields(list)
		if len(ids) == 0 {
			return fmt.Errorf("the container of %s has not ended", name)
		}
		_, err = output(b.cloud.host.Command(ctx, append([]string{"docker", "rm"}, ids...)...))
		return err
	})
}
