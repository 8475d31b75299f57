package store

import (
	"net/url"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// leaf is the page of one entry.
type leaf struct {
	Entry      agent.Entry
	Foreign    foreign
	Pill       pill
	Paragraphs []string
	Shelf      string // the category in words
	Trust      trust
	Cover      []shape
	Pictures   []string // links to screenshots: the panel loads nothing from elsewhere
	Website    string   // "" where it is no web address
	Source     string
	Data       []kept
	Installed  []agent.App
	Another    bool // it is installed, and may be once more
	Stuck      bool // it fits on no machine
}

func entryPage(c *web.Ctx) error {
	e, err := c.Cloud.Entry(c.Context(), nameOf(c))
	if err != nil {
		return err
	}
	return showEntry(c, e)
}

func showEntry(c *web.Ctx, e agent.Entry) error {
	s := c.State()
	there := installedAs(e.Name, s)
	return c.Page(pages, "entry.html", leaf{
		Entry: e, Foreign: foreignOf(e), Pill: pillOf(e, s, c.Session.Role), Paragraphs: paragraphs(e.Description), Shelf: c.T(shelfOf(e.Category)),
		Trust: trustOf(e, c.T), Cover: cover(e.Name), Pictures: webLinks(e.Screenshots),
		Website: webLink(e.Website), Source: webLink(e.Source), Data: keptOf(e.Data),
		Installed: there, Another: len(there) > 0 && len(e.Fits) > 0 && c.May(agent.ActInstall),
		Stuck: len(e.Fits) == 0,
	})
}

// paragraphs splits a text where it has empty lines.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// webLink is a link, or "" for what leads nowhere on the web.
func webLink(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return link
}

// Short is a link as people say it: "example.org/app".
func (leaf) Short(link string) string {
	_, rest, _ := strings.Cut(link, "://")
	return strings.TrimSuffix(strings.TrimPrefix(rest, "www."), "/")
}

func webLinks(links []string) []string {
	var out []string
	for _, l := range links {
		if l = webLink(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// kept is something that stays when an app is started anew.
type kept struct{ What, Path string }

// kinds of what is kept, in words.
var kinds = map[string]string{
	"data": "Its data", "database": "Its database", "cache": "What it can make anew", "media": "Your files",
}

// keptOf reads "media: /media".
func keptOf(data []string) []kept {
	var out []kept
	for _, d := range data {
		kind, path, ok := strings.Cut(d, ": ")
		if what, known := kinds[kind]; ok && known {
			out = append(out, kept{what, path})
		} else {
			out = append(out, kept{"Its data", d})
		}
	}
	return out
}
