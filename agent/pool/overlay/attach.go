package overlay

import (
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/tun"
)

// attached is the interface as wireguard-go reads and writes it, with gates in
// both directions.
type attached struct {
	tun.Device
	out *gate // from the interface to the socket
	in  *gate // from the socket to the interface
}

// attach opens the persistent TUN, and makes it if it is missing. The flags are
// those of wireguard-go's own tun.CreateTUN, which is not used since it wakes up
// each second to see whether the interface is up.
func attach(c Config, out, in *gate) (*attached, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open /dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(c.Interface)
	if err == nil {
		request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
		err = unix.IoctlIfreq(fd, unix.TUNSETIFF, request)
	}
	if err == nil {
		err = unix.IoctlSetInt(fd, unix.TUNSETPERSIST, 1)
	}
	if err != nil {
		unix.Close(fd)
		switch {
		case errors.Is(err, unix.EBUSY):
			err = fmt.Errorf("another process is attached to it: %w", err)
		case errors.Is(err, unix.EINVAL):
			err = fmt.Errorf("it is not a TUN: %w", err)
		}
		return nil, fmt.Errorf("attach to the interface %s: %w", c.Interface, err)
	}
	device, name, err := tun.CreateUnmonitoredTUNFromFD(fd)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("attach to the interface %s: %w", c.Interface, err)
	}
	link, err := netlink.LinkByName(name)
	if err == nil {
		err = prepareLink(link, c)
	}
	if err != nil {
		device.Close()
		return nil, err
	}
	return &attached{Device: device, out: out, in: in}, nil
}

func (a *attached) Read(bufs [][]byte, sizes []int, offset int) (int, error) {
	a.out.wait()
	n, err := a.Device.Read(bufs, sizes, offset)
	if errors.Is(err, unix.EIO) { // set down, by hand; the next read waits until it is up
		err = nil
	}
	a.out.enter(n)
	return n, err
}

func (a *attached) Write(bufs [][]byte, offset int) (int, error) {
	n, err := a.Device.Write(bufs, offset)
	a.in.leave(len(bufs))
	if errors.Is(err, unix.EIO) { // set down, by hand
		return n, nil
	}
	return n, err
}
