package store

import (
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// categoryNames are the shelves of the catalog in words for readers.
var categoryNames = map[string]string{
	"ai": "Artificial intelligence", "search": "Search", "automation": "Automation", "backup": "Backups", "business": "Business", "communication": "Mail and chat",
	"development": "For developers", "files": "Files", "finance": "Money", "games": "Games", "health": "Health",
	"home": "Smart home", "media": "Music and film", "monitoring": "Watching over things", "network": "Network",
	"notes": "Notes", "office": "Office", "passwords": "Passwords", "photos": "Photos", "reading": "Reading and news",
	"security": "Safety", "social": "Social", "start": "Getting started", "tools": "Tools", "web": "Websites",
}

// shelfOf is a category in words; one that we do not know is shown as it is called.
func shelfOf(category string) string {
	if name, ok := categoryNames[category]; ok {
		return name
	}
	if category == "" {
		return "Other"
	}
	return strings.ToUpper(category[:1]) + category[1:]
}

// category is one chip.
type category struct{ Name, Title string }

// categoriesOf lists the categories that entries are in, by their words.
func categoriesOf(entries []agent.Entry, t func(string, ...any) string) []category {
	seen := map[string]bool{}
	var out []category
	for _, e := range entries {
		if e.Category != "" && !seen[e.Category] {
			seen[e.Category] = true
			out = append(out, category{e.Category, t(shelfOf(e.Category))})
		}
	}
	slices.SortFunc(out, func(a, b category) int { return compareTitles(a.Title, b.Title) })
	return out
}
