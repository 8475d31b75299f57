package node

import (
	"net/netip"
	"strings"
	"testing"
)

func TestTheFirewallClosesTheEnginesPortsToAllButThisMachineAndThePool(t *testing.T) {
	rules := FirewallRules(netip.MustParseAddr("10.213.0.1"))
	want := `*filter
:DCLOUD-INPUT - [0:0]
-A DCLOUD-INPUT -i lo -j RETURN
-A DCLOUD-INPUT -i dcloud0 -j RETURN
-A DCLOUD-INPUT -d 10.213.0.1/32 -p tcp -m multiport --dports 8300,8301,8500,4646:4648,7080,8082 -j REJECT
-A DCLOUD-INPUT -d 10.213.0.1/32 -p udp -m multiport --dports 8300,8301,8500,4646:4648,7080,8082 -j REJECT
COMMIT
`
	if rules != want {
		t.Errorf("got:\n%s", rules)
	}
	// iptables keeps chain names to 28 characters.
	if len(chain) > 28 || strings.ContainsAny(chain, " !") {
		t.Errorf("%q cannot be a chain's name", chain)
	}
}
