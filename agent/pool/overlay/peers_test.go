package overlay_test

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool/overlay"
	"github.com/dentropy/dcloud/agent/pool/overlay/netlab"
)

var discard = slog.New(slog.DiscardHandler)

func TestAChangeOfPeersLeavesTheSessionsOfOthers(t *testing.T) {
	m, n := pair(t, "192.0.2.1/24", "192.0.2.2/24")
	third := newMachine(t, 3)
	check(t, netlab.Link(m.Host, netip.MustParsePrefix("198.51.100.1/24"), third.Host, netip.MustParsePrefix("198.51.100.3/24"), 0))
	third.start()
	third.setPeers(m.peer("198.51.100.1"))
	transfer(t, m, n, 1<<16)
	before := m.status(n)

	at := n.peer("192.0.2.2")
	m.setPeers(at, third.peer("198.51.100.3"))
	transfer(t, m, third, 1<<16)
	transfer(t, m, n, 1<<16)
	at.Keepalive = 25 * time.Second
	m.setPeers(at)
	at.Endpoint = ""
	m.setPeers(at)
	transfer(t, n, m, 1<<16)
	after := m.status(n)
	if !after.LastHandshake.Equal(before.LastHandshake) {
		t.Errorf("the session was made anew: %s, then %s", before.LastHandshake, after.LastHandshake)
	}
	if after.Endpoint != before.Endpoint || after.Keepalive != 25*time.Second {
		t.Errorf("the peer is now %+v", after)
	}
	list, err := m.device.Peers(context.Background())
	check(t, err)
	if len(list) != 1 {
		t.Errorf("%d peers, want that one: %+v", len(list), list)
	}
	// Who is no peer any more gets no answer.
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if c, err := third.Dial(ctx, "tcp4", m.address.String()+":9"); err == nil || strings.Contains(err.Error(), "refused") {
		t.Errorf("a machine that was removed gets through: %v, %v", c, err)
	}
}

func TestAnAddressMovesFromOnePeerToAnother(t *testing.T) {
	m, n := pair(t, "192.0.2.1/24", "192.0.2.2/24")
	third := newMachine(t, 3)
	moving := netip.MustParsePrefix("10.213.0.9/32")
	own := n.peer("192.0.2.2")
	relay, other := own, third.peer("")
	relay.Allowed = append(relay.Allowed[:1:1], moving)
	m.setPeers(relay, other)
	if got := m.status(n).Allowed; len(got) != 2 {
		t.Fatalf("behind n are %v", got)
	}
	other.Allowed = append(other.Allowed[:1:1], moving)
	m.setPeers(own, other)
	if got := m.status(n).Allowed; len(got) != 1 || got[0] != own.Allowed[0] {
		t.Errorf("behind n are %v", got)
	}
	if got := m.status(third).Allowed; len(got) != 2 {
		t.Errorf("behind the third are %v", got)
	}
	// And to nobody.
	m.setPeers(own, third.peer(""))
	if got := m.status(third).Allowed; len(got) != 1 || got[0] != other.Allowed[0] {
		t.Errorf("behind the third are %v", got)
	}
}

func TestOnePeerThatCannotBeSetDoesNotStopTheOthers(t *testing.T) {
	m, n := newMachine(t, 1), newMachine(t, 2)
	m.start()
	lost := newMachine(t, 3)
	missing := lost.peer("")
	missing.Endpoint = "no-such-host.invalid:51820"
	err := m.device.SetPeers(context.Background(), []overlay.Peer{
		missing, {Key: "broken"}, {Key: m.public}, n.peer("192.0.2.2"), n.peer("192.0.2.9"),
	})
	for _, want := range []string{"no-such-host.invalid", `"broken"`, "own key", "twice"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell of %s: %v", want, err)
		}
	}
	if got := m.status(n).Endpoint; got != netip.MustParseAddrPort("192.0.2.2:51820") {
		t.Errorf("n is at %s", got)
	}
	if got := m.status(lost); got.Endpoint.IsValid() || len(got.Allowed) != 1 {
		t.Errorf("the one without address is %+v", got)
	}
}

func TestAHostNameIsResolved(t *testing.T) {
	m, n := newMachine(t, 1), newMachine(t, 2)
	m.start()
	named := n.peer("")
	named.Endpoint = net.JoinHostPort("localhost", strconv.Itoa(testPort))
	m.setPeers(named)
	if got := m.status(n).Endpoint; !got.Addr().IsLoopback() || got.Port() != testPort {
		t.Errorf("n is at %s", got)
	}
}
