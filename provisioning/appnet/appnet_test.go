package appnet

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"golang.org/x/sync/errgroup"

	"github.com/dentropy/dcloud/provisioning/lab"
	"github.com/dentropy/dcloud/provisioning/node"
)

func prefixes(list ...string) (out []netip.Prefix) {
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestTheRangeTouchesNoneThatIsInUse(t *testing.T) {
	for _, c := range []struct {
		taken []string
		want  string
	}{
		{nil, "198.18.0.0/20"},
		{[]string{"0.0.0.0/0", "10.213.0.0/16", "192.168.1.0/24"}, "198.18.0.0/20"},
		{[]string{"198.18.0.0/24", "198.18.31.7/32"}, "198.18.32.0/20"},
		{[]string{"198.18.0.0/16"}, "198.19.0.0/20"},
		{[]string{"198.18.0.0/15", "172.16.0.0/13"}, "172.24.0.0/20"},
		{[]string{"198.18.0.0/16", "198.19.0.0/17", "198.19.128.0/18", "198.19.192.0/19", "198.19.224.0/20"}, "172.16.0.0/20"}, // not Nomad's
		{[]string{"198.18.0.0/15", "172.16.0.0/12", "192.168.0.0/16", "10.0.0.0/9", "10.128.0.0/10", "10.192.0.0/11", "10.224.0.0/12"}, "10.240.0.0/20"},
		{[]string{"0.0.0.0/1", "128.0.0.0/1"}, ""},
	} {
		got := Subnet(prefixes(c.taken...))
		if c.want == "" && got.IsValid() || c.want != "" && got.String() != c.want {
			t.Errorf("with %v taken: %s, want %s", c.taken, got, c.want)
		}
	}
}

func TestAppsOfSeveralContainersHaveARangeThatIsNeverTaken(t *testing.T) {
	if nomadBridge != node.GroupRange {
		t.Errorf("%s is kept free, and Nomad is told %s", nomadBridge, node.GroupRange)
	}
}

func FuzzSubnet(f *testing.F) {
	f.Add("198.18.0.0/24", "10.0.0.0/8")
	f.Fuzz(func(t *testing.T, a, b string) {
		var taken []netip.Prefix
		for _, s := range []string{a, b} {
			if p, err := netip.ParsePrefix(s); err == nil {
				taken = append(taken, p)
			}
		}
		got := Subnet(taken)
		if !got.IsValid() {
			return
		}
		for _, p := range taken {
			if p.Bits() > 0 && p.Overlaps(got) {
				t.Errorf("%s touches %s", got, p)
			}
		}
	})
}

// docker is a Docker of the test's own.
func docker(t *testing.T) (*client.Client, string) {
	t.Helper()
	if testing.Short() {
		t.SkipNow() // asked for by who runs it
	}
	if os.Geteuid() != 0 {
		t.Fatal("this test needs root: it starts a Docker in a network namespace; run it with sudo, or leave it out with -short")
	}
	h, err := lab.NewHost(t.Context(), "appnet", lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	c, err := client.NewClientWithOpts(client.WithHost(h.Docker), client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, h.Docker
}

func TestTheNetworkIsMadeOnceKeptAndRemoved(t *testing.T) {
	c, host := docker(t)
	ctx := t.Context()
	if has, err := Has(ctx, host); has || err != nil {
		t.Fatalf("a new Docker has the network: %v, %v", has, err)
	}
	if err := Remove(ctx, host); err != nil {
		t.Errorf("removing what is not there: %v", err)
	}
	avoid := prefixes("198.18.0.0/20", "0.0.0.0/0")
	var g errgroup.Group
	for range 4 {
		g.Go(func() error { return Ensure(ctx, host, avoid) })
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	first := inspect(t, c)
	if len(first.IPAM.Config) != 1 || first.IPAM.Config[0].Subnet != "198.18.16.0/20" || first.EnableIPv6 {
		t.Errorf("the network is %+v", first)
	}
	// The machine's routes have the network's own by now; a larger range that covers it has come.
	if err := Ensure(ctx, host, append(avoid, netip.MustParsePrefix("198.18.16.0/20"))); err != nil {
		t.Fatal(err)
	}
	if again := inspect(t, c); again.ID != first.ID {
		t.Error("the network was made anew without need")
	}
	if err := Ensure(ctx, host, prefixes("198.18.0.0/16")); err != nil {
		t.Fatal(err)
	}
	if moved := inspect(t, c); moved.IPAM.Config[0].Subnet != "198.19.0.0/20" {
		t.Errorf("a network that clashes stays at %s", moved.IPAM.Config[0].Subnet)
	}
	for range 2 {
		if err := Remove(ctx, host); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := Has(ctx, host); has || err != nil {
		t.Errorf("after its removal the network is there: %v, %v", has, err)
	}
}

func TestANetworkOfSomebodyElseIsLeftAlone(t *testing.T) {
	c, host := docker(t)
	made, err := c.NetworkCreate(t.Context(), Name, network.CreateOptions{Driver: "bridge"})
	if err != nil {
		t.Fatal(err)
	}
	var refused *Error
	if err := Ensure(t.Context(), host, nil); !errors.As(err, &refused) || !strings.Contains(refused.Hint(), "docker network rm") {
		t.Errorf("said: %v", err)
	}
	if err := Remove(t.Context(), host); err != nil {
		t.Error(err)
	}
	if found := inspect(t, c); found.ID != made.ID {
		t.Error("the owner's network was replaced")
	}
}

func inspect(t *testing.T, c *client.Client) network.Inspect {
	t.Helper()
	found, err := c.NetworkInspect(t.Context(), Name, network.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
