package catalog

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const threeServices = `app "demo" {
  service "web" {
    image = "docker.io/x/web:1"
    after = ["db", "cache"]
    expose "web" {
      port   = 80
      access = "members"
      public = ["/share"]
    }
    port "sync" {
      port     = 22000
      host     = 22001
      protocol = "udp"
      title    = "Sync"
    }
    capabilities = ["NET_ADMIN"]
    devices      = ["/dev/dri"]
    volume "data" { path = "/data" }
    health { path = "/" }
    resources {}
  }
  service "db" {
    image = "docker.io/x/db:1"
    port  = 5432
    resources { memory = 200 }
  }
  service "cache" {
    image = "docker.io/x/db:1"
    after = ["db"]
    port "redis" { port = 6379 }
  }
  secret "key" {}
}
`

func TestAnEntryTellsWhatItNeedsAndRisks(t *testing.T) {
	app, problems := Parse("app.hcl", []byte(threeServices))
	if app == nil {
		t.Fatal(problems)
	}
	if app.Memory() != 128+200+128 {
		t.Errorf("memory %d", app.Memory())
	}
	if diff := cmp.Diff([]string{"docker.io/x/web:1", "docker.io/x/db:1"}, app.Images()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([][]string{{"db"}, {"cache"}, {"web"}}, app.StartLevels()); diff != "" {
		t.Error(diff)
	}
	risks := strings.Join(app.Risks(), "\n")
	for _, want := range []string{"NET_ADMIN", "/dev/dri", "22001/udp", "/share"} {
		if !strings.Contains(risks, want) {
			t.Errorf("%q is not among the risks:\n%s", want, risks)
		}
	}
	if app.Service("nobody") != nil || app.Service("cache").MainPort() != 6379 {
		t.Error("a service is found by its name, with its port")
	}
}

func TestWhatAnEntryDoesNotSayHasTheDefaultsThatTypesTell(t *testing.T) {
	app, problems := Parse("app.hcl", []byte(threeServices))
	if app == nil {
		t.Fatal(problems)
	}
	web := app.Service("web")
	if diff := cmp.Diff(Volume{Name: "data", Path: "/data", Owner: "0:0", Mode: "0750", Kind: "data"}, web.Volumes[0]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&Health{Path: "/", Interval: 15, Timeout: 5}, web.Health); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Resources{CPU: 100, Memory: 128}, web.Resources); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Secret{Name: "key", Length: 32, Charset: "alphanumeric"}, app.Secrets[0]); diff != "" {
		t.Error(diff)
	}
	if p := app.Service("cache").Ports[0]; p.Host != 6379 || p.Protocol != "tcp" {
		t.Errorf("%+v", p)
	}
	if string(app.Text) != threeServices {
		t.Error("the text is not kept as it was read")
	}
}
