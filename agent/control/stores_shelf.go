package control

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

// shelf is a store in memory: what lists and searches need of its entries, and its
// content as it is in the KV store, of which a block at a time is unpacked when somebody
// asks for an entry.
type shelf struct {
	record storeRecord
	blocks [][]byte
	at     map[string]int // an entry's own name: its block
	apps   []*catalog.App // called STORE/ENTRY, with no more than their cards
}

// shelves are all stores in memory. They do not change once made.
type shelves struct {
	stores []*shelf         // by name
	all    *catalog.Catalog // of all stores
}

func newShelf(r storeRecord, content []byte) (*shelf, error) {
	s := &shelf{record: r, at: map[string]int{}}
	var err error
	if s.blocks, err = splitBlocks(content); err != nil {
		return nil, err
	}
	for k, block := range s.blocks {
		items, err := readBlock(block)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			if it.Card == nil || !nameForm.MatchString(it.Name) {
				continue
			}
			s.at[it.Name] = k
			s.apps = append(s.apps, it.Card.app(r.Name, it.Name))
		}
	}
	return s, nil
}

// item reads one entry; nil if there is none.
func (s *shelf) item(name string) (*item, error) {
	k, there := s.at[name]
	if !there {
		return nil, nil
	}
	items, err := readBlock(s.blocks[k])
	if err != nil {
		return nil, err
	}
	for i := range items {
		if items[i].Name == name && items[i].Card != nil {
			return &items[i], nil
		}
	}
	return nil, errContent
}

func newShelves(stores []*shelf) *shelves {
	slices.SortFunc(stores, func(a, b *shelf) int { return cmp.Compare(a.record.Name, b.record.Name) })
	var apps []*catalog.App
	for _, s := range stores {
		apps = append(apps, s.apps...)
	}
	return &shelves{stores: stores, all: catalog.New(apps)}
}

func (sh *shelves) get(name string) *shelf {
	if sh == nil {
		return nil
	}
	for _, s := range sh.stores {
		if s.record.Name == name {
			return s
		}
	}
	return nil
}

// storeNamed is the store of an entry STORE/ENTRY, "" for one of the catalog's own.
func storeNamed(entry string) string {
	store, _, isIn := strings.Cut(entry, "/")
	if !isIn {
		return ""
	}
	return store
}

// inStore begins a word of a search that looks in one store alone.
const inStore = "store:"

// search looks in the catalog and in the stores. The catalog's own entries come first,
// whatever others call themselves. A word store:NAME looks in that store alone.
func search(own *catalog.Catalog, sh *shelves, words string) []*catalog.App {
	var wanted []string
	only := ""
	for _, w := range strings.Fields(words) {
		if name, is := strings.CutPrefix(strings.ToLower(w), inStore); is {
			only = cmp.Or(name, "?")
			continue
		}
		wanted = append(wanted, w)
	}
	words = strings.Join(wanted, " ")
	var found []*catalog.App
	if only == "" {
		found = own.Search(words)
	}
	if sh == nil {
		return found
	}
	for _, a := range sh.all.Search(words) {
		if only == "" || storeNamed(a.Name) == only {
			found = append(found, a)
		}
	}
	return found
}

// watchStores keeps the stores in memory as they are in the KV store. What is the same
// as before is not read again.
func (s *Service) watchStores(ctx context.Context) func(uint64) (uint64, error) {
	return func(index uint64) (uint64, error) {
		pairs, meta, err := s.Consul.KV().List(prefixStores, (&consul.QueryOptions{WaitIndex: index, WaitTime: pollWait}).WithContext(ctx))
		if err != nil {
			return 0, err
		}
		before := s.shelves.Load()
		now := map[string]*shelf{}
		for _, p := range pairs {
			r, err := decodeStore(p)
			if err != nil {
				s.Log.Error("a store is left out", "err", err)
				continue
			}
			old := before.get(r.Name)
			if old != nil && old.record.Generation == r.Generation {
				same := *old
				same.record = r
				now[r.Name] = &same
				continue
			}
			content, err := s.store.storeContent(ctx, r)
			if err == nil {
				now[r.Name], err = newShelf(r, content)
			}
			if err != nil {
				if ctx.Err() != nil {
					return 0, err
				}
				// It was replaced at this moment, and will be told anew, or it is damaged.
				s.Log.Error("a store cannot be read", "store", r.Name, "err", err)
				delete(now, r.Name)
				if old != nil {
					now[r.Name] = old
				}
			}
		}
		changed := before == nil || len(before.stores) != len(now)
		for name, sh := range now {
			old := before.get(name)
			changed = changed || old == nil || old.record.index != sh.record.index
		}
		if changed {
			// Where there are no stores, Consul answers at each write of any other record.
			next := newShelves(slices.Collect(maps.Values(now)))
			s.view.set("stores", func() { s.shelves.Store(next) })
		}
		return meta.LastIndex, nil
	}
}

// awaitStore waits until a store is seen as a change left it: with a record of at least
// that index, or not at all. A late view is no failure.
func (s *Service) awaitStore(ctx context.Context, name string, there bool, generation string) {
	ctx, cancel := context.WithTimeout(ctx, noting)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) {
		if !s.view.ready["stores"] {
			return true, nil // nobody watches
		}
		sh := s.shelves.Load().get(name)
		return (sh != nil) == there && (sh == nil || sh.record.Generation == generation), nil
	})
}

// foreign is an entry STORE/ENTRY as its store has it.
func (s *Service) foreign(ctx context.Context, name string) (*catalog.App, error) {
	if err := s.awaitView(ctx, "stores"); err != nil {
		return nil, err
	}
	store, own, _ := strings.Cut(name, "/")
	// Another server may have read it a moment ago.
	r, err := s.store.storeRecord(ctx, store)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, noStore(store)
	}
	s.awaitStore(ctx, store, true, r.Generation)
	sh := s.shelves.Load().get(store)
	if sh == nil {
		return nil, noStore(store)
	}
	it, err := sh.item(own)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if it == nil {
		err := agent.Errorf(agent.CodeNotFound, "the store %s has no app called %q", store, clip(own, 60))
		if near := catalog.New(sh.apps).Nearest(name); near != "" {
			return nil, err.WithHint("did you mean %s? dcloud app show %s", near, near)
		}
		return nil, err.WithHint("see what became of its apps with: dcloud catalog store show %s", store)
	}
	entry, problems := catalog.Check(name, []byte(it.Manifest))
	if entry == nil {
		return nil, agent.Errorf(agent.CodeFailed, "%s is no longer what this version of dcloud takes: %s", name, clip(problems.Error(), 300)).
			WithHint("read the store anew with: dcloud catalog store sync %s", store)
	}
	return entry, nil
}

// current is an entry as the catalog, or its store, has it now; false where it is gone.
func (s *Service) current(name string) (*catalog.App, bool) {
	store, own, isIn := strings.Cut(name, "/")
	if !isIn {
		return s.Deps.Catalog().Get(name)
	}
	sh := s.shelves.Load().get(store)
	if sh == nil {
		return nil, false
	}
	it, err := sh.item(own)
	if err != nil || it == nil {
		return nil, false
	}
	entry, _ := catalog.Check(name, []byte(it.Manifest))
	return entry, entry != nil
}
