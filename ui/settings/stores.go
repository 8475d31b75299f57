package settings

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// storeRoutes are the pages of the stores beside the catalog. To add one and to read one
// anew the cloud fetches it, which takes a while.
func storeRoutes() []web.Route {
	get, post, act := http.MethodGet, http.MethodPost, agent.ActStores
	return []web.Route{
		{Method: get, Path: "/settings/stores", Action: act, Handle: stores},
		{Method: post, Path: "/settings/stores", Action: act, Slow: true, Upload: true, Handle: addStore},
		{Method: get, Path: "/settings/stores/:store", Action: act, Handle: oneStore},
		{Method: post, Path: "/settings/stores/:store/sync", Action: act, Slow: true, Upload: true, Handle: syncStore},
		{Method: post, Path: "/settings/stores/:store/remove", Action: act, Handle: removeStore},
	}
}

// storesPage lists the stores, with the form for one more and what was typed into it.
type storesPage struct {
	Stores  []agent.Store
	URL     web.Field
	Name    web.Field
	Formats []format
	More    bool // something was typed into what is folded away
	Problem *agent.Error
	Most    int // MB of a file
}

// format is a kind of store that can be chosen, in words.
type format struct {
	Value, Title string
	Chosen       bool
}

// formatNames are proper names, but for the last ones.
var formatNames = map[string]string{agent.StoreDcloud: "Dentropy Cloud", agent.StoreCompose: "Docker Compose", agent.StoreCasaOS: "CasaOS",
	agent.StoreCoolify: "Coolify", agent.StoreRuntipi: "Runtipi", agent.StoreUmbrel: "Umbrel"}

func formatName(kind string) string { return cmp.Or(formatNames[kind], kind) }

func storesPageOf(c *web.Ctx, typed agent.StoreAdd) (*storesPage, error) {
	list, err := c.Cloud.Stores(c.Context())
	if err != nil {
		return nil, err
	}
	p := &storesPage{Stores: list, Most: agent.MaxStoreArchive >> 20, More: typed.Name+typed.Format != "",
		URL: web.Field{Name: "url", Label: c.T("Its address"), Type: web.FieldURL, Value: typed.URL, Placeholder: "https://example.org/apps.zip",
			Help: c.T("A git repository, or a .zip or .tar.gz file.")},
		Name: web.Field{Name: "name", Label: c.T("What to call it"), Type: web.FieldPath, Value: typed.Name, Help: c.T("Small letters, digits and hyphens. Made from its address unless you say something else.")},
	}
	for _, f := range agent.StoreFormats() {
		p.Formats = append(p.Formats, format{f, formatName(f), f == typed.Format})
	}
	return p, nil
}

func stores(c *web.Ctx) error {
	p, err := storesPageOf(c, agent.StoreAdd{})
	if err != nil {
		return err
	}
	return c.Page(pages, "stores.html", p)
}

func addStore(c *web.Ctx) error {
	req := agent.StoreAdd{Name: strings.TrimSpace(c.Value("name")), URL: strings.TrimSpace(c.Value("url")), Format: c.Value("format"), Archive: c.File("archive")}
	var problem *agent.Error
	switch {
	case req.URL == "" && len(req.Archive) == 0:
		problem = agent.Errorf(agent.CodeInvalid, "%s", c.T("there is neither an address nor a file")).WithHint("%s", c.T("Give one of them."))
	case req.URL != "" && len(req.Archive) > 0:
		problem = agent.Errorf(agent.CodeInvalid, "%s", c.T("there are both an address and a file")).WithHint("%s", c.T("Give one of them."))
	case req.URL == "" && req.Name == "":
		problem = agent.Errorf(agent.CodeInvalid, "%s", c.T("a store that is sent as a file needs a name")).WithHint("%s", c.T("Say below what to call it."))
	}
	if problem == nil {
		d, err := c.Cloud.AddStore(c.Context(), req)
		if err == nil {
			return c.Done("/settings/stores/"+d.Name, c.T("The store %s is there.", d.Name))
		}
		refused, ok := web.Refused(err)
		if !ok {
			return err
		}
		problem = withoutCommands(refused)
	}
	p, err := storesPageOf(c, req)
	if err != nil {
		return err
	}
	p.Problem, p.More = problem, true
	return c.PageAs(http.StatusUnprocessableEntity, pages, "stores.html", p)
}

// withoutCommands is an error whose hint is of use to who has no command line.
func withoutCommands(e *agent.Error) *agent.Error {
	hint := strings.ReplaceAll(e.Hint, " with --name", "")
	hint, _, _ = strings.Cut(hint, ", or read it anew with: dcloud")
	if strings.Contains(hint, "dcloud ") || strings.Contains(hint, "--") {
		hint = ""
	}
	return e.WithHint("%s", strings.TrimRight(hint, ", "))
}

// mostShown bounds the lists of a store's page: the store itself has all of its apps.
const mostShown = 200

// storePage is one store, and what became of its apps.
type storePage struct {
	Store   agent.StoreDetail
	Format  string
	Refused []agent.StoreApp
	Noted   []noted
	Left    int // that are not listed
	Sent    bool
	Problem *agent.Error
}

// noted is an app that is not quite as its store has it.
type noted struct {
	Name  string
	Notes []agent.StoreNote
	Risky bool
}

func oneStore(c *web.Ctx) error {
	d, err := c.Cloud.Store(c.Context(), c.Param("store"))
	if err != nil {
		return err
	}
	return c.Page(pages, "onestore.html", storePageOf(d, nil))
}

// fromUpload is the source of a store whose files somebody sent.
const fromUpload = "upload"

func storePageOf(d agent.StoreDetail, problem *agent.Error) *storePage {
	p := &storePage{Store: d, Format: formatName(d.Format), Sent: d.Source == fromUpload, Problem: problem}
	for _, a := range d.Apps {
		_, a.Name, _ = strings.Cut(a.Name, "/")
		n := noted{Name: a.Name}
		for _, note := range a.Notes {
			if note.Kind != "info" {
				n.Notes = append(n.Notes, note)
				n.Risky = n.Risky || note.Kind == "risky"
			}
		}
		switch {
		case a.Refused != "" && len(p.Refused) < mostShown:
			p.Refused = append(p.Refused, a)
		case a.Refused == "" && len(n.Notes) > 0 && len(p.Noted) < mostShown:
			p.Noted = append(p.Noted, n)
		case a.Refused != "" || len(n.Notes) > 0:
			p.Left++
		}
	}
	// Those to think about come first.
	slices.SortStableFunc(p.Noted, func(a, b noted) int {
		if a.Risky == b.Risky {
			return 0
		}
		if a.Risky {
			return -1
		}
		return 1
	})
	return p
}

func syncStore(c *web.Ctx) error {
	name := c.Param("store")
	d, err := c.Cloud.SyncStore(c.Context(), name, agent.StoreSync{Archive: c.File("archive")})
	if err == nil {
		return c.Done("/settings/stores/"+d.Name, c.T("%s was read anew.", d.Name))
	}
	refused, ok := web.Refused(err)
	if !ok {
		return err
	}
	if d, err = c.Cloud.Store(c.Context(), name); err != nil {
		return err
	}
	d.Failure = "" // it is what was just refused
	return c.PageAs(http.StatusUnprocessableEntity, pages, "onestore.html", storePageOf(d, withoutCommands(refused)))
}

func removeStore(c *web.Ctx) error {
	name := c.Param("store")
	if err := c.Cloud.RemoveStore(c.Context(), name); err != nil {
		return err
	}
	return c.Done("/settings/stores", c.T("The store %s is gone. Apps that came from it stay.", name))
}
