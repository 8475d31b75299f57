package ui

import (
	"context"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

// texts are all strings in a value.
func texts(v reflect.Value, out *[]string) {
	switch v.Kind() {
	case reflect.String:
		if v.Len() > 0 {
			*out = append(*out, v.String())
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			texts(v.Elem(), out)
		}
	case reflect.Slice, reflect.Array:
		for k := range v.Len() {
			texts(v.Index(k), out)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			texts(k, out)
			texts(v.MapIndex(k), out)
		}
	case reflect.Struct:
		for k := range v.NumField() {
			if v.Type().Field(k).IsExported() {
				texts(v.Field(k), out)
			}
		}
	}
}

// colours are how a program asks a terminal for them.
var colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)

// data is all that the sample says, which no page translates.
func data(t *testing.T, c *sample.Cloud, who *sample.Accounts) func(string) bool {
	ctx := agent.WithRole(agent.WithActor(context.Background(), "owner"), agent.RoleOwner)
	var all []string
	add := func(v any, err error) {
		if err != nil {
			t.Error(err)
		}
		if v != nil {
			texts(reflect.ValueOf(v), &all)
		}
	}
	apps, err := c.Apps(ctx)
	add(apps, err)
	for _, a := range apps {
		add(c.App(ctx, a.Name))
		add(c.Config(ctx, a.Name))
		add(c.Job(ctx, a.Name))
		add(c.Override(ctx, a.Name))
		add(nil, c.Logs(ctx, a.Name, agent.LogOptions{}, func(l agent.LogLine) error { add(l, nil); return nil }))
	}
	entries, err := c.Catalog(ctx, "")
	add(entries, err)
	for _, e := range entries {
		add(c.Entry(ctx, e.Name))
	}
	nodes, err := c.Nodes(ctx)
	add(nodes, err)
	for _, n := range nodes {
		add(c.NodePlan(ctx, n.Name))
	}
	stores, err := c.Stores(ctx)
	add(stores, err)
	for _, s := range stores {
		add(c.Store(ctx, s.Name))
	}
	add(c.Status(ctx))
	add(c.Pending(ctx))
	add(c.Settings(ctx))
	add(c.Users(ctx))
	add(c.Activity(ctx, agent.ActivityQuery{Limit: 500}))
	add(who.Sessions(ctx, "owner"))
	// What an install would do, and why it cannot be done as it is.
	for _, entry := range []string{"casaos/jellyfin", "nextcloud"} {
		p, _ := c.Plan(ctx, agent.InstallRequest{Entry: entry, Name: "another"})
		add(p, nil)
	}
	plan, err := c.Plan(ctx, agent.InstallRequest{Entry: "gitea", Name: "gitea-2"})
	add(plan, nil)
	add(agent.AsError(err), nil)
	all = append(all, "gitea-2", "jellyfin-2")
	for k, s := range all {
		all[k] = strings.ToLower(strings.Join(strings.Fields(colours.ReplaceAllString(s, "")), " "))
	}
	return func(piece string) bool {
		piece = strings.ToLower(piece)
		for _, s := range all {
			if strings.Contains(s, piece) && (len(piece) > 3 || s == piece) {
				return true
			}
		}
		return false
	}
}

// names are words that are the same in every language.
var names = []string{"Dentropy Cloud", "dcloud", "English", "ntfy", "SMTP", "URL", "QR", "TOTP", "CPU", "CasaOS", "Coolify", "Runtipi", "Umbrel", "Docker Compose", "consul", "nomad", "traefik",
	"Safari on iPhone", // a name made of names, by ui/settings
}

// dates are formatted, not translated: a language brings its own form.
var dates = regexp.MustCompile(`\b(UTC|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December)\b|[0-9:.-]+|[a-z]+://\S+|[a-z.]+\.[a-z]+`)

// TestEveryTextOfEveryPageCanBeTranslated renders all pages in a language that marks
// what it translates, and looks for what is left.
func TestEveryTextOfEveryPageCanBeTranslated(t *testing.T) {
	d := newDesk(t, webtest.Pseudo)
	cloud := sample.New()
	ofSample := data(t, cloud, cloud.Accounts())
	known := func(piece string) bool {
		for _, n := range names {
			piece = strings.TrimSpace(strings.ReplaceAll(piece, n, ""))
		}
		// One letter is a person's picture.
		return utf8.RuneCountInString(strings.TrimSpace(dates.ReplaceAllString(piece, ""))) <= 1 || ofSample(piece)
	}
	seen := map[string]bool{}
	for _, r := range append(Routes(), web.Route{Method: "GET", Path: "/nowhere"}) {
		if r.Method != http.MethodGet || r.Stream {
			continue
		}
		targets := []string{there(r.Path)}
		switch r.Path {
		case "/apps/:name":
			for _, app := range []string{"gitea", "jellyfin", "nextcloud", "whoami", "no-such-app"} {
				targets = append(targets, "/apps/"+app)
			}
		case "/store":
			targets = append(targets, "/store?store=casaos", "/store?store=-&q=zzz")
		case "/apps/:name/override":
			targets = append(targets, "/apps/files/override", "/apps/syncthing/override", "/apps/miniflux/override?example=1")
		case "/apps/:name/advanced":
			targets = append(targets, "/apps/syncthing/advanced")
		case "/settings/stores/:store":
			targets = append(targets, "/settings/stores/umbrel")
		case "/machines/:name":
			targets = append(targets, "/machines/pi1", "/machines/pi2", "/machines/no-such-machine")
		}
		for _, target := range targets {
			w := d.do(r, d.accounts.Token("owner", true), target, "")
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
				continue
			}
			if !strings.Contains(w.Body.String(), "⟦") {
				t.Errorf("%s has no text at all: %d", target, w.Code)
			}
			for _, text := range webtest.Untranslated(w.Body.String(), known) {
				if !seen[text] {
					seen[text] = true
					t.Errorf("%s: %q would not be translated", target, text)
				}
			}
		}
	}
}
