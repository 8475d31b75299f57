package overlay

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const answerText = `private_key=e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a
listen_port=51820
fwmark=7
public_key=b85996fecc9c7f1fc6d2572a76eda11d59bcd20be8e543b15ce4bd85a8e75a33
preshared_key=0000000000000000000000000000000000000000000000000000000000000000
protocol_version=1
endpoint=[2001:db8::1]:51820
last_handshake_time_sec=1700000000
last_handshake_time_nsec=5
tx_bytes=38333
rx_bytes=2224
persistent_keepalive_interval=25
allowed_ip=10.213.0.2/32
allowed_ip=fd00::/8
something_new=1
public_key=58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376
last_handshake_time_sec=0
last_handshake_time_nsec=0
errno=0

`

func TestAnAnswerIsReadInFull(t *testing.T) {
	a, err := parseAnswer(strings.NewReader(answerText))
	if err != nil {
		t.Fatal(err)
	}
	prefix := netip.MustParsePrefix
	want := []PeerStatus{
		{Key: "WEAuaVuhdyscyTCXVfBDJR6nf9zxD75jmJzrfhkyE3Y="},
		{Key: "uFmW/sycfx/G0lcqdu2hHVm80gvo5UOxXOS9hajnWjM=", Endpoint: netip.MustParseAddrPort("[2001:db8::1]:51820"),
			LastHandshake: time.Unix(1700000000, 5), Sent: 38333, Received: 2224, Keepalive: 25 * time.Second,
			Allowed: []netip.Prefix{prefix("10.213.0.2/32"), prefix("fd00::/8")}},
	}
	if d := cmp.Diff(want, a.peers, cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); d != "" {
		t.Error(d)
	}
	if a.self == [keySize]byte{} {
		t.Error("the device's own key is not known")
	}
}

func TestABrokenAnswerIsAnErrorThatHoldsNoSecret(t *testing.T) {
	const secret = "e84b5a6d2717c1003a13b431570353dbaca9146cf150c5f8575680feba52027a"
	for name, c := range map[string]struct{ text, want string }{
		"nothing":          {"", "breaks off after 0 lines"},
		"no end":           {"listen_port=1\n", "breaks off after 1 line"},
		"no result":        {"listen_port=1\n\n", "without a result"},
		"no value":         {"private_key" + secret + "\nerrno=0\n\n", "line 1"},
		"a short key":      {"private_key=" + secret[1:] + "\nerrno=0\n\n", "64 hex digits"},
		"a key of letters": {"private_key=" + strings.Repeat("x", 64) + "\nerrno=0\n\n", "64 hex digits"},
		"a refusal":        {"errno=-22\n\n", "error -22"},
		"no number":        {"errno=zero\n\n", "no number"},
		"below zero":       {"public_key=" + secret + "\ntx_bytes=-1\nerrno=0\n\n", "tx_bytes"},
		"too large":        {"public_key=" + secret + "\nlast_handshake_time_sec=9999999999999999\nerrno=0\n\n", "last_handshake_time_sec"},
		"no endpoint":      {"public_key=" + secret + "\nendpoint=here\nerrno=0\n\n", "endpoint"},
		"a long line":      {"private_key=" + strings.Repeat(secret, 100) + "\nerrno=0\n\n", "too long"},
		"no end of it":     {strings.Repeat("listen_port=1\n", maxAnswer/14+1), "longer than"},
	} {
		_, err := parseAnswer(strings.NewReader(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		} else if strings.Contains(err.Error(), secret[1:20]) {
			t.Errorf("%s: the error holds a secret: %v", name, err)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(answerText)
	f.Add("errno=0\n\n")
	f.Add("public_key=58402e695ba1772b1cc9309755f043251ea77fdcf10fbe63989ceb7e19321376\nallowed_ip=::/0\nerrno=0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		a, err := parseAnswer(strings.NewReader(text))
		if err != nil {
			return
		}
		for i, p := range a.peers {
			if _, err := parseKey(p.Key); err != nil {
				t.Errorf("peer %d has the key %q", i, p.Key)
			}
			if p.Sent < 0 || p.Received < 0 || p.Keepalive < 0 {
				t.Errorf("peer %d: %+v", i, p)
			}
			for _, a := range p.Allowed {
				if !a.IsValid() {
					t.Errorf("peer %d: %+v", i, p)
				}
			}
		}
		plan(a.peers, nil)
	})
}

func TestKeysAreThoseOfWireGuard(t *testing.T) {
	// From RFC 7748, section 6.1.
	public, err := PublicKey("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=")
	if err != nil || public != "hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=" {
		t.Errorf("PublicKey: %q, %v", public, err)
	}
	private, err := NewKey(strings.NewReader(strings.Repeat("\xff", 32)))
	if err != nil {
		t.Fatal(err)
	}
	if key, err := parseKey(private); err != nil || key[0] != 0xf8 || key[31] != 0x7f {
		t.Errorf("NewKey: %x, %v", key, err)
	}
	if _, err := NewKey(strings.NewReader("short")); err == nil {
		t.Error("NewKey without enough randomness gives a key")
	}
	for _, bad := range []string{"", "x", strings.Repeat("A", 43), strings.Repeat("A", 44), strings.Repeat("A", 88)} {
		if _, err := PublicKey(bad); err == nil || bad != "" && strings.Contains(err.Error(), bad) && len(bad) > 1 {
			t.Errorf("PublicKey(%q): %v", bad, err)
		}
	}
}
