package overlay

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func keyOf(b byte) (key [keySize]byte) { key[0] = b; return key }

func prefixes(texts ...string) (list []netip.Prefix) {
	for _, t := range texts {
		list = append(list, netip.MustParsePrefix(t))
	}
	return list
}

// describe is a plan in a line per change.
func describe(changes []change) string {
	var lines []string
	for _, c := range changes {
		line := string(c.key[:1])
		if c.create {
			line += " create"
		}
		if c.remove {
			line += " remove"
		}
		if c.endpoint.IsValid() {
			line += " at " + c.endpoint.String()
		}
		if c.keepalive != nil {
			line += " keepalive " + c.keepalive.String()
		}
		for _, p := range c.add {
			line += " +" + p.String()
		}
		for _, p := range c.drop {
			line += " -" + p.String()
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "; ")
}

func TestOnlyWhatDiffersIsChangedAndNoAddressIsEverNowhere(t *testing.T) {
	status := func(b byte, endpoint string, allowed ...string) PeerStatus {
		p := PeerStatus{Key: formatKey(keyOf(b)), Allowed: prefixes(allowed...)}
		if endpoint != "" {
			p.Endpoint = netip.MustParseAddrPort(endpoint)
		}
		return p
	}
	wanted := func(b byte, endpoint string, allowed ...string) want {
		w := want{key: keyOf(b), allowed: prefixes(allowed...)}
		if endpoint != "" {
			w.endpoint = netip.MustParseAddrPort(endpoint)
		}
		return w
	}
	slow := wanted('A', "", "10.0.0.1/32")
	slow.keepalive = 25 * time.Second
	have := []PeerStatus{status('A', "1.1.1.1:1", "10.0.0.1/32"), status('B', "2.2.2.2:2", "10.0.0.2/32", "10.0.0.9/32")}
	a, b := wanted('A', "", "10.0.0.1/32"), wanted('B', "2.2.2.2:2", "10.0.0.2/32", "10.0.0.9/32")
	for name, c := range map[string]struct {
		want []want
		plan string
	}{
		"all as it is":            {[]want{a, b}, ""},
		"nobody":                  {nil, "A remove; B remove"},
		"one more":                {[]want{a, b, wanted('C', "3.3.3.3:3", "10.0.0.3/32")}, "C create at 3.3.3.3:3 +10.0.0.3/32"},
		"one less":                {[]want{b}, "A remove"},
		"another endpoint":        {[]want{wanted('A', "4.4.4.4:4", "10.0.0.1/32"), b}, "A at 4.4.4.4:4"},
		"keepalive":               {[]want{slow, b}, "A keepalive 25s"},
		"an address to another":   {[]want{wanted('A', "", "10.0.0.1/32", "10.0.0.9/32"), wanted('B', "", "10.0.0.2/32")}, "A +10.0.0.9/32"},
		"an address to nobody":    {[]want{a, wanted('B', "", "10.0.0.2/32")}, "B -10.0.0.9/32"},
		"an address of a leaver":  {[]want{wanted('A', "", "10.0.0.1/32", "10.0.0.2/32", "10.0.0.9/32")}, "A +10.0.0.2/32 +10.0.0.9/32; B remove"},
		"addresses in exchange":   {[]want{wanted('A', "", "10.0.0.2/32"), wanted('B', "", "10.0.0.1/32", "10.0.0.9/32")}, "A +10.0.0.2/32; B +10.0.0.1/32"},
		"to another and to none":  {[]want{wanted('A', "", "10.0.0.1/32", "10.0.0.2/32"), wanted('B', "")}, "A +10.0.0.2/32; B -10.0.0.9/32"},
		"a newcomer takes it all": {[]want{wanted('C', "", "10.0.0.1/32", "10.0.0.2/32"), b}, "C create +10.0.0.1/32 +10.0.0.2/32; A remove"},
	} {
		if name == "a newcomer takes it all" {
			c.want[1].allowed = prefixes("10.0.0.9/32")
		}
		if got := describe(plan(have, c.want)); got != c.plan {
			t.Errorf("%s: %s\nwant %s", name, got, c.plan)
		}
	}
}

func TestARequestIsInTheProtocolsWords(t *testing.T) {
	keepalive := 25 * time.Second
	got := setText([]change{
		{key: keyOf(1), create: true, endpoint: netip.MustParseAddrPort("[2001:db8::1]:2"), keepalive: &keepalive, add: prefixes("10.0.0.1/32")},
		{key: keyOf(2), drop: prefixes("10.0.0.2/32")},
		{key: keyOf(3), remove: true},
	})
	zeros := strings.Repeat("0", 62)
	want := "set=1\npublic_key=01" + zeros + "\nendpoint=[2001:db8::1]:2\npersistent_keepalive_interval=25\nallowed_ip=10.0.0.1/32\n" +
		"public_key=02" + zeros + "\nupdate_only=true\nallowed_ip=-10.0.0.2/32\n" +
		"public_key=03" + zeros + "\nupdate_only=true\nremove=true\n\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestThePeersOfTheKernelAreSetInTheSameWay(t *testing.T) {
	list := peerConfigs([]change{
		{key: keyOf(1), create: true, add: prefixes("10.0.0.1/32")},
		{key: keyOf(2), drop: prefixes("10.0.0.2/32"), keep: prefixes("10.0.0.3/32")},
		{key: keyOf(3), remove: true},
	})
	if p := list[0]; p.UpdateOnly || p.ReplaceAllowedIPs || len(p.AllowedIPs) != 1 {
		t.Errorf("a new one: %+v", p)
	}
	if p := list[1]; !p.UpdateOnly || !p.ReplaceAllowedIPs || fmt.Sprint(p.AllowedIPs) != "[{10.0.0.3 ffffffff}]" {
		t.Errorf("one that gives an address up: %+v", p)
	}
	if p := list[2]; !p.Remove || !p.UpdateOnly {
		t.Errorf("one that goes: %+v", p)
	}
}

func TestPeersThatCannotBeAreNamed(t *testing.T) {
	good := Peer{Key: formatKey(keyOf(1)), Allowed: prefixes("10.0.0.1/32", "10.0.0.1/32")}
	list, err := checkPeers([]Peer{
		good,
		{Key: formatKey(keyOf(2)), Allowed: prefixes("10.0.0.1/32")},
		{Key: formatKey(keyOf(3)), Keepalive: time.Millisecond},
		{Key: formatKey(keyOf(4)), Allowed: []netip.Prefix{{}}},
		{Key: formatKey(keyOf(5))},
		{Key: strings.Repeat("no", 1000)},
	}, keyOf(5))
	if len(list) != 1 || len(list[0].allowed) != 1 {
		t.Errorf("what remains: %+v", list)
	}
	for _, want := range []string{"10.0.0.1/32 is behind", "1ms", "no range", "own key", "32 bytes in base64"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell of %q: %v", want, err)
		}
	}
	if err != nil && len(err.Error()) > 1000 {
		t.Errorf("the error is %d bytes long", len(err.Error()))
	}
}

func TestNamesAreResolvedAndALearntAddressStays(t *testing.T) {
	find := func(_ context.Context, _, host string) ([]netip.Addr, error) {
		switch host {
		case "two":
			return []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("::ffff:192.0.2.2")}, nil
		case "void":
			return []netip.Addr{netip.IPv4Unspecified()}, nil
		}
		return nil, errors.New("no such host")
	}
	for _, c := range []struct{ endpoint, now, want, wrong string }{
		{"two:5", "", "192.0.2.1:5", ""},
		{"two:5", "192.0.2.2:5", "192.0.2.2:5", ""},
		{"two:5", "192.0.2.2:6", "192.0.2.1:5", ""},
		{"", "192.0.2.2:6", "", ""},
		{"[::ffff:192.0.2.2]:6", "", "192.0.2.2:6", ""},
		{"three:5", "", "", "no such host"},
		{"void:5", "", "", "no address"},
		{"two", "", "", "not host:port"},
		{"two:x", "", "", "not host:port"},
		{"192.0.2.1:0", "", "", "cannot be an endpoint"},
		{"0.0.0.0:5", "", "", "cannot be an endpoint"},
	} {
		key := formatKey(keyOf(1))
		now, _ := netip.ParseAddrPort(c.now)
		list := []want{{key: keyOf(1)}}
		err := resolve(context.Background(), find, []Peer{{Key: key, Endpoint: c.endpoint}}, list, []PeerStatus{{Key: key, Endpoint: now}})
		got := ""
		if list[0].endpoint.IsValid() {
			got = list[0].endpoint.String()
		}
		if got != c.want || (err == nil) != (c.wrong == "") || err != nil && !strings.Contains(err.Error(), c.wrong) {
			t.Errorf("%q, now at %q: %q, %v; want %q, %q", c.endpoint, c.now, got, err, c.want, c.wrong)
		}
	}
}

func TestANameServerThatDoesNotAnswerHoldsThoseUpThatNeedNoneForSecondsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(ctx context.Context, _, _ string) ([]netip.Addr, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		named, plain := Peer{Key: formatKey(keyOf(1)), Endpoint: "silent:5"}, Peer{Key: formatKey(keyOf(2)), Endpoint: "192.0.2.1:5"}
		list := []want{{key: keyOf(1)}, {key: keyOf(2)}}
		began := time.Now()
		err := resolve(context.Background(), silent, []Peer{named, plain}, list, nil)
		if err == nil || !strings.Contains(err.Error(), named.Key) || list[1].endpoint != netip.MustParseAddrPort(plain.Endpoint) {
			t.Errorf("%+v, %v", list, err)
		}
		if took := time.Since(began); took != resolveTimeout {
			t.Errorf("it took %s", took)
		}
	})
}

func TestEndpointsAreInTheOrderOfHowLikelyTheyAreReached(t *testing.T) {
	var list []netip.Addr
	for _, a := range []string{"127.0.0.1", "169.254.1.1", "fe80::1", "100.64.0.1", "fd00::1", "192.168.1.5", "2a00::1", "8.8.8.8", "10.1.1.1", "8.8.8.8"} {
		list = append(list, netip.MustParseAddr(a))
	}
	want := []string{"8.8.8.8:7", "[2a00::1]:7", "192.168.1.5:7", "10.1.1.1:7", "[fd00::1]:7", "100.64.0.1:7"}
	if got := endpoints(list, 7); !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	for name, want := range map[string]bool{"eth0": false, "wlan0": false, "br0": false, "vmbr0": false, "br-0a1b": true, "docker0": true, "dcloud0": true, "veth12": true} {
		if inner(name) != want {
			t.Errorf("%s is left out: %v", name, !want)
		}
	}
}

func TestTheMTUFitsThePathOutside(t *testing.T) {
	for outer, want := range map[int]int{1500: 1420, 9000: 1420, 65536: 1420, 1492: 1412, 1400: 1320, 1280: 1280, 576: 1280} {
		if got := innerMTU(outer); got != want {
			t.Errorf("inside of %d: %d, want %d", outer, got, want)
		}
	}
}
