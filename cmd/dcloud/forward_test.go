package main

import (
	"net/netip"
	"testing"

	"github.com/dentropy/dcloud/agent/pool"
)

func TestAServerThatCameBackUnderItsNameIsAskedAtItsNewAddress(t *testing.T) {
	f := &forward{token: "t"}
	before := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.2")})
	if again := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.2")}); before == nil || again != before {
		t.Error("the same machine is asked by another client")
	}
	if after := f.client(pool.Member{Name: "pi", Address: netip.MustParseAddr("10.213.0.5")}); after == nil || after == before {
		t.Error("the new machine is asked at the old one's address")
	}
}
