package control

import (
	"os"
	"slices"

	"github.com/dentropy/dcloud/catalog"
)

// devices lists those of an entry's devices that this machine has at this moment.
func devices(entry *catalog.App) []string {
	have := []string{}
	for _, svc := range entry.Services {
		for _, d := range svc.Devices {
			if _, err := os.Stat(d); err == nil {
				have = append(have, d)
			}
		}
	}
	return have
}

// noteDevices takes in which devices a machine has; nil, from one that does not tell,
// leaves what was known.
func (u *uses) noteDevices(node string, devices []string) {
	if devices == nil {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.devices[node] = slices.Clone(devices)
}

// devicesOf lists the devices that another machine had a quarter of a minute ago; nil
// if that is not known. The list is not to be changed.
func (u *uses) devicesOf(node string) []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.devices[node]
}
