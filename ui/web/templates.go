package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/assets"
)

// base holds the frame of all pages (layout.html) and the parts that several use.
//
//go:embed base/*.html
var base embed.FS

// View is the dot of a template: what all know, and D, which is the page's own.
type View struct {
	*Ctx
	D any
}

// Part is the dot of a part with data of its own: {{template "tile" (part $ .)}}.
func (v View) part(d any) View { return View{v.Ctx, d} }

var functions = template.FuncMap{
	"part":  func(v View, d any) View { return v.part(d) },
	"dict":  dict,
	"asset": assets.URL,
	// What the parts in base are drawn with.
	"iconURL": iconURL, "iconSize": iconSize, "build": assets.Build, "built": assets.Built,
	"meter": meterOf, "ring": ringOf, "spark": sparkOf, "qr": qrOf,
	"lower": strings.ToLower,
	"add":   func(a, b int) int { return a + b },
}

// dict makes a map of pairs for a part that takes several things.
func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for k := 0; k+1 < len(pairs); k += 2 {
		name, ok := pairs[k].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[k])
		}
		m[name] = pairs[k+1]
	}
	return m, nil
}

// Templates are a package's pages by the name of their file, "home.html". A page
// defines "title" and "main"; files that begin with _ hold parts, which all pages of
// the package may use, as they may those of base.
type Templates map[string]*template.Template

// MustParse parses the *.html files of a package, and panics where one is broken: a
// package calls it for a variable, so that no program starts with a broken page.
func MustParse(files fs.FS) Templates {
	shared := template.Must(template.New("").Funcs(functions).ParseFS(base, "base/*.html"))
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		panic(err)
	}
	var parts, pages []string
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			parts = append(parts, name)
		} else {
			pages = append(pages, name)
		}
	}
	if len(parts) > 0 {
		template.Must(shared.ParseFS(files, parts...))
	}
	out := Templates{}
	for _, name := range pages {
		page := template.Must(shared.Clone())
		out[name] = template.Must(page.ParseFS(files, name))
	}
	out[""] = shared
	return out
}

// Page answers with a whole page.
func (c *Ctx) Page(t Templates, name string, d any) error { return c.PageAs(http.StatusOK, t, name, d) }

// PageAs answers with a page and a status: 422 for a form that was refused.
func (c *Ctx) PageAs(status int, t Templates, name string, d any) error {
	page, ok := t[name]
	if !ok {
		return fmt.Errorf("there is no page %s", name)
	}
	return c.render(status, page, "layout", d)
}

// Part answers with a part alone, for a script that puts it into a page.
func (c *Ctx) Part(t Templates, part string, d any) error {
	return c.render(http.StatusOK, t[""], part, d)
}

// PartText renders a part to text.
func (c *Ctx) PartText(t Templates, part string, d any) (string, error) {
	var b strings.Builder
	if err := t[""].ExecuteTemplate(&b, part, View{c, d}); err != nil {
		return "", fmt.Errorf("render %s: %w", part, err)
	}
	return b.String(), nil
}

// render writes only what was rendered whole.
func (c *Ctx) render(status int, t *template.Template, name string, d any) error {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, View{c, d}); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	return c.Echo.HTMLBlob(status, b.Bytes())
}

// refusalPage is what a person sees in place of a page.
type refusalPage struct {
	Status int
	Error  *agent.Error
	Back   string // the page whose form it was, "" for none
	Again  string // the page itself, where it may be there in a moment
}
