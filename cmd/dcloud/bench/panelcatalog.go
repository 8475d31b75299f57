package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// storeEntries is how many entries the store has that is measured.
const storeEntries = 2000

// whoamiEach is how many entries there are to one that runs on little and has an image
// here: enough for a home of a hundred apps.
const whoamiEach = 12

// taglines are what the generated entries say of themselves; %s is their title.
var taglines = []string{
	"A quiet place for your photos, sorted by day and by face", "Feeds, newsletters and saved articles in one list", "Share files with people who have no account",
	"Your calendar and address book on all devices", "Keeps an eye on your machines and says when one is away", "Notes that link to one another",
	"A wiki for the house, the club or the company", "Chat with rooms, calls and no telephone number", "Your bills and where the money went",
	"Films, series and music on every screen at home", "Passwords for the family, kept at home", "Backups that check themselves",
	"Recipes with a shopping list that adds itself up", "A small forge for code, issues and reviews", "Forms and surveys without trackers",
	"Maps of where you have been, for you alone",
}

// buildStore builds the program with a catalog of thousands, and returns the entries
// that can be installed here.
func (b *bench) buildStore(ctx context.Context) (bin string, installable []string, err error) {
	top := cloudtest.Repository()
	c, problems := catalog.Embedded()
	if err := problems.Err(); err != nil {
		return "", nil, err
	}
	models := c.Entries()
	whoami, _ := c.Get("whoami")
	taken := map[string]bool{}
	for _, m := range models {
		taken[m.Name] = true
	}
	names, err := brandNames(top, storeEntries-len(models), taken)
	if err != nil {
		return "", nil, err
	}
	overlay := map[string]string{}
	dir := filepath.Join(b.dir, "store")
	for n, name := range names {
		model := models[n%len(models)]
		if n%whoamiEach == 0 {
			model = whoami
		}
		file := filepath.Join(dir, name, "app.hcl")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return "", nil, err
		}
		if err := os.WriteFile(file, []byte(renamed(model, name, n)), 0o644); err != nil {
			return "", nil, err
		}
		overlay["catalog/apps/"+name+"/app.hcl"] = file
		if model.Name == "whoami" {
			installable = append(installable, name)
		}
	}
	if made, problems := catalog.LintPath(dir); problems.Err() != nil || len(made.Entries()) != len(names) {
		return "", nil, fmt.Errorf("the generated catalog: %w", problems.Err())
	}
	b.say("build dcloud with a catalog of %d entries", storeEntries)
	bin, err = cloudtest.Build(ctx, b.dir, "dcloud-store", "v0.0.1-bench", overlay)
	return bin, installable, err
}

var (
	entryName = regexp.MustCompile(`^[a-z][a-z0-9]{2,20}$`)
	entryHead = regexp.MustCompile(`(?m)^  (title|tagline|category) *= *".*"$`)
)

// brandNames are names of things that there are, for which the panel has icons.
func brandNames(top string, count int, taken map[string]bool) ([]string, error) {
	text, err := os.ReadFile(filepath.Join(top, "ui", "assets", "dist", "brands.idx"))
	if err != nil {
		return nil, fmt.Errorf("%w; make them with: make assets", err)
	}
	var all []string
	for line := range strings.Lines(string(text)) {
		if name, _, _ := strings.Cut(line, " "); entryName.MatchString(name) && !taken[name] && name != "panel" {
			all = append(all, name)
		}
	}
	if len(all) < count {
		return nil, fmt.Errorf("%d icons have names for %d entries", len(all), count)
	}
	names := make([]string, count)
	for n := range names {
		names[n] = all[n*len(all)/count] // from all over the alphabet
	}
	return names, nil
}

// renamed is an entry under another name, on another shelf.
func renamed(model *catalog.App, name string, n int) string {
	title := strings.ToUpper(name[:1]) + name[1:]
	text := strings.Replace(string(model.Text), fmt.Sprintf("app %q", model.Name), fmt.Sprintf("app %q", name), 1)
	return entryHead.ReplaceAllStringFunc(text, func(line string) string {
		switch key := strings.Fields(line)[0]; key {
		case "title":
			return fmt.Sprintf("  title = %q", title)
		case "tagline":
			return fmt.Sprintf("  tagline = %q", taglines[n%len(taglines)])
		default:
			return fmt.Sprintf("  %s = %q", key, catalog.Categories[n%len(catalog.Categories)])
		}
	})
}
