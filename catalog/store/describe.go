package store

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// describe fills in what people read of the app, from where the format says it.
func (im *importer) describe(taken map[string]bool) {
	im.dotEnv()
	switch im.format {
	case CasaOS:
		im.describeCasaOS(taken)
	case Coolify:
		im.describeCoolify()
	case Runtipi:
		im.describeRuntipi(taken)
	case Umbrel:
		im.describeUmbrel(taken)
	default:
		im.describeCompose()
	}
	im.fillIn()
}

// describeCompose has little to go by: a compose file says nothing of the app.
func (im *importer) describeCompose() {
	if x := im.top.get("x-casaos"); x != nil {
		im.top.ignore("x-casaos")
	}
	im.note(Info, "", "description", "a compose file has none: write a title, a tagline and a category before you share the entry")
}

// dotEnv reads the file .env beside the manifest: what Compose takes variables from.
func (im *importer) dotEnv() {
	f, ok := im.src.beside[".env"]
	if !ok || len(f.Bytes) > maxFileSize {
		return
	}
	for _, p := range parseEnvFile(string(f.Bytes)) {
		if catalog.AsksForSecret(p.key) || p.value == "" {
			continue // asked for, or made
		}
		im.vars[p.key] = variableValue{text: expand(p.value, im.lookup), set: true}
	}
}

// fillIn gives what every entry needs and the manifest did not say.
func (im *importer) fillIn() {
	a := im.app
	if a.title == "" {
		a.title = titleOf(strings.ReplaceAll(im.src.name, "-", "_"))
	}
	a.title = oneLine(a.title, 100)
	if a.tagline = strings.TrimRight(oneLine(a.tagline, 200), ". "); a.tagline == "" {
		a.tagline = a.title + ", imported from a manifest of the form " + im.format
	}
	a.description = strings.TrimSpace(clean(a.description))
	if len(a.description) > 8<<10 {
		a.description = oneLine(a.description, 8<<10)
	}
	if a.notes = strings.TrimSpace(clean(a.notes)); len(a.notes) > 8<<10 {
		a.notes = oneLine(a.notes, 8<<10)
	}
	if a.category = shelf(a.category); !slices.Contains(catalog.Categories, a.category) {
		a.category = "tools"
	}
	a.version = oneLine(a.version, 64)
	a.source = address(a.source)
	if a.website = address(a.website); a.website == "" {
		a.website = a.source
	}
	a.license = oneLine(a.license, 200)
	a.defaultUser = oneLine(a.defaultUser, 200)
	var shots []string
	for _, s := range distinctStrings(a.screenshots) {
		if u := address(s); u != "" && len(shots) < 20 {
			shots = append(shots, u)
		}
	}
	a.screenshots = shots
}

// fromImage fills in, from the main service's image, what the manifest did not say.
func (im *importer) fromImage() {
	a := im.app
	if a.version == "" {
		a.version = im.versionOfImage()
	}
	if a.website != "" {
		return
	}
	name, _, _, _ := reference(a.services[0].image)
	registry, rest, _ := strings.Cut(name, "/")
	switch {
	case strings.HasPrefix(name, "docker.io/library/"):
		a.website = "https://hub.docker.com/_/" + strings.TrimPrefix(rest, "library/")
	case registry == "docker.io":
		a.website = "https://hub.docker.com/r/" + rest
	case registry == "ghcr.io" && strings.Count(rest, "/") > 0:
		parts := strings.SplitN(rest, "/", 3)
		a.website = "https://github.com/" + parts[0] + "/" + parts[1]
	default:
		a.website = "https://" + name
	}
}

// versionOfImage is the tag of the main service's image, for a manifest that tells
// no version of the app.
func (im *importer) versionOfImage() string {
	_, tag, digest, _ := reference(im.app.services[0].image)
	return oneLine(first(tag, first(shortDigest(digest), "0")), 64)
}

func shortDigest(digest string) string {
	digest = strings.TrimPrefix(digest, "sha256:")
	return digest[:min(12, len(digest))]
}

// address is an http or https URL that catalog takes, "" for anything else.
func address(s string) string {
	s = strings.TrimSpace(clean(s))
	if s != "" && !strings.Contains(s, "://") && regexp.MustCompile(`^[a-z0-9.-]+\.[a-z]{2,}(/|$)`).MatchString(s) {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || len(s) > 2000 || strings.ContainsAny(s, " \n\t") {
		return ""
	}
	return s
}

// shelves are the categories of other stores, in small letters, by ours.
var shelves = map[string][]string{
	"ai":            {"ai", "ai / ml", "machine learning", "llm", "artificial intelligence"},
	"automation":    {"automation", "workflow", "workflows", "no-code", "low-code", "lowcode"},
	"backup":        {"backup", "backups", "sync"},
	"business":      {"business", "crm", "erp", "cms-erp", "ecommerce", "e-commerce", "helpdesk", "invoicing", "project management", "support", "marketing"},
	"communication": {"communication", "communications", "chat", "messaging", "mail", "email"},
	"development":   {"development", "developer", "developer tools", "devtools", "dev", "git", "ci", "databases", "database", "api", "backend", "programming"},
	"files":         {"files", "storage", "file", "cloud", "file sharing", "file-management", "data"},
	"finance":       {"finance", "bitcoin", "crypto", "budgeting", "accounting", "money"},
	"games":         {"games", "gaming", "game", "game servers"},
	"health":        {"health", "fitness"},
	"home":          {"home", "home automation", "smart home", "homeautomation", "automation & home", "home & automation", "iot"},
	"media":         {"media", "entertainment", "music", "video", "streaming", "downloader", "media server"},
	"monitoring":    {"monitoring", "analytics", "observability", "metrics", "logging"},
	"network":       {"network", "networking", "vpn", "dns", "proxy", "downloader & network"},
	"notes":         {"notes", "documentation", "wiki", "knowledge", "knowledge base"},
	"office":        {"office", "productivity", "documents", "utilities & productivity"},
	"passwords":     {"passwords", "password manager"},
	"photos":        {"photos", "photography", "gallery"},
	"reading":       {"reading", "books", "rss", "news", "ebooks"},
	"search":        {"search"},
	"security":      {"security", "privacy", "authentication", "auth", "identity"},
	"social":        {"social", "social media", "community", "forum"},
	"tools":         {"tools", "utilities", "utility", "featured", "others", "other", "customization", "misc"},
	"web":           {"web", "cms", "website", "websites", "blog", "blogging", "web development"},
}

func shelf(theirs string) string {
	theirs = strings.ToLower(strings.TrimSpace(theirs))
	for ours, names := range shelves {
		if slices.Contains(names, theirs) {
			return ours
		}
	}
	return theirs
}

// localised is a text, or the English one of a map by language.
func localised(n *node) string {
	if n == nil || n.kind != mapping {
		return n.text()
	}
	v := viewOf(n)
	for _, lang := range []string{"en_US", "en_us", "en-US", "en_GB", "en", "custom"} {
		if s := v.text(lang); strings.TrimSpace(s) != "" {
			return s
		}
	}
	for _, item := range n.items {
		if s := item.text(); strings.TrimSpace(s) != "" {
			return s
		}
	}
	return ""
}

// named gives the app a better name than its folder's.
func (im *importer) named(name string, taken map[string]bool) {
	if name = appName(name); name != im.app.name && name != "app" {
		im.app.name = distinctName(name, taken)
	}
}

// paragraph is the first part of a long text: what an app's page has room for.
func paragraph(s string) string {
	s = strings.TrimSpace(clean(s))
	if first, _, ok := strings.Cut(s, "\n\n"); ok && len(first) > 80 {
		s = first
	}
	return strings.Join(strings.Fields(s), " ")
}

// pictures are screenshots that are addresses.
func pictures(n *node) []string {
	var out []string
	for _, item := range n.list() {
		if s := item.text(); strings.Contains(s, "://") {
			out = append(out, s)
		}
	}
	return out
}
