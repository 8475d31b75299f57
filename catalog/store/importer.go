package store

import (
	"slices"
	"strconv"

	"github.com/dentropy/dcloud/catalog"
)

// importer converts one app.
type importer struct {
	format string
	src    source
	app    *draft
	notes  []Note
	seen   map[Note]bool
	err    *Refusal // the first thing that makes an entry impossible

	top  *view
	vars map[string]variableValue // what the format, its files and its forms say of variables
	// Settings and secrets by what asks for them.
	settings    map[string]*setting // by the manifest's variable
	secrets     map[string]*secret  // by "var NAME", "value TEXT"
	values      map[string]bool     // names of settings and secrets
	optionNotes []Note
	doors       map[string]door // Coolify: pages, by the name in their declaration
	doorsRead   bool
	asSecret    map[string]bool   // Coolify: users that serve as secrets
	arches      []string          // of platform, what all images run on
	hosts       map[string]string // a name on the app's network → the service
}

// variableValue is what is known of a variable before any use of it.
type variableValue struct {
	text text
	set  bool
}

// draft is the entry as it grows.
type draft struct {
	name, title, tagline, description, category, version string
	website, source, license, defaultUser, notes         string
	architectures, screenshots                           []string
	settings                                             []*setting
	secrets                                              []*secret
	services                                             []*service
	// front is what the format says of the web page: a service's key and its port.
	front     string
	frontPort int
	published int // the host's port of it, where the format says that
	scheme    string
}

type setting struct {
	name, title, help, kind string
	fallback                string
	hasDefault              bool
	required, advanced      bool
	choices                 []string
	used                    bool
}

type secret struct {
	name, title    string
	length, bytes  int
	charset        string
	reveal         bool
	before, behind string // what stands around it in a literal: "base64:"
	used           bool
}

func newImporter(format string, src source, name string) *importer {
	return &importer{
		format: format, src: src, app: &draft{name: name, license: "NOASSERTION", scheme: "http"},
		seen: map[Note]bool{}, vars: map[string]variableValue{}, settings: map[string]*setting{},
		doors: map[string]door{}, asSecret: map[string]bool{},
		secrets: map[string]*secret{}, values: map[string]bool{}, hosts: map[string]string{},
	}
}

// run reads the manifest and writes the entry.
func (im *importer) run(taken map[string]bool) ([]byte, *catalog.App, *Refusal) {
	top, r := im.readManifest()
	if r != nil {
		return nil, nil, r
	}
	im.top = viewOf(top)
	if top.kind != mapping {
		return nil, nil, refusal("", "the manifest is not a map with services in it")
	}
	im.describe(taken)
	im.convert()
	if im.err != nil {
		return nil, nil, im.err
	}
	return im.finish()
}

// finish writes the entry and holds it against the catalog's rules.
func (im *importer) finish() ([]byte, *catalog.App, *Refusal) {
	entry := im.write()
	app, problems := catalog.Check("app.hcl", entry)
	if app == nil {
		first := problems.Errors()[0]
		return nil, nil, &Refusal{Message: "the entry that comes of it breaks a rule of the catalog: " + first.Message,
			Hint: "write the entry by hand; docs/catalog-reference.md says how", Unsound: true}
	}
	return entry, app, nil
}

// note tells what is not as it was, once.
func (im *importer) note(kind Kind, service, what, why string) {
	n := Note{Kind: kind, Service: service, What: oneLine(what, 200), Why: oneLine(why, 600)}
	if !im.seen[n] {
		im.seen[n] = true
		im.notes = append(im.notes, n)
	}
}

// refuse ends the import; the first reason is the one that is told.
func (im *importer) refuse(r *Refusal) {
	if im.err == nil {
		im.err = r
	}
}

func (im *importer) sortedNotes() []Note {
	notes := slices.Clone(im.notes)
	slices.SortStableFunc(notes, func(a, b Note) int {
		return slices.Index(Kinds, a.Kind) - slices.Index(Kinds, b.Kind)
	})
	return notes
}

// leftovers notes what nobody read of a map.
func (im *importer) leftovers(v *view, service, where string) {
	for _, key := range v.left() {
		if where != "" {
			key = where + "." + key
		}
		im.note(Dropped, service, short(key), "the importer does not know this key; see whether the app needs it")
	}
}

// readManifest reads what says what runs.
func (im *importer) readManifest() (*node, *Refusal) {
	top, r := readYAML(im.src.manifest.Bytes)
	if r != nil {
		return nil, r
	}
	if im.format == Runtipi {
		return im.readRuntipi(top)
	}
	return top, nil
}

// number reads a whole number that a text is, 0 if it is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}
