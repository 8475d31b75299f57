package pool_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dentropy/dcloud/agent/pool"
)

var facts = pool.Facts{
	ID: "7b1f4c5e-0000-4000-8000-1234567890ab", Role: pool.RoleWorker, Key: strings.Repeat("k", 43) + "=",
	Version: "1.2.3", Arch: "arm64", MemoryMB: 1024, Serial: 17,
	Endpoints: []string{"192.168.1.20:51820", "[2001:db8::1]:51820", "pi.example.org:51820"},
	Engines:   map[string]string{"nomad": "starting"},
}

func TestFactsArriveAsTheyWereSent(t *testing.T) {
	got, err := pool.DecodeFacts(facts.Encode())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(facts, got); diff != "" {
		t.Error(diff)
	}
}

func TestFactsThatAreTooLongLoseTheirLastEndpointsFirst(t *testing.T) {
	f := facts
	f.Endpoints = nil
	for i := range 60 {
		f.Endpoints = append(f.Endpoints, fmt.Sprintf("192.0.2.%d:51820", i))
	}
	data := f.Encode()
	got, err := pool.DecodeFacts(data)
	if err != nil {
		t.Fatal(err)
	}
	n := len(got.Endpoints)
	if len(data) > pool.MaxFacts || n == 0 || got.Endpoints[0] != f.Endpoints[0] || got.Endpoints[n-1] != f.Endpoints[n-1] || len(got.Engines) != 1 {
		t.Errorf("%d bytes: %+v", len(data), got)
	}
	for i := range 60 {
		f.Engines[fmt.Sprintf("engine%d", i)] = "failed"
	}
	defer func() { facts.Engines = map[string]string{"nomad": "starting"} }()
	got, err = pool.DecodeFacts(f.Encode())
	if err != nil || len(got.Endpoints) != 0 || len(got.Engines) == 0 || got.ID != f.ID || got.Key != f.Key {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestHostileFactsAreRefused(t *testing.T) {
	for _, data := range []string{
		"", "null", "{}", "[]", `{"i":"x"} x`, `{"i":"a\u0000b"}`, `{"i":"x","r":"king"}`, `{"i":"x","m":-1}`,
		`{"i":"x","e":["1.2.3.4"]}`, `{"i":"x","e":["1.2.3.4:0"]}`, `{"i":"x","e":["0.0.0.0:1"]}`, `{"i":"x","e":["a b:1"]}`,
		`{"i":"x","d":"***"}`, `{"i":"x","g":{"nomad\n":"ready"}}`, `{"i":"` + strings.Repeat("x", 600) + `"}`,
	} {
		if f, err := pool.DecodeFacts([]byte(data)); err == nil {
			t.Errorf("%q was taken: %+v", data, f)
		}
	}
}

func TestWhomAMemberMeetsFitsAndIsReadAgain(t *testing.T) {
	var list []netip.Addr
	for i := 1; i <= 200; i += 2 {
		list = append(list, netip.AddrFrom4([4]byte{10, 213, 0, byte(i)}))
	}
	f := pool.Facts{Direct: pool.Reach(append(list, netip.MustParseAddr("10.213.200.1")))}
	if len(f.Direct) > 34 {
		t.Errorf("%d characters", len(f.Direct))
	}
	for i := range 256 {
		if got, want := f.Meets(netip.AddrFrom4([4]byte{10, 213, 0, byte(i)})), i%2 == 1 && i <= 200; got != want {
			t.Errorf("10.213.0.%d: %v", i, got)
		}
	}
	if f.Meets(netip.MustParseAddr("10.213.200.1")) || f.Meets(netip.Addr{}) {
		t.Error("an address out of reach is met")
	}
}

func FuzzDecodeFacts(f *testing.F) {
	f.Add(facts.Encode())
	f.Add([]byte(`{"i":"x","e":["[::1]:1"],"d":"_w"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := pool.DecodeFacts(data)
		if err != nil {
			return
		}
		got.Meets(netip.MustParseAddr("10.213.0.1"))
		again := got.Encode()
		if len(again) > pool.MaxFacts {
			t.Fatalf("%d bytes", len(again))
		}
	})
}

func FuzzEncodeFacts(f *testing.F) {
	f.Add("id", "key", "1.0", "arm64", "1.2.3.4:1", "nomad", "failed", 3, uint64(1))
	f.Fuzz(func(t *testing.T, id, key, version, arch, endpoint, engine, state string, n int, serial uint64) {
		x := pool.Facts{ID: id, Key: key, Version: version, Arch: arch, MemoryMB: n, Serial: serial, Engines: map[string]string{engine: state}}
		for i := range n & 63 {
			x.Endpoints = append(x.Endpoints, endpoint)
			x.Engines[fmt.Sprint(engine, i)] = state
		}
		if data := x.Encode(); len(data) > pool.MaxFacts {
			t.Fatalf("%d bytes", len(data))
		}
	})
}
