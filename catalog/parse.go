package catalog

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Parse reads a manifest: at most 256 KiB of HCL (github.com/hashicorp/hcl, its
// native syntax) with one block app "name" { … }. It fills in the defaults that
// the comments of App and the types beneath it tell.
//
// Problems are all that is malformed or unsafe, in the order of the file; with
// any, the App is nil. What makes an entry merely bad is for Lint. Parse neither
// panics nor takes long, whatever the text is.
func Parse(filename string, text []byte) (*App, Problems) {
	app, problems := read(filename, text)
	if problems.Err() != nil {
		return nil, problems
	}
	return app, problems
}

// Check parses and lints. The App is nil if there are more than warnings.
func Check(filename string, text []byte) (*App, Problems) {
	app, problems := read(filename, text)
	if app != nil {
		problems = append(problems, Lint(app)...).tidy()
	}
	if problems.Err() != nil {
		return nil, problems
	}
	return app, problems
}

// read returns what it could make of the text, too; nil if that is nothing.
func read(filename string, text []byte) (*App, Problems) {
	if problems := checkText(filename, text); len(problems) > 0 {
		return nil, problems
	}
	file, diags := hclsyntax.ParseConfig(text, filename, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, fromDiagnostics(filename, diags).tidy()
	}
	r := &reader{app: &App{Text: slices.Clone(text), file: filename, at: map[string]position{}}}
	found := false
	body := file.Body.(*hclsyntax.Body)
	r.body(body, "the file", hcl.Range{}, nil, blocks{
		"app": {labelled: true, single: true, read: func(b *hclsyntax.Block) {
			found = true
			r.readApp(b)
		}},
	})
	if !found {
		if len(r.problems) == 0 {
			r.problems = Problems{{File: filename, Line: 1, Column: 1, Message: "there is no app block: write app \"name\" { … }"}}
		}
		return nil, r.problems.tidy()
	}
	r.checkNames()
	r.checkOrder()
	r.checkSockets()
	r.checkShares()
	r.app.references = r.references
	return r.app, r.problems.tidy()
}

func (r *reader) readApp(b *hclsyntax.Block) {
	a := r.app
	r.mark("app", b.TypeRange)
	a.Name = r.label(b, nil, isAppName)
	r.body(b.Body, "app "+quoted(a.Name), b.TypeRange, attributes{
		"title":         r.text("title", &a.Title, 100, present, oneLine),
		"tagline":       r.text("tagline", &a.Tagline, 200, present, oneLine),
		"description":   r.text("description", &a.Description, maxPage),
		"category":      r.text("category", &a.Category, maxName, oneLine),
		"version":       r.text("version", &a.Version, 64, present, oneLine),
		"website":       r.text("website", &a.Website, maxLine, webAddress),
		"source":        r.text("source", &a.Source, maxLine, webAddress),
		"license":       r.text("license", &a.License, 200, present, oneLine),
		"architectures": r.distinct("architectures", &a.Architectures, oneOf(architectures)),
		"default_user":  r.text("default_user", &a.DefaultUser, maxLine, oneLine),
		"notes":         r.text("notes", &a.Notes, maxPage),
		"screenshots":   r.distinct("screenshots", &a.Screenshots, picture),
		"min_memory":    r.number("min_memory", &a.MinMemory, 1, maxMemory),
		"min_disk":      r.number("min_disk", &a.MinDisk, 1, 1<<30),
		"warnings":      r.texts("warnings", &a.Warnings, present, oneLine),
	}, blocks{
		"setting": {labelled: true, read: r.readSetting},
		"secret":  {labelled: true, read: r.readSecret},
		"service": {labelled: true, read: r.readService},
	})
	if n := len(a.Services); n > maxServices {
		r.fail(b.TypeRange, "", "has %d services; %d are allowed", n, maxServices)
	}
	if n := len(a.Settings) + len(a.Secrets); n > maxSettings {
		r.fail(b.TypeRange, "", "has %d settings and secrets; %d are allowed", n, maxSettings)
	}
	switch {
	case len(a.Services) == 0:
		r.fail(b.TypeRange, "", "app %s has no service", quoted(a.Name))
	case !slices.ContainsFunc(a.Services, func(s Service) bool { return !s.Once }):
		r.fail(b.TypeRange, "", "app %s has no service that stays: all of its services run once", quoted(a.Name))
	}
}
