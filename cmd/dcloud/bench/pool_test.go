package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/lab"
)

func TestARunThatGaveUpCountsWithAllOfItsTime(t *testing.T) {
	gaveUp := errors.New("gave up")
	for _, c := range []struct {
		joined, noticed, whole time.Duration
		err                    error
		wantJoined, want       time.Duration
	}{
		{2, 3, 6, nil, 2, 3},
		{0, 0, 120, gaveUp, 120, 120},
		{2, 0, 122, gaveUp, 2, 120},
	} {
		joined, noticed := atLeastTook(c.joined, c.noticed, c.whole, c.err)
		if joined != c.wantJoined || noticed != c.want {
			t.Errorf("of %+v: %d and %d", c, joined, noticed)
		}
	}
}

func TestMachinesThatComeAndGoHaveAddressesOfTheirOwn(t *testing.T) {
	p := &poolRun{}
	lan := &lab.Segment{Range: netip.MustParsePrefix("192.168.77.0/24")}
	outside := &lab.Segment{Range: netip.MustParsePrefix("203.0.113.0/24")}
	given := map[string]bool{serverAddress: true, workerAddress: true, visitorAddress: true, publicAddress: true}
	for k := range 40 {
		at := []*lab.Segment{lan, outside}[k%2]
		a := p.nextAddress(at)
		if given[a] || !at.Range.Contains(netip.MustParseAddr(a)) {
			t.Errorf("machine %d has %s", k, a)
		}
		given[a] = true
	}
}

func TestAWrongSecretIsWrongAndAsLongAsTheRightOne(t *testing.T) {
	token := pool.Token{ID: "0123456789", Secret: strings.Repeat("f", 32)}
	seen := map[string]bool{}
	for k := range 50 {
		q := wrongSecret(token, k)
		if q.Token != token.ID || q.Secret == token.Secret || len(q.Secret) != len(token.Secret) || seen[q.Secret] || seen[q.ID] {
			t.Errorf("request %d is %+v", k, q)
		}
		seen[q.Secret], seen[q.ID] = true, true
	}
}

func TestALoadCountsEachRequestThatFails(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	l := startLoad(t.Context(), server.Client(), strings.TrimPrefix(server.URL, "http://"))
	if err := l.more(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	sent, failed := l.stop()
	if int64(sent) != asked.Load() || len(failed) != sent/2 || !strings.Contains(failed[0], "502") {
		t.Errorf("%d were sent, %d came, %d failed: %q", sent, asked.Load(), len(failed), failed)
	}
}
