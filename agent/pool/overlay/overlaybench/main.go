package overlaybench

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
	"golang.zx2c4.com/wireguard/conn"
	"golang.zx2c4.com/wireguard/device"
	"golang.zx2c4.com/wireguard/tun"
	"golang.zx2c4.com/wireguard/wgctrl/wgtypes"

	"github.com/dentropy/dcloud/agent/pool/overlay"
)

// What this program is to be when it is started again: a role and, after a colon,
// the overlay's configuration file.
const (
	roleVariable = "DCLOUD_OVERLAYBENCH"
	roleOverlay  = "overlay"
	rolePlain    = "plain"
)

// again is this program in a role.
func again(role string) func(file string) (argv, env []string) {
	return func(file string) ([]string, []string) {
		return []string{"/proc/self/exe"}, []string{roleVariable + "=" + role + ":" + file}
	}
}

// Main is the process of a node, if this program was started for that, and then does
// not return. Else it does nothing.
func Main() {
	role, file, ok := strings.Cut(os.Getenv(roleVariable), ":")
	if !ok {
		return
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	c, err := overlay.ReadConfig(file)
	if err == nil && role == rolePlain {
		err = plain(c)
	} else if err == nil {
		err = overlay.Run(context.Background(), log, c)
	}
	log.Error("a node of the measurement has ended", "error", err)
	os.Exit(1)
}

// plain is wireguard-go as its own main program sets it up: its own sockets, its
// own interface, no limits.
func plain(c overlay.Config) error {
	private, err := os.ReadFile(c.KeyFile)
	if err != nil {
		return err
	}
	link, err := tun.CreateTUN(c.Interface, device.DefaultMTU)
	if err != nil {
		return err
	}
	d := device.NewDevice(link, conn.NewDefaultBind(), device.NewLogger(device.LogLevelError, ""))
	defer d.Close()
	key, err := wgtypes.ParseKey(string(private))
	if err != nil {
		return err
	}
	if err := d.SetPrivateKey(device.NoisePrivateKey(key)); err != nil {
		return err
	}
	if err := d.IpcSet("listen_port=51820\n"); err != nil {
		return err
	}
	found, err := netlink.LinkByName(c.Interface)
	if err == nil {
		err = netlink.AddrAdd(found, &netlink.Addr{IPNet: &net.IPNet{IP: c.Address.Addr().AsSlice(), Mask: net.CIDRMask(c.Address.Bits(), 32)}})
	}
	if err == nil {
		err = netlink.LinkSetUp(found)
	}
	if err == nil {
		err = d.Up()
	}
	if err != nil {
		return err
	}
	l, err := net.Listen("unix", c.Socket)
	if err != nil {
		return err
	}
	for {
		client, err := l.Accept()
		if err != nil {
			return errors.Join(err, l.Close())
		}
		go d.IpcHandle(client)
	}
}
