package catalog

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// cloudPorts are ports of a machine's own addresses that the cloud or its owner needs,
// whatever else runs there: remote login, the front door, the network between machines
// and the engines. Whoever had one of them would be asked for the owner's passwords.
var cloudPorts = []int{22, 80, 443, 4646, 4647, 4648, 7946, 8300, 8301, 8302, 8500, 8501, 8502, 8503, 8600, 51820}

// CloudPort reports whether a port of the machine is the cloud's own, which no entry
// gets.
func CloudPort(port int) bool { return slices.Contains(cloudPorts, port) }

// grantableDevices are those that an entry may ask for, as path.Match reads them: what
// computes, plays, shows, measures or talks, and is nobody's disk, memory or console.
// With a disk (/dev/sda, /dev/sg0), memory (/dev/mem, /dev/port), a way to type for
// others (/dev/uinput, /dev/tty0) or a device that only its machine's owner knows, a
// container would have the machine.
var grantableDevices = strings.Fields(`
	net/tun ppp fuse kvm null zero random urandom hwrng
	dri dri/* dri/by-path/* kfd nvidia* nvidia-caps/* nvmap nvhost-* accel/* apex_* hailo* mali* rga mpp_service
	snd snd/* video[0-9]* media[0-9]* v4l v4l/by-id/* v4l/by-path/* vchiq vcsm* dvb dvb/* dvb/*/* lirc[0-9]* cec[0-9]* cdrom sr[0-9]*
	ttyUSB[0-9]* ttyACM[0-9]* ttyAMA[0-9]* ttyS[0-9]* serial[0-9]* serial serial/by-id serial/by-id/* serial/by-path serial/by-path/*
	bus/usb bus/usb/* bus/usb/*/* usb/lp[0-9]* usb/hiddev[0-9]* lp[0-9]* hidraw[0-9]* input input/* input/by-id/* input/by-path/*
	i2c-[0-9]* spidev[0-9]* gpiochip[0-9]* gpiomem* rfkill dahdi/*`)

// GrantableDevice reports whether an entry may ask for a device of the machine.
func GrantableDevice(device string) bool {
	name, below := strings.CutPrefix(device, "/dev/")
	return below && slices.ContainsFunc(grantableDevices, func(pattern string) bool {
		is, err := path.Match(pattern, name)
		return is && err == nil
	})
}

// mostDevices bounds the list of a machine's devices: one with many disks behind USB has
// a hundred or two.
const mostDevices = 512

// GrantableDevices lists those devices of a machine that an entry may ask for, by the
// names that they have beneath dev, which is /dev but in tests. The list is never nil.
func GrantableDevices(dev string) []string {
	list := []string{}
	for _, pattern := range grantableDevices {
		there, _ := filepath.Glob(filepath.Join(dev, filepath.FromSlash(pattern))) // the patterns are sound: a test matches them
		for _, path := range there {
			name, err := filepath.Rel(dev, path)
			if err == nil {
				list = append(list, "/dev/"+filepath.ToSlash(name))
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	return list[:min(len(list), mostDevices)]
}
