package catalog

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestNoEntryGetsADeviceThatIsTheMachine(t *testing.T) {
	for _, d := range []string{"/dev/dri", "/dev/dri/renderD128", "/dev/net/tun", "/dev/kfd", "/dev/ttyUSB0", "/dev/serial/by-id/usb-x_y-if00", "/dev/bus/usb",
		"/dev/bus/usb/001/002", "/dev/video0", "/dev/snd", "/dev/kvm", "/dev/fuse", "/dev/nvidia0", "/dev/hidraw3"} {
		if !GrantableDevice(d) {
			t.Errorf("%s was refused", d)
		}
	}
	for _, d := range []string{"", "/dev", "/dev/", "/dev/sda", "/dev/sda1", "/dev/nvme0n1", "/dev/mmcblk0", "/dev/vda", "/dev/dm-0", "/dev/mapper/root", "/dev/md0",
		"/dev/loop0", "/dev/loop-control", "/dev/sg0", "/dev/bsg", "/dev/disk", "/dev/disk/by-uuid/x", "/dev/block/8:0", "/dev/char/1:1", "/dev/mem", "/dev/kmem",
		"/dev/port", "/dev/kmsg", "/dev/tty0", "/dev/tty1", "/dev/ttyS", "/dev/console", "/dev/uinput", "/dev/input/../sda", "/dev/vfio/1", "/dev/cpu/0/msr", "/dev/net",
		"/dev/mtd0", "/dev/nbd0", "/dev/root", "/dev/ｓda", "/etc/shadow"} {
		if GrantableDevice(d) {
			t.Errorf("%s was granted", d)
		}
	}
}

func TestAMachineTellsOfTheDevicesThatAnEntryMayAskForAndOfNoOthers(t *testing.T) {
	dev := t.TempDir()
	for _, name := range []string{"dri/card0", "dri/by-path/x", "bus/usb/001/002", "ttyUSB0", "serial/by-id/usb-stick", "net/tun", "sda", "mem", "tty0", "mapper/secret"} {
		path := filepath.Join(dev, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := GrantableDevices(dev)
	want := []string{
		"/dev/bus/usb", "/dev/bus/usb/001", "/dev/bus/usb/001/002", "/dev/dri", "/dev/dri/by-path", "/dev/dri/by-path/x", "/dev/dri/card0",
		"/dev/net/tun", "/dev/serial", "/dev/serial/by-id", "/dev/serial/by-id/usb-stick", "/dev/ttyUSB0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	for _, d := range got {
		if !GrantableDevice(d) {
			t.Errorf("%s is told of, and no entry may ask for it", d)
		}
	}
	if none := GrantableDevices(filepath.Join(dev, "nothing")); none == nil || len(none) > 0 {
		t.Errorf("a machine without any tells %#v", none)
	}
}
