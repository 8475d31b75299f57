package api

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestEveryCallOnStoresReachesTheServiceAndComesBack(t *testing.T) {
	archive := bytes.Repeat([]byte{0, 0xff, '"', '\n'}, 1<<20) // 4 MiB, far more than other requests may have
	detail := agent.StoreDetail{Store: agent.Store{Name: "casaos", Entries: 1, Refused: 1}, Apps: []agent.StoreApp{
		{Name: "casaos/a", Notes: []agent.StoreNote{{Kind: "risky", Service: "web", Text: "x"}}}, {Name: "casaos/b", Refused: "no"}}}
	removed := ""
	f := &fake{fakeStores: fakeStores{
		stores: func(context.Context) ([]agent.Store, error) { return nil, nil },
		store:  func(context.Context, string) (agent.StoreDetail, error) { return detail, nil },
		addStore: func(_ context.Context, r agent.StoreAdd) (agent.StoreDetail, error) {
			if !bytes.Equal(r.Archive, archive) || r.Name != "casaos" || r.Format != agent.StoreCasaOS {
				t.Errorf("asked for %q as %q with %d bytes", r.Name, r.Format, len(r.Archive))
			}
			return detail, nil
		},
		syncStore: func(_ context.Context, n string, r agent.StoreSync) (agent.StoreDetail, error) {
			if n != "casaos" || !bytes.Equal(r.Archive, archive) {
				t.Errorf("asked to read %q anew with %d bytes", n, len(r.Archive))
			}
			return detail, nil
		},
		removeStore: func(_ context.Context, n string) error { removed = n; return nil },
	}}
	f.entry = func(_ context.Context, n string) (agent.Entry, error) { return agent.Entry{Name: n}, nil }
	c, ctx := served(t, f), context.Background()
	list, err := c.Stores(ctx)
	if err != nil || list == nil || len(list) != 0 {
		t.Errorf("no stores are %v, %v", list, err)
	}
	for what, call := range map[string]func() (agent.StoreDetail, error){
		"store": func() (agent.StoreDetail, error) { return c.Store(ctx, "casaos") },
		"add": func() (agent.StoreDetail, error) {
			return c.AddStore(ctx, agent.StoreAdd{Name: "casaos", Format: agent.StoreCasaOS, Archive: archive})
		},
		"sync": func() (agent.StoreDetail, error) {
			return c.SyncStore(ctx, "casaos", agent.StoreSync{Archive: archive})
		},
	} {
		if got, err := call(); err != nil || !reflect.DeepEqual(got, detail) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	if err := c.RemoveStore(ctx, "casaos"); err != nil || removed != "casaos" {
		t.Errorf("removed %q, %v", removed, err)
	}
	for _, name := range []string{"miniflux", "casaos/miniflux"} {
		if entry, err := c.Entry(ctx, name); err != nil || entry.Name != name {
			t.Errorf("%s is %q, %v", name, entry.Name, err)
		}
	}
}

func TestAWrongRequestOnStoresIsRefusedBeforeItReachesTheService(t *testing.T) {
	large, err := json.Marshal(agent.StoreAdd{Archive: make([]byte, maxStoreBody)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"POST", "/v1/stores", `{}`, 400, "either from a URL or from an archive"},
		{"POST", "/v1/stores", `{"url":"https://a.example/x.zip","archive":"AAAA"}`, 400, "either from a URL or from an archive"},
		{"POST", "/v1/stores", `{"url":"https://a.example/x.zip","name":"A/b"}`, 400, "the name of a store"},
		{"POST", "/v1/stores", `{"archive":"not base64!"}`, 400, "the request is wrong"},
		{"POST", "/v1/stores", string(large), 413, "larger than"},
		{"GET", "/v1/stores/..%2fx", "", 400, "the name of a store"},
		{"DELETE", "/v1/stores/x_y", "", 400, "the name of a store"},
		{"GET", "/v1/catalog/x_y/a", "", 400, "the name of a store"},
		{"GET", "/v1/catalog/a/x_y", "", 400, "a catalog entry"},
		{"GET", "/v1/catalog/a/b/c", "", 400, "a catalog entry"},
		{"POST", "/v1/apps", `{"entry":"a/b/c"}`, 400, "a store's entry"},
		{"POST", "/v1/apps", `{"entry":"a/"}`, 400, "a store's entry"},
		{"POST", "/v1/apps", `{"entry":"/a"}`, 400, "a catalog entry"},
	} {
		w := local(&fake{}, c.method, c.path, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s %.60s: %d %s; want %d with %q", c.method, c.path, c.body, w.Code, w.Body, c.status, c.says)
		}
	}
}
