package pool_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dentropy/dcloud/agent/pool"
)

func roster(members int) pool.Roster {
	r := pool.Roster{Serial: 3, Domain: "dcloud.localhost", HTTPPort: 80, HTTPSPort: 443, Keys: 2}
	for i := range members {
		r.Members = append(r.Members, pool.Member{
			ID: string(rune('a' + i%26)), Name: "pi", Role: pool.RoleServer, Address: netip.AddrFrom4([4]byte{10, 213, byte(i >> 8), byte(i)}),
			Key: "key", Endpoints: []string{"192.0.2.1:51820"}, Joined: time.Unix(1700000000, 0).UTC(),
		})
	}
	return r
}

func authority(t testing.TB) (*ecdsa.PrivateKey, *x509.Certificate) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key, &x509.Certificate{PublicKey: &key.PublicKey}
}

func sign(t testing.TB, r pool.Roster, key *ecdsa.PrivateKey) []byte {
	signed, err := r.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestASignedRosterIsReadAsItWas(t *testing.T) {
	key, cert := authority(t)
	for _, n := range []int{0, 1, 1000} {
		want := roster(n)
		got, err := pool.OpenRoster(sign(t, want, key), cert)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
			t.Error(diff)
		}
	}
}

func TestARosterThatWasChangedIsRefused(t *testing.T) {
	key, cert := authority(t)
	signed := sign(t, roster(2), key)
	for _, change := range [][2]string{{`"serial":3`, `"serial":4`}, {"10.213.0.1", "10.213.0.9"}, {`"keys":2`, `"keys":20`}, {"server", "worker"}} {
		altered := bytes.Replace(signed, []byte(change[0]), []byte(change[1]), 1)
		if bytes.Equal(altered, signed) {
			t.Fatalf("%q is not in the roster", change[0])
		}
		if _, err := pool.OpenRoster(altered, cert); err == nil {
			t.Errorf("with %s it was taken", change[1])
		}
	}
}

func TestARosterOfAnotherPoolIsRefused(t *testing.T) {
	key, _ := authority(t)
	_, cert := authority(t)
	if _, err := pool.OpenRoster(sign(t, roster(1), key), cert); err == nil {
		t.Error("it was taken")
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.OpenRoster(sign(t, roster(1), key), &x509.Certificate{PublicKey: &other.PublicKey}); err == nil {
		t.Error("it was taken under an RSA key")
	}
}

func TestMembersAreFoundInTheRoster(t *testing.T) {
	r := roster(3)
	if m, ok := r.Member("b"); !ok || m.Address != netip.MustParseAddr("10.213.0.1") {
		t.Errorf("%+v", m)
	}
	if m, ok := r.At(netip.MustParseAddr("10.213.0.2")); !ok || m.ID != "c" {
		t.Errorf("%+v", m)
	}
	if _, ok := r.Member("z"); ok || len(r.Servers()) != 3 {
		t.Error("found what is not there")
	}
}

func FuzzOpenRoster(f *testing.F) {
	key, cert := authority(f)
	f.Add(sign(f, roster(2), key))
	f.Add([]byte(`{"roster":null,"signature":""}`))
	f.Add([]byte(`{"roster":{"members":[{"address":"x"}]},"signature":"AAAA"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := pool.OpenRoster(data, cert)
		if err == nil && r.Serial != 3 {
			t.Fatalf("a roster that was never signed: %+v", r)
		}
	})
}
