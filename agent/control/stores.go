package control

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/stores"
)

// Limits of stores in all.
const (
	maxStores       = 20
	maxStoreEntries = 10_000
)

// ownNames are names by which people know what is not a store's.
var ownNames = []string{"catalog", "dcloud", "dentropy", "store", "trusted"}

// uploaded is the source of a store whose files somebody sent.
const uploaded = "upload"

// fetchStore fetches from where a store is; Deps.FetchStore where that is set.
func (s *Service) fetchStore(ctx context.Context, source string) (stores.Files, error) {
	if s.FetchStore != nil {
		return s.FetchStore(ctx, source)
	}
	return FetchStore(netip.Prefix{})(ctx, source)
}

// FetchStore fetches stores from anywhere but this machine and the pool's own network.
func FetchStore(pool netip.Prefix) func(context.Context, string) (stores.Files, error) {
	return func(ctx context.Context, source string) (stores.Files, error) {
		src, err := stores.ParseSource(source)
		if err != nil {
			return stores.Files{}, err
		}
		return stores.Fetcher{Limits: stores.Defaults(), Allow: stores.Guard(pool)}.Fetch(ctx, src)
	}
}

// Stores lists the sources of entries beside the catalog, by name.
func (s *Service) Stores(ctx context.Context) (_ []agent.Store, err error) {
	defer s.tell(&err)
	records, err := s.store.storeRecords(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]agent.Store, len(records))
	for i, r := range records {
		out[i] = r.Store
		if r.Generation == "" {
			out[i].Failure = "its record is damaged; remove it, and add it again"
		}
	}
	return out, nil
}

// Store is one of them, with what became of each of its apps.
func (s *Service) Store(ctx context.Context, name string) (_ agent.StoreDetail, err error) {
	defer s.tell(&err)
	r, err := s.store.storeRecord(ctx, name)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	if r == nil {
		return agent.StoreDetail{}, noStore(name)
	}
	content, err := s.store.storeContent(ctx, *r)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	blocks, err := splitBlocks(content)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	var items []item
	for _, b := range blocks {
		of, err := readBlock(b)
		if err != nil {
			return agent.StoreDetail{}, err
		}
		items = append(items, of...)
	}
	return detailOf(*r, items), nil
}

func detailOf(r storeRecord, items []item) agent.StoreDetail {
	d := agent.StoreDetail{Store: r.Store, Notes: r.Notes, Apps: make([]agent.StoreApp, len(items))}
	for i, it := range items {
		d.Apps[i] = agent.StoreApp{Name: r.Name + "/" + it.Name, Refused: it.Refused, Notes: it.Notes}
	}
	return d
}

// maxStoreNotes bounds how many notes on a whole store are kept.
const maxStoreNotes = 20

func firstNotes(notes []string) []string {
	if len(notes) <= maxStoreNotes {
		return notes
	}
	return append(slices.Clone(notes[:maxStoreNotes]), fmt.Sprintf("and %d more", len(notes)-maxStoreNotes))
}

func noStore(name string) *agent.Error {
	return agent.Errorf(agent.CodeNotFound, "there is no store called %q", clip(name, 60)).
		WithHint("see which there are with: dcloud catalog store list")
}

// AddStore fetches a store, or takes the files that were sent, and makes its entries
// part of the search. Nothing is kept of one that cannot be read.
func (s *Service) AddStore(ctx context.Context, req agent.StoreAdd) (_ agent.StoreDetail, err error) {
	defer s.tell(&err)
	if !s.reading.TryLock() {
		return agent.StoreDetail{}, errReading()
	}
	defer s.reading.Unlock()
	r := &storeRecord{Store: agent.Store{Name: cmp.Or(req.Name, stores.Name(req.URL)), Source: cmp.Or(req.URL, uploaded), Format: req.Format, Actor: agent.Actor(ctx)}}
	if err := s.checkNewStore(ctx, r); err != nil {
		return agent.StoreDetail{}, err
	}
	r.Added = s.Now().UTC()
	d, err := s.takeOver(ctx, r, nil, req.Archive)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	s.Note(ctx, agent.Activity{Action: "store-add", Detail: fmt.Sprintf("%s, with %d apps", r.Name, r.Entries)})
	return d, nil
}

func errReading() error {
	return agent.Errorf(agent.CodeConflict, "another store is being read at this moment").WithHint("try again in a minute")
}

// checkNewStore says what stands against a store before anything is fetched.
func (s *Service) checkNewStore(ctx context.Context, r *storeRecord) error {
	if r.Source != uploaded {
		if _, err := stores.ParseSource(r.Source); err != nil {
			return err
		}
	}
	if r.Format != "" && !slices.Contains(agent.StoreFormats(), r.Format) {
		return agent.Errorf(agent.CodeInvalid, "%q is no form of a store", clip(r.Format, 60)).
			WithHint("choose one of %s, or leave it out", fmt.Sprint(agent.StoreFormats()))
	}
	if r.Name == "" {
		return agent.Errorf(agent.CodeInvalid, "the store has no name").WithHint("give it one with --name")
	}
	if !nameForm.MatchString(r.Name) {
		return agent.Errorf(agent.CodeInvalid, "%q cannot be a store's name", clip(r.Name, 60)).
			WithHint("use up to 40 small letters, digits and hyphens, beginning with a letter, with --name")
	}
	if slices.Contains(ownNames, r.Name) {
		return agent.Errorf(agent.CodeConflict, "a store called %s would be taken for what comes with dcloud", r.Name).
			WithHint("choose another name with --name")
	}
	if _, taken := s.Deps.Catalog().Get(r.Name); taken {
		return agent.Errorf(agent.CodeConflict, "%s is an app of the catalog, and a store cannot be called like one", r.Name).
			WithHint("choose another name with --name")
	}
	all, err := s.store.storeRecords(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(o storeRecord) bool { return o.Name == r.Name }) {
		return agent.Errorf(agent.CodeConflict, "there is a store called %q already", r.Name).
			WithHint("choose another name with --name, or read it anew with: dcloud catalog store sync %s", r.Name)
	}
	if len(all) >= maxStores {
		return agent.Errorf(agent.CodeConflict, "there are %d stores already, and no more are taken", len(all)).
			WithHint("remove one with: dcloud catalog store remove NAME")
	}
	return nil
}

// SyncStore reads a store anew: from where it came, or from the files that were sent.
// Where that does not work, what was there stays, and the record says why.
func (s *Service) SyncStore(ctx context.Context, name string, req agent.StoreSync) (_ agent.StoreDetail, err error) {
	defer s.tell(&err)
	before, err := s.store.storeRecord(ctx, name)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	switch {
	case before == nil:
		return agent.StoreDetail{}, noStore(name)
	case before.Source == "":
		return agent.StoreDetail{}, agent.Errorf(agent.CodeFailed, "the record of the store %s is damaged", name).
			WithHint("remove it with: dcloud catalog store remove %s, and add it again", name)
	case before.Source == uploaded && len(req.Archive) == 0:
		return agent.StoreDetail{}, agent.Errorf(agent.CodeInvalid, "the files of %s were sent by somebody; there is nowhere to fetch them from", name).
			WithHint("send them again: dcloud catalog store sync %s PATH", name)
	case before.Source != uploaded && len(req.Archive) > 0:
		return agent.StoreDetail{}, agent.Errorf(agent.CodeInvalid, "%s is fetched from %s, and takes no files beside that", name, before.Source).
			WithHint("add them as a store of another name: dcloud catalog store add PATH --name NAME")
	}
	if !s.reading.TryLock() {
		return agent.StoreDetail{}, errReading()
	}
	defer s.reading.Unlock()
	r := *before
	r.Actor = agent.Actor(ctx)
	d, err := s.takeOver(ctx, &r, before, req.Archive)
	if err != nil {
		s.keepFailure(ctx, *before, err)
		return agent.StoreDetail{}, err
	}
	s.Note(ctx, agent.Activity{Action: "store-sync", Detail: fmt.Sprintf("%s, with %d apps", r.Name, r.Entries)})
	return d, nil
}

// keepFailure writes into a store's record why it could not be read anew, as far as a
// person may know.
func (s *Service) keepFailure(ctx context.Context, before storeRecord, why error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	r := before
	r.Failure = "it could not be read"
	var told *agent.Error
	if errors.As(why, &told) {
		r.Failure = clip(told.Message, 300)
	}
	if err := s.store.putStore(ctx, &r, &before); err != nil {
		s.Log.Warn("why a store could not be read is not in its record", "store", r.Name, "err", err)
	}
}

// takeOver fetches, reads and writes a store in the place of before, nil for none.
func (s *Service) takeOver(ctx context.Context, r, before *storeRecord, archive []byte) (agent.StoreDetail, error) {
	var files stores.Files
	var err error
	if len(archive) > 0 {
		files, err = stores.Unpack(ctx, bytes.NewReader(archive), stores.Defaults(), "")
	} else {
		files, err = s.fetchStore(ctx, r.Source)
	}
	if err != nil {
		return agent.StoreDetail{}, err
	}
	format, items, err := readStore(r.Format, files.Files)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	r.Format, r.Revision, r.Failure, r.Synced = format, files.Revision, "", s.Now().UTC()
	r.Entries, r.Refused = countItems(items)
	r.Notes = firstNotes(files.Notes)
	content, err := packItems(items)
	if err != nil {
		return agent.StoreDetail{}, fmt.Errorf("pack the store %s: %w", r.Name, err)
	}
	if len(content) > maxContent {
		return agent.StoreDetail{}, agent.Errorf(agent.CodeFailed, "the store is larger than what can be kept, %d MiB", maxContent>>20).WithHint("take a part of it")
	}
	if err := s.roomFor(ctx, r, len(content)); err != nil {
		return agent.StoreDetail{}, err
	}
	if err := s.store.sweepStores(ctx, s.Now()); err != nil {
		return agent.StoreDetail{}, err
	}
	id, err := s.newID()
	if err != nil {
		return agent.StoreDetail{}, err
	}
	r.Generation = fmt.Sprintf("%d-%s", s.Now().Unix(), id)
	if err := s.store.writeStore(ctx, r, content, before); err != nil {
		return agent.StoreDetail{}, err
	}
	s.Log.Info("a store was read", "store", r.Name, "entries", r.Entries, "refused", r.Refused, "revision", r.Revision)
	s.awaitStore(ctx, r.Name, true, r.Generation)
	return detailOf(*r, items), nil
}

// roomFor refuses a store with which there would be too many entries, or too large ones.
func (s *Service) roomFor(ctx context.Context, r *storeRecord, size int) error {
	all, err := s.store.storeRecords(ctx)
	if err != nil {
		return err
	}
	sum := r.Entries
	for _, o := range all {
		if o.Name != r.Name {
			sum += o.Entries
			size += o.Size
		}
	}
	if size > maxContents {
		return agent.Errorf(agent.CodeConflict, "with %s all stores would be larger than the %d MiB that can be kept", r.Name, maxContents>>20).
			WithHint("remove a store that you do not use: dcloud catalog store list")
	}
	if sum > maxStoreEntries {
		return agent.Errorf(agent.CodeConflict, "with %s there would be %d apps of stores, and no more than %d are taken", r.Name, sum, maxStoreEntries).
			WithHint("remove a store that you do not use: dcloud catalog store list")
	}
	return nil
}

// RemoveStore takes a store away. Apps that were installed from it stay as they are: an
// app keeps its entry.
func (s *Service) RemoveStore(ctx context.Context, name string) (err error) {
	defer s.tell(&err)
	r, err := s.store.storeRecord(ctx, name)
	if err != nil {
		return err
	}
	if r == nil {
		return noStore(name)
	}
	if err := s.store.deleteStore(ctx, r); err != nil {
		return err
	}
	s.awaitStore(ctx, name, false, "")
	s.Note(ctx, agent.Activity{Action: "store-remove", Detail: name})
	return nil
}
