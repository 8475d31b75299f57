package catalog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
)

// manifestName is the file that makes a folder an entry.
const manifestName = "app.hcl"

// LoadFS reads the entries in a folder: NAME/app.hcl for each. Files beside the
// folders, and folders whose names start with a dot or an underscore, are not
// looked at. A broken entry is told and left out; the others are there.
func LoadFS(fsys fs.FS, dir string) (*Catalog, Problems) {
	return loadFolder(fsys, dir, dir)
}

// loadFolder reads dir; shown is how messages name it.
func loadFolder(fsys fs.FS, dir, shown string) (*Catalog, Problems) {
	items, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return newCatalog(nil), Problems{{File: shown, Message: "cannot be read: " + reason(err)}}
	}
	var names []string
	var problems Problems
	for _, item := range items {
		switch {
		case strings.HasPrefix(item.Name(), ".") || strings.HasPrefix(item.Name(), "_"):
		case item.Type()&fs.ModeSymlink != 0:
			problems = append(problems, Problem{File: path.Join(shown, item.Name()), Message: "is a symbolic link, which is not followed"})
		case item.IsDir():
			names = append(names, item.Name())
		}
	}
	apps, found := loadAll(fsys, dir, shown, names)
	return newCatalog(apps), append(problems, found...)
}

// loadAll reads entries, as many at a time as there are processors.
func loadAll(fsys fs.FS, dir, shown string, names []string) ([]*App, Problems) {
	apps := make([]*App, len(names))
	problems := make([]Problems, len(names))
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(names)) {
		workers.Go(func() {
			for i := range next {
				apps[i], problems[i] = loadEntry(fsys, path.Join(dir, names[i]), path.Join(shown, names[i]), names[i])
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	workers.Wait()
	var good []*App
	var all Problems
	for i := range names {
		all = append(all, problems[i]...)
		if apps[i] != nil {
			good = append(good, apps[i])
		}
	}
	return good, all
}

// loadEntry reads one entry's folder, whose name must be the app's.
func loadEntry(fsys fs.FS, dir, shown, name string) (*App, Problems) {
	file := path.Join(shown, manifestName)
	text, problems := readManifest(fsys, path.Join(dir, manifestName), file)
	if problems != nil {
		return nil, problems
	}
	return checkNamed(file, text, name)
}

// checkNamed checks a manifest that stands in a folder of that name.
func checkNamed(file string, text []byte, name string) (*App, Problems) {
	app, problems := read(file, text)
	if app == nil {
		return nil, problems
	}
	problems = append(problems, Lint(app)...)
	if app.Name != name {
		where := app.at["app"]
		problems = append(problems, Problem{File: file, Line: where.line, Column: where.column,
			Message: fmt.Sprintf("app %s stands in the folder %s: the names must be the same", quoted(app.Name), quoted(name))})
	}
	problems = problems.tidy()
	if problems.Err() != nil {
		return nil, problems
	}
	// Where things stand is for complaints, which have been made: a third of what an entry
	// takes in memory, of which an agent holds hundreds.
	app.at, app.references = nil, nil
	return app, problems
}

// readManifest reads no more of a file than a manifest may have.
func readManifest(fsys fs.FS, name, shown string) ([]byte, Problems) {
	fail := func(message string) ([]byte, Problems) { return nil, Problems{{File: shown, Message: message}} }
	info, err := fs.Stat(fsys, name)
	if err == nil && !info.Mode().IsRegular() {
		return fail("is not a regular file") // a pipe would make us wait for ever
	}
	f, err := fsys.Open(name)
	if err != nil {
		return fail("cannot be read: " + reason(err))
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return fail("cannot be read: " + reason(err))
	}
	return text, nil
}

// LintPath reads a manifest, the folder of one entry, or a folder of entries, as
// `dcloud catalog lint PATH` is given it. Links that lead out of the folder are not
// followed. The Catalog holds the entries without errors.
func LintPath(name string) (*Catalog, Problems) {
	fail := func(message string) (*Catalog, Problems) {
		return newCatalog(nil), Problems{{File: name, Message: message}}
	}
	info, err := os.Stat(name)
	if err != nil {
		return fail("cannot be read: " + reason(err))
	}
	folder, file := name, ""
	if !info.IsDir() {
		folder, file = filepath.Split(name)
	}
	root, err := os.OpenRoot(filepath.Clean(folder))
	if err != nil {
		return fail("cannot be read: " + reason(err))
	}
	defer root.Close()
	fsys := root.FS()
	if file == "" {
		if _, err := fs.Lstat(fsys, manifestName); err != nil {
			return loadFolder(fsys, ".", filepath.ToSlash(name))
		}
		file, name = manifestName, filepath.Join(name, manifestName)
	}
	text, problems := readManifest(fsys, file, name)
	if problems != nil {
		return newCatalog(nil), problems
	}
	var app *App
	if full, err := filepath.Abs(name); err == nil && file == manifestName {
		app, problems = checkNamed(name, text, filepath.Base(filepath.Dir(full)))
	} else {
		app, problems = Check(name, text) // a draft, wherever it lies
	}
	if app == nil {
		return newCatalog(nil), problems
	}
	return newCatalog([]*App{app}), problems
}

// reason is the error without the path, which the problem names already.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	return err.Error()
}
