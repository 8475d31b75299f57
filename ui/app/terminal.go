package app

import (
	"net/url"
	"slices"

	"github.com/dentropy/dcloud/ui/web"
)

// terminalPage is a shell in one of an app's containers.
type terminalPage struct {
	Frame    *frame
	Services []string
	Service  string
	Socket   string // where terminal.ts connects
}

// terminal shows a terminal. Its page keeps the panel's policy whole: terminal.ts
// gives xterm's styles to the browser as objects, not as inline text.
func terminal(c *web.Ctx) error {
	f, err := enter(c, "terminal")
	if err != nil {
		return err
	}
	page := terminalPage{Frame: f, Services: services(f), Service: c.Query("service")}
	if !slices.Contains(page.Services, page.Service) {
		page.Service = ""
		if len(f.Detail.Services) > 0 {
			page.Service = f.Detail.Services[0].Name
		}
	}
	page.Socket = at(f.Name, "/terminal/socket?service="+url.QueryEscape(page.Service))
	return c.Page(pages, "terminal.html", page)
}
