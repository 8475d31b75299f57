package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/provisioning/appnet"
	"github.com/dentropy/dcloud/provisioning/node"
)

const headings = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`

// A pause container that Docker started again has loopback alone; one that CNI has
// connected has eth0 too.
func TestANetworkThatCNIHasConnectedIsNotTakenForALostOne(t *testing.T) {
	const (
		lo   = "    lo:     164       2    0    0    0     0          0         0      164       2    0    0    0     0       0          0\n"
		eth0 = "  eth0: 1204018     882    0    0    0     0          0         0    90210     811    0    0    0     0       0          0\n"
	)
	for dev, lost := range map[string]bool{headings + lo: true, headings: true, headings + lo + eth0: false, headings + eth0 + lo: false} {
		if onlyLoopback(dev) != lost {
			t.Errorf("lost: %v, want %v, of\n%s", !lost, lost, dev)
		}
	}
}

func TestTheDoorTakesNoAppForAPersonAtHome(t *testing.T) {
	for _, home := range strings.Split(jobs.HomeNetwork, ",") {
		p := netip.MustParsePrefix(home)
		if p.Overlaps(node.GroupRange) || p.Overlaps(appnet.Subnet(nil)) {
			t.Errorf("apps have addresses within %s", home)
		}
	}
}
