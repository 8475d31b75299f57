// Package store turns other people's app manifests into catalog entries: Docker
// Compose files, and the stores of CasaOS, Coolify, Runtipi and Umbrel.
//
// It is pure: bytes in, entries and notes out; no network, no disk, no clock.
// It depends on catalog and on a YAML parser. Start reading at Import, then at
// importer (importer.go), then at convert (convert.go), which all formats share;
// what is special to one stands in the file of its name.
package store

import (
	"fmt"
	"path"
	"slices"

	"github.com/dentropy/dcloud/catalog"
)

// Limits of an import. Real stores stay far below them.
const (
	maxFileSize = 1 << 20 // bytes of one manifest
	maxApps     = 5000    // of one import
	maxName     = 40      // of what catalog names; the same as there
)

// The formats, by the name that --from takes.
const (
	Compose = "compose"
	CasaOS  = "casaos"
	Coolify = "coolify"
	Runtipi = "runtipi"
	Umbrel  = "umbrel"
)

// Formats are all of them.
var Formats = []string{Compose, CasaOS, Coolify, Runtipi, Umbrel}

// File is one file of a store. Its path has forward slashes and is relative to
// what was given: "Apps/Jellyfin/docker-compose.yml".
type File struct {
	Path  string
	Bytes []byte
}

// Files are a store's files, or one app's, sorted by path.
type Files []File

// Result is what came of one app of a store.
type Result struct {
	Name   string       // of the entry; where it was refused, the name that it would have had
	Source string       // path of the manifest
	Entry  []byte       // app.hcl, nil if it was refused
	App    *catalog.App // what Entry says, as catalog.Check read it
	Notes  []Note       // sorted by kind, the gravest first, then as they were found
	Err    *Refusal     // why there is no entry
}

// Kind says what a Note is about.
type Kind string

// The kinds of notes, the gravest first.
const (
	Risky   Kind = "risky"   // something will not work as it did, or needs a look
	Dropped Kind = "dropped" // it is not in the entry
	Changed Kind = "changed" // it is in the entry in another way
	Info    Kind = "info"    // good to know
)

// Kinds are all of them, the gravest first.
var Kinds = []Kind{Risky, Dropped, Changed, Info}

// Note is one thing that is not in the entry as it was in the manifest.
type Note struct {
	Kind    Kind   `json:"kind"`
	Service string `json:"service,omitempty"` // "" for the app
	What    string `json:"what"`              // "privileged mode"
	Why     string `json:"why"`               // what was done and what follows, without a full stop
}

// String is one sentence: "privileged mode of web: …".
func (n Note) String() string {
	if n.Service == "" {
		return n.What + ": " + n.Why
	}
	return n.What + " of " + n.Service + ": " + n.Why
}

// Refusal is why an app is not imported, in words for a person.
type Refusal struct {
	Message string
	Hint    string // what can be done about it
	Line    int    // in the manifest, 0 if it is about the whole
	// Unsound says that the entry which came of the manifest did not pass the
	// catalog's rules: a gap of the importer, not of the manifest.
	Unsound bool
}

func (r *Refusal) Error() string {
	if r.Line > 0 {
		return fmt.Sprintf("line %d: %s", r.Line, r.Message)
	}
	return r.Message
}

func refusal(hint, format string, args ...any) *Refusal {
	return &Refusal{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Import converts every app among the files, which are in one of the Formats; any
// other gives one refused Result. The results are sorted by name, and no two have
// the same. It never panics, and its time and memory are bounded by the size of
// the files.
func Import(format string, files Files) []Result {
	if !slices.Contains(Formats, format) {
		return []Result{{Err: refusal("take compose, casaos, coolify, runtipi or umbrel", "%q is not a format", format)}}
	}
	sources := split(format, files)
	var results []Result
	if len(sources) > maxApps {
		results = append(results, Result{Source: sources[maxApps].manifest.Path,
			Err: refusal("import a part of the store", "there are %d apps; %d are imported at once", len(sources), maxApps)})
		sources = sources[:maxApps]
	}
	taken := map[string]bool{}
	for _, src := range sources {
		r := importOne(format, src, taken)
		taken[r.Name] = true
		results = append(results, r)
	}
	slices.SortStableFunc(results, func(a, b Result) int { return compare(a.Name, b.Name) })
	return results
}

// importOne converts one app. A panic of a library, of which none is known, is
// this app's refusal and not the end of the others.
func importOne(format string, src source, taken map[string]bool) (r Result) {
	r = Result{Name: distinctName(appName(src.name), taken), Source: src.manifest.Path}
	defer func() {
		if p := recover(); p != nil {
			r.Entry, r.App = nil, nil
			r.Err = &Refusal{Message: "the manifest cannot be read: it holds something that nobody thought of",
				Hint: "tell us, with the file " + path.Base(r.Source), Unsound: true}
		}
	}()
	im := newImporter(format, src, r.Name)
	r.Entry, r.App, r.Err = im.run(taken)
	r.Name, r.Notes = im.app.name, im.sortedNotes()
	return r
}

// compare orders names.
func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
