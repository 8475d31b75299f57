package sample

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// Categories are those that the catalog has.
var Categories = []string{
	"ai", "automation", "backup", "business", "communication", "development", "files", "finance", "games", "health",
	"home", "media", "monitoring", "network", "notes", "office", "passwords", "photos", "reading", "security",
	"social", "start", "tools", "web",
}

func number(f float64) *float64 { return &f }

// allTypes are settings of every type, right and wrong values of which can be tried.
func allTypes() []agent.ConfigSetting {
	return []agent.ConfigSetting{
		{Name: "admin_username", Title: "Administrator's name", Type: "string", Default: "admin", Pattern: "[A-Za-z0-9][A-Za-z0-9._-]{0,63}", Help: "Used once, when the first account is made."},
		{Name: "admin_email", Title: "Administrator's e-mail address", Type: "email", Required: true},
		{Name: "base_url", Title: "Address for links", Type: "url", Default: "https://example.org"},
		{Name: "language", Title: "Language", Type: "choice", Default: "en", Choices: []string{"en", "de", "fr", "es"}},
		{Name: "signup", Title: "Anybody may make an account", Type: "bool", Default: "false", Help: "Off is safer: you add people yourself."},
		{Name: "workers", Title: "How many things it does at once", Type: "number", Default: "4", Min: number(1), Max: number(64), Advanced: true},
		{Name: "media_path", Title: "Where the media are", Type: "path", Default: "/srv/media", Advanced: true},
		{Name: "timezone", Title: "Time zone", Type: "timezone", Default: "Europe/Berlin", Advanced: true},
	}
}

// known are the entries that the sample's apps are made of.
func known() []agent.Entry {
	e := func(name, title, tagline, category, version, license string, memory int, arch ...string) agent.Entry {
		if len(arch) == 0 {
			arch = []string{"amd64", "arm64"}
		}
		x := agent.Entry{Name: name, Title: title, Tagline: tagline, Category: category, Version: version, License: license, Memory: memory,
			Architectures: arch, Website: "https://" + name + ".example", Source: "https://git.example/" + name, Access: "app", Disk: 500, Secrets: 2, User: "admin",
			Description: title + " is here to look at. " + tagline + ", on machines of your own, with nobody else in between.",
			Notes:       "Sign in with the administrator's name that you chose and the password that was made for you.",
			Images:      []string{"docker.io/" + name + "/" + name + ":" + version}, Settings: allTypes()}
		if slices.Contains(stateful, name) {
			x.Data = []string{"data: /data", "database: /var/lib/postgresql"}
		}
		return x
	}
	list := []agent.Entry{
		e("filebrowser", "File Browser", "Your files, in any browser", "files", "2.63.23", "Apache-2.0", 64, "amd64", "arm64", "arm"),
		e("gitea", "Gitea", "A home for your code", "development", "1.27.2", "MIT", 256),
		e("jellyfin", "Jellyfin", "Your films, series and music on every screen", "media", "10.11.11", "GPL-2.0-only", 1024),
		e("miniflux", "Miniflux", "A minimalist feed reader", "reading", "2.2.15", "Apache-2.0", 192),
		e("nextcloud", "Nextcloud", "Files, calendar, contacts and more, together", "office", "34.0.2", "AGPL-3.0-or-later", 896),
		e("pocketbase", "PocketBase", "A backend for your own apps, in one file", "development", "0.39.11", "MIT", 64),
		e("static", "Static site", "A website of your own files", "web", "1.30.4", "BSD-2-Clause", 16),
		e("syncthing", "Syncthing", "Folders that are the same on all your devices", "files", "2.1.3", "MPL-2.0", 128),
		e("vaultwarden", "Vaultwarden", "A password manager for all your devices", "security", "1.37.1", "AGPL-3.0-only", 96),
		e("welcome", "Welcome", "A first page that shows your cloud works", "tools", "1", "Apache-2.0", 16),
		e("whoami", "Whoami", "Shows what a request looks like when it arrives", "development", "1.12.0", "Apache-2.0", 16),
		e("wordpress", "WordPress", "Your website, written in the browser", "web", "7.0.2", "GPL-2.0-or-later", 320, "amd64"),
	}
	for k := range list {
		switch list[k].Name {
		case "syncthing":
			list[k].Ports, list[k].Risks = []string{"22000/tcp: Sync"}, []string{"opens port 22000 beside the front door"}
		case "nextcloud":
			list[k].Public = []string{"/s", "/public.php"}
		case "whoami", "static":
			list[k].Access, list[k].Settings, list[k].Secrets = "public", nil, 0
		}
	}
	return list
}

var (
	firsts = []string{"Open", "Tiny", "Paper", "Blue", "Quiet", "Free", "Home", "Little", "Green", "Simple", "Rapid", "Clear", "Solar", "North", "Amber", "Silver", "Cloud", "Wild", "Plain", "Own"}
	lasts  = []string{"Desk", "Notes", "Board", "Vault", "Lens", "Mail", "Wiki", "Shelf", "Track", "Garden", "Chat", "Meter", "Forge", "Ledger", "Radio", "Map", "Signal", "Press", "Box", "Hub"}
)

// Entries makes the catalog n entries long.
func (c *Cloud) Entries(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.entries = slices.Concat(known(), foreign())
	for k := 0; len(c.entries) < n; k++ {
		title := firsts[k%len(firsts)] + " " + lasts[k/len(firsts)%len(lasts)]
		if turn := k / (len(firsts) * len(lasts)); turn > 0 {
			title = fmt.Sprintf("%s %d", title, turn+1)
		}
		name := strings.ToLower(strings.ReplaceAll(title, " ", "-"))
		e := agent.Entry{Name: name, Title: title, Category: Categories[k%len(Categories)], Version: fmt.Sprintf("%d.%d.%d", k%9, k%20, k%7),
			Tagline: "An app about " + Categories[k%len(Categories)] + ", which is here to fill the shelf", License: "MIT", Website: "https://" + name + ".example",
			Architectures: [][]string{{"amd64", "arm64"}, {"amd64"}, {"amd64", "arm64", "arm"}}[k%3], Memory: 16 << (k % 9), Access: "app", Secrets: k % 3,
			Description: title + " was made up so that the store has something to show.", Images: []string{"docker.io/" + name + "/app:1"}}
		if k%2 == 0 {
			e.Settings = allTypes()[:1+k%8]
		}
		if k%5 == 0 {
			e.Risks = []string{"it may see the whole network of the machine that it runs on"}
		}
		if k%4 == 0 {
			e.Data = []string{"data: /data"}
		}
		c.entries = append(c.entries, e)
	}
	c.entries = c.entries[:max(0, min(n, len(c.entries)))]
	slices.SortFunc(c.entries, func(a, b agent.Entry) int { return strings.Compare(a.Name, b.Name) })
	c.changed()
}

func (c *Cloud) find(name string) (agent.Entry, bool) {
	k := slices.IndexFunc(c.entries, func(e agent.Entry) bool { return e.Name == name })
	if k < 0 {
		return agent.Entry{Name: name, Title: name}, false
	}
	return c.entries[k], true
}

// fits says of each machine whether an entry fits there.
func (c *Cloud) fits(e agent.Entry, wanted string) (names []string, all []agent.NodeFit) {
	names = []string{}
	for _, n := range c.nodes {
		f := agent.NodeFit{Name: n.Name, Why: []string{}}
		free := 0
		if n.Load != nil {
			free = n.Memory - n.Load.MemoryUsed
		}
		switch {
		case n.State == agent.NodeDown:
			f.Why = append(f.Why, "it does not answer")
		case n.State != agent.NodeReady && n.State != agent.NodeDraining:
			f.Why = append(f.Why, "it is "+n.State)
		}
		if !slices.Contains(e.Architectures, n.Arch) {
			f.Why = append(f.Why, "no build for "+n.Arch)
		}
		if n.Load != nil && e.Memory > free {
			f.Why = append(f.Why, fmt.Sprintf("%d MB of memory short", e.Memory-free))
		}
		if n.State == agent.NodeDraining && len(f.Why) == 0 {
			f.Why = append(f.Why, "it is being emptied")
		}
		if wanted != "" && wanted != n.Name && len(f.Why) == 0 {
			f.Why = append(f.Why, "pinned to "+wanted)
		}
		if f.Fits = len(f.Why) == 0; f.Fits {
			f.Chosen = len(names) == 0
			names = append(names, n.Name)
		}
		all = append(all, f)
	}
	return names, all
}

// Catalog is what there is to install; words narrow it down.
func (c *Cloud) Catalog(ctx context.Context, words string) ([]agent.Entry, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Catalog"); err != nil {
		return nil, err
	}
	out := []agent.Entry{}
	for _, e := range c.entries {
		text := strings.ToLower(e.Name + " " + e.Title + " " + e.Tagline + " " + e.Category)
		if slices.ContainsFunc(strings.Fields(strings.ToLower(words)), func(w string) bool { return !strings.Contains(text, w) }) {
			continue
		}
		e.Fits, _ = c.fits(e, "")
		e.Settings, e.Data, e.Ports, e.Images, e.Risks, e.Notes, e.Description = nil, nil, nil, nil, nil, "", ""
		out = append(out, e)
	}
	return out, nil
}

// Entry is one with all that is known of it.
func (c *Cloud) Entry(ctx context.Context, name string) (agent.Entry, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Entry"); err != nil {
		return agent.Entry{}, err
	}
	e, ok := c.find(name)
	if !ok {
		return agent.Entry{}, agent.Errorf(agent.CodeNotFound, "the catalog has no app called %q", clip(name)).WithHint("see what there is with: dcloud app search")
	}
	e.Fits, e.Nodes = c.fits(e, "")
	return e, nil
}

// whys are the reasons why something fits nowhere, a line for each machine.
func whys(all []agent.NodeFit) []string {
	var out []string
	for _, f := range all {
		for _, why := range f.Why {
			out = append(out, f.Name+": "+why)
		}
	}
	return out
}
