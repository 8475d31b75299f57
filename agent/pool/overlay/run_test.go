package overlay_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/vishvananda/netlink"
)

func TestTheProcessEndsWhenItsInterfaceIsRemoved(t *testing.T) {
	m := newMachine(t, 1)
	m.start()
	check(t, m.Do(func() error {
		link, err := netlink.LinkByName("dcloud0")
		if err == nil {
			err = netlink.LinkDel(link)
		}
		return err
	}))
	m.ended()
	if !strings.Contains(m.output.String(), "the interface dcloud0 has gone") {
		t.Errorf("it says: %s", m.output)
	}
	// The next one makes it anew.
	m.start()
}

func TestTheTunnelCarriesOnAfterTheInterfaceWasDown(t *testing.T) {
	m, n := pair(t, "192.0.2.1/24", "192.0.2.2/24")
	transfer(t, m, n, 1<<16)
	set := func(what func(netlink.Link) error) {
		check(t, n.Do(func() error {
			link, err := netlink.LinkByName("dcloud0")
			if err == nil {
				err = what(link)
			}
			return err
		}))
	}
	set(netlink.LinkSetDown)
	lost, err := m.Dial(context.Background(), "udp4", n.address.String()+":9")
	check(t, err)
	defer lost.Close()
	for range 100 {
		lost.Write([]byte("to nobody"))
	}
	set(netlink.LinkSetUp)
	transfer(t, m, n, 1<<16)
	transfer(t, n, m, 1<<16)
}

func TestAConfigurationThatCannotBeIsRefused(t *testing.T) {
	dir := t.TempDir()
	good := `{"interface":"dcloud0","address":"10.213.0.1/16","listen_port":51820,"key_file":"/k","socket":"/s"}`
	for _, c := range []struct{ old, new, want string }{
		{"", "", ""},
		{`"dcloud0"`, `"an-interface-too-long"`, "cannot name an interface"},
		{`"10.213.0.1/16"`, `"10.213.0.1"`, "10.213.0.1"},
		{`"10.213.0.1/16"`, `""`, "has no address"},
		{`51820`, `70000`, "no UDP port"},
		{`"key_file":"/k"`, `"mtu":100,"key_file":"/k"`, "the MTU 100"},
		{`"/k"`, `""`, "private key"},
		{`"/s"`, `""`, "socket"},
		{`{`, `[`, "read the overlay's configuration"},
	} {
		file := dir + "/config"
		check(t, os.WriteFile(file, []byte(strings.Replace(good, c.old, c.new, 1)), 0o600))
		_, err := overlay.ReadConfig(file)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s for %s: %v, want %q", c.new, c.old, err, c.want)
		}
	}
}

func TestABrokenKeyFileIsNotShown(t *testing.T) {
	dir := t.TempDir()
	secret := strings.Repeat("secret", 8)
	check(t, os.WriteFile(dir+"/key", []byte(secret), 0o600))
	c, err := overlay.ReadConfig(writeConfig(t, dir))
	check(t, err)
	err = overlay.Run(context.Background(), discard, c)
	if err == nil || !strings.Contains(err.Error(), "32 bytes in base64") || strings.Contains(err.Error(), "secret") {
		t.Errorf("Run: %v", err)
	}
}

func writeConfig(t *testing.T, dir string) string {
	t.Helper()
	text := fmt.Sprintf(`{"interface":"dcloud0","address":"10.213.0.1/16","listen_port":51820,"key_file":%q,"socket":%q}`, dir+"/key", dir+"/s")
	check(t, os.WriteFile(dir+"/config", []byte(text), 0o600))
	return dir + "/config"
}

func TestADeviceThatIsNotThereSaysSoWithAHint(t *testing.T) {
	_, err := overlay.Dial(t.TempDir() + "/s").Peers(context.Background())
	var e *agent.Error
	if !errors.As(err, &e) || e.Code != agent.CodeUnavailable || e.Hint == "" {
		t.Errorf("Peers: %#v", err)
	}
}
