package control

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/stores"
	"github.com/dentropy/dcloud/catalog"
	catalogstore "github.com/dentropy/dcloud/catalog/store"
)

// manifestName is what an entry of our own form is called in its folder.
const manifestName = "app.hcl"

// maxItemNotes bounds how many notes of one app are kept.
const maxItemNotes = 40

// readStore takes the apps of a store over. format is found out where it is "". It fails
// where there is no app at all.
func readStore(format string, files []stores.File) (string, []item, error) {
	if format == "" {
		format = formatOf(files)
	}
	var items []item
	if format == agent.StoreDcloud {
		items = ownItems(files)
	} else if format != "" {
		items = importedItems(format, files)
	}
	if len(items) == 0 {
		return format, nil, agent.Errorf(agent.CodeFailed, "there is no app in the store%s", inForm(format)).
			WithHint("a store has folders with an app.hcl or a docker-compose.yml each; say which form it has with --format %s", strings.Join(agent.StoreFormats(), "|"))
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(a.Name, b.Name) })
	return format, items, nil
}

func inForm(format string) string {
	if format == "" {
		return ""
	}
	return " in the form of " + format
}

func formatOf(files []stores.File) string {
	if slices.ContainsFunc(files, func(f stores.File) bool { return path.Base(f.Path) == manifestName }) {
		return agent.StoreDcloud
	}
	return catalogstore.Detect(forImport(files))
}

func forImport(files []stores.File) catalogstore.Files {
	out := make(catalogstore.Files, len(files))
	for i, f := range files {
		out[i] = catalogstore.File(f)
	}
	return out
}

// ownItems reads entries of our own form, app.hcl in a folder each.
func ownItems(files []stores.File) []item {
	var items []item
	taken := map[string]bool{}
	for _, f := range files {
		if path.Base(f.Path) != manifestName {
			continue
		}
		folder := path.Base(path.Dir(f.Path))
		it := item{Name: clip(folder, 60)}
		app, problems := catalog.Check(f.Path, f.Bytes)
		switch {
		case app == nil:
			it.Refused = refusedFor(problems)
		case taken[app.Name]:
			it.Refused = fmt.Sprintf("%s: the store has an app called %s already", f.Path, app.Name)
		default:
			taken[app.Name] = true
			it.Name, it.Card, it.Manifest = app.Name, cardOf(app), string(f.Bytes)
			for _, w := range app.Warnings {
				it.Notes = append(it.Notes, agent.StoreNote{Kind: string(catalogstore.Risky), Text: w})
			}
		}
		items = append(items, it)
	}
	return items
}

// refusedFor is the first thing that is wrong with a manifest, and how many there are.
func refusedFor(problems catalog.Problems) string {
	errs := problems.Errors()
	if len(errs) == 0 {
		return "it cannot be read"
	}
	text := clip(errs[0].String(), 300)
	if n := len(errs) - 1; n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return text
}

// importedItems reads entries of other forms.
func importedItems(format string, files []stores.File) []item {
	var items []item
	for _, r := range catalogstore.Import(format, forImport(files)) {
		it := item{Name: cmp.Or(r.Name, path.Base(path.Dir(r.Source)))}
		for _, n := range r.Notes {
			if len(it.Notes) == maxItemNotes {
				it.Notes = append(it.Notes, agent.StoreNote{Kind: string(catalogstore.Info), Text: fmt.Sprintf("and %d more", len(r.Notes)-maxItemNotes)})
				break
			}
			it.Notes = append(it.Notes, agent.StoreNote{Kind: string(n.Kind), Service: n.Service, Text: clip(n.What+": "+n.Why, 400)})
		}
		switch {
		case r.Err != nil:
			it.Refused = clip(r.Err.Error(), 400)
			if r.Err.Hint != "" {
				it.Refused += " (" + clip(r.Err.Hint, 200) + ")"
			}
		case r.App == nil || len(r.Entry) == 0:
			it.Refused = "it cannot be read"
		default:
			it.Card, it.Manifest = cardOf(r.App), string(r.Entry)
		}
		items = append(items, it)
	}
	return items
}

// countItems tells how many items are entries, and how many were refused.
func countItems(items []item) (entries, refused int) {
	for _, it := range items {
		if it.Card != nil {
			entries++
		} else {
			refused++
		}
	}
	return entries, refused
}
