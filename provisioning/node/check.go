package node

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"time"

	"github.com/vishvananda/netlink"
)

// StalePKI says what EnsurePKI would make, in a few words; "" if nothing.
func StalePKI(l Layout, n Node, now time.Time) (string, error) {
	certText, err := os.ReadFile(l.CACert())
	if errors.Is(err, fs.ErrNotExist) {
		return "no authority yet", nil
	}
	if err != nil {
		return "", err
	}
	ca, err := decodeCert(certText)
	if err != nil {
		return "", damagedCA("%s holds no certificate", l.CACert())
	}
	for _, want := range leaves(n) {
		text, err := os.ReadFile(l.Cert(want.name))
		if err != nil || want.fits(text, ca, now) != nil {
			return "the certificate " + want.name + " is missing or ends soon", nil
		}
	}
	return "", nil
}

// HasInterface tells whether EnsureInterface would have nothing to do.
func HasInterface(name string, address netip.Prefix) bool {
	link, err := netlink.LinkByName(name)
	if err != nil || link.Attrs().OperState == netlink.OperDown && link.Type() != "bridge" {
		return false
	}
	addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if p, ok := prefixOf(a.IPNet); ok && p.Bits() == address.Bits() && p.Masked() == address.Masked() && a.IP.String() == address.Addr().String() {
			return true
		}
	}
	return false
}
