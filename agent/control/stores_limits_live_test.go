package control

import (
	"encoding/json"
	"fmt"
	"testing"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

// storesHaveLimits fills the records as stores with many apps would.
func storesHaveLimits(t *testing.T, b *testBed) {
	s := storeService(t, b, "one", noFetch)
	ctx := t.Context()
	size := 0
	put := func(name string, entries int) {
		text, err := json.Marshal(storeRecord{Store: agent.Store{Name: name, Source: uploaded, Entries: entries}, Generation: "1-x", Size: size})
		check(t, err)
		_, err = b.consul.KV().Put(&consul.KVPair{Key: prefixStores + name, Value: text}, nil)
		check(t, err)
	}
	refused := func(what string) {
		t.Helper()
		_, err := s.AddStore(ctx, agent.StoreAdd{Name: "more", Archive: archiveOf(t, ownFiles("alpha", "beta"))})
		if e := agent.AsError(err); e == nil || e.Code != agent.CodeConflict || e.Hint == "" {
			t.Errorf("%s: %v", what, err)
		}
		if n := keptPieces(t, b); n != 0 {
			t.Errorf("%s: %d pieces are left of it", what, n)
		}
	}
	put("huge", maxStoreEntries-1)
	refused("more apps than may be")
	put("huge", maxStoreEntries-2)
	_, err := s.AddStore(ctx, agent.StoreAdd{Name: "more", Archive: archiveOf(t, ownFiles("alpha", "beta"))})
	check(t, err)
	check(t, s.RemoveStore(ctx, "more"))
	size = maxContent
	for i := range 2 {
		put(fmt.Sprintf("store-%d", i), 1)
	}
	size = maxContents - 2*maxContent
	put("store-2", 1)
	refused("larger ones than may be")
	size = 0
	for i := range maxStores - 1 {
		put(fmt.Sprintf("store-%d", i), 1)
	}
	refused("more stores than may be")
	_, err = b.consul.KV().DeleteTree(prefixStores, nil)
	check(t, err)
}
