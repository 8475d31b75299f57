package sample

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// foreign are the entries of the stores.
func foreign() []agent.Entry {
	e := func(store, name, title, tagline, category string, memory int, risks []string, warnings ...string) agent.Entry {
		return agent.Entry{Name: store + "/" + name, Title: title, Tagline: tagline, Category: category, Version: "1.4.2", Memory: memory, Store: store, Access: "app",
			Architectures: []string{"amd64", "arm64"}, Website: "https://" + name + ".example", Source: "https://git.example/" + store + "/" + name, Disk: 200, Secrets: 1,
			Description: title + " comes from somebody else's store. " + tagline + ".", Images: []string{"docker.io/" + name + "/" + name + ":latest"},
			Data: []string{"data: /data"}, Risks: risks, Warnings: warnings}
	}
	return []agent.Entry{
		e("casaos", "jellyfin", "Jellyfin", "Films and series on every screen", "media", 128, []string{"it runs as root in its container"},
			"Risky: web runs the image tagged latest, which is another one each day.",
			"Dropped: web: the device /dev/dri is not passed on: not every machine has it.",
			"Changed: web: the folder /DATA/Media became a volume of the app."),
		e("casaos", "memos", "Memos", "Jot it down, find it later", "notes", 64, nil),
		e("umbrel", "mempool", "Mempool", "Look at what Bitcoin is about to do", "finance", 256, nil, "Changed: its password is made anew for each install."),
	}
}

// stores are one that is well, and one that could not be read anew.
func stores(now time.Time) []agent.StoreDetail {
	return []agent.StoreDetail{
		{Store: agent.Store{Name: "casaos", Source: "https://stores.example/casaos.zip", Format: agent.StoreCasaOS, Entries: 2, Refused: 1,
			Added: now.AddDate(0, -2, 0), Synced: now.Add(-26 * time.Hour), Revision: "sha256:5f7c2a0e91b3", Actor: "ada"},
			Apps: []agent.StoreApp{
				{Name: "casaos/jellyfin", Notes: []agent.StoreNote{{Kind: "dropped", Service: "web", Text: "The device /dev/dri is not passed on: not every machine has it"}}},
				{Name: "casaos/memos"},
				{Name: "casaos/portainer", Refused: "it needs Docker's socket, with which it would own the machine"},
			}},
		{Store: agent.Store{Name: "umbrel", Source: "https://git.example/umbrel-apps.git", Format: agent.StoreUmbrel, Entries: 1,
			Added: now.AddDate(0, -1, 0), Synced: now.AddDate(0, 0, -9), Revision: "3b1f0c2d", Actor: "ada", Failure: "git.example does not answer"},
			Apps: []agent.StoreApp{{Name: "umbrel/mempool", Notes: []agent.StoreNote{{Kind: "changed", Text: "Its password is made anew for each install"}}}}},
	}
}

func (c *Cloud) storeAt(name string) (int, error) {
	at := slices.IndexFunc(c.stores, func(s agent.StoreDetail) bool { return s.Name == name })
	if at < 0 {
		return 0, agent.Errorf(agent.CodeNotFound, "there is no store called %q", clip(name)).WithHint("see which there are with: dcloud catalog store list")
	}
	return at, nil
}

// Stores are the sources of entries beside the catalog.
func (c *Cloud) Stores(ctx context.Context) ([]agent.Store, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Stores"); err != nil {
		return nil, err
	}
	out := []agent.Store{}
	for _, s := range c.stores {
		out = append(out, s.Store)
	}
	return out, nil
}

// Store is one of them.
func (c *Cloud) Store(ctx context.Context, name string) (agent.StoreDetail, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Store"); err != nil {
		return agent.StoreDetail{}, err
	}
	at, err := c.storeAt(name)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	return c.stores[at], nil
}

// AddStore adds one with a single app. A source with "fail" in it does not answer.
func (c *Cloud) AddStore(ctx context.Context, req agent.StoreAdd) (agent.StoreDetail, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "AddStore"); err != nil {
		return agent.StoreDetail{}, err
	}
	if req.Name == "" {
		req.Name = "store"
	}
	if _, err := c.storeAt(req.Name); err == nil {
		return agent.StoreDetail{}, agent.Errorf(agent.CodeConflict, "there is a store called %q already", clip(req.Name)).WithHint("choose another name with --name")
	}
	if strings.Contains(req.URL, "fail") {
		return agent.StoreDetail{}, agent.Errorf(agent.CodeFailed, "the store cannot be fetched: %s does not answer", clip(req.URL)).WithHint("is the address right?")
	}
	d := agent.StoreDetail{Store: agent.Store{Name: req.Name, Source: req.URL, Format: req.Format, Entries: 1, Added: c.now(), Synced: c.now(), Actor: agent.Actor(ctx)},
		Apps: []agent.StoreApp{{Name: req.Name + "/memos"}}}
	if d.Source == "" {
		d.Source = "upload"
	}
	if d.Format == "" {
		d.Format = agent.StoreCompose
	}
	c.stores = append(c.stores, d)
	c.changed()
	return d, nil
}

// SyncStore reads one anew, which mends what failed.
func (c *Cloud) SyncStore(ctx context.Context, name string, _ agent.StoreSync) (agent.StoreDetail, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "SyncStore"); err != nil {
		return agent.StoreDetail{}, err
	}
	at, err := c.storeAt(name)
	if err != nil {
		return agent.StoreDetail{}, err
	}
	c.stores[at].Synced, c.stores[at].Failure = c.now(), ""
	c.changed()
	return c.stores[at], nil
}

// RemoveStore takes one away.
func (c *Cloud) RemoveStore(ctx context.Context, name string) error {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "RemoveStore"); err != nil {
		return err
	}
	at, err := c.storeAt(name)
	if err == nil {
		c.stores = slices.Delete(c.stores, at, at+1)
		c.changed()
	}
	return err
}
