package main

import (
	"context"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// fakeStores are the stores of the fake cloud.
var fakeStores = []agent.StoreDetail{
	{Store: agent.Store{Name: "casaos", Source: "https://stores.example/casaos.zip", Format: agent.StoreCasaOS, Entries: 1, Refused: 1,
		Added: noon, Synced: noon, Revision: "sha256:0011223344556677", Actor: "unix:root"},
		Notes: []string{"\"a/l.yml\" is left out: it is a link"},
		Apps: []agent.StoreApp{
			{Name: "casaos/jellyfin", Notes: []agent.StoreNote{{Kind: "dropped", Service: "web", Text: "The device /dev/dri is not passed on."}, {Kind: "info", Text: "Made by CasaOS."}}},
			{Name: "casaos/portainer", Refused: "it needs Docker's socket, with which it would own the machine"},
		}},
	{Store: agent.Store{Name: "mine", Source: "upload", Format: agent.StoreDcloud, Entries: 3, Added: noon, Synced: noon, Actor: "ada",
		Failure: "the archive holds no app.hcl"}},
}

func (f *fakeCloud) Stores(context.Context) ([]agent.Store, error) {
	var out []agent.Store
	for _, s := range fakeStores {
		out = append(out, s.Store)
	}
	return out, nil
}

func (f *fakeCloud) Store(_ context.Context, name string) (agent.StoreDetail, error) {
	for _, s := range fakeStores {
		if s.Name == name {
			return s, nil
		}
	}
	return agent.StoreDetail{}, agent.Errorf(agent.CodeNotFound, "there is no store called %q", name).WithHint("see which there are with: dcloud catalog store list")
}

func (f *fakeCloud) AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error) {
	if _, err := f.Store(ctx, req.Name); err == nil {
		return agent.StoreDetail{}, agent.Errorf(agent.CodeConflict, "there is a store called %q already", req.Name).WithHint("choose another name with --name")
	}
	d := fakeStores[0]
	d.Name, d.Source, d.Format = req.Name, req.URL, req.Format
	if d.Source == "" {
		d.Source = "upload"
	}
	if d.Format == "" {
		d.Format = agent.StoreCasaOS
	}
	d.Apps = nil
	for _, a := range fakeStores[0].Apps {
		a.Name = strings.Replace(a.Name, "casaos", req.Name, 1)
		d.Apps = append(d.Apps, a)
	}
	return d, nil
}

func (f *fakeCloud) SyncStore(ctx context.Context, name string, req agent.StoreSync) (agent.StoreDetail, error) {
	d, err := f.Store(ctx, name)
	if err == nil && d.Source == "upload" && len(req.Archive) == 0 {
		return d, agent.Errorf(agent.CodeInvalid, "the files of %s were sent by somebody; there is nowhere to fetch them from", name).
			WithHint("send them again: dcloud catalog store sync %s PATH", name)
	}
	return d, err
}

func (f *fakeCloud) RemoveStore(ctx context.Context, name string) error {
	_, err := f.Store(ctx, name)
	return err
}
