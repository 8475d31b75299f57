package dcloud_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/dentropy/dcloud"

// maxLines is how long a file may be. A file that is longer holds two things.
const maxLines = 400

// A rule forbids the packages below one folder to import some others.
type rule struct {
	in     string   // a folder and all below it; "" for all
	except []string // folders that the rule leaves out
	forbid []string // import paths, and all below them; "./X" is a folder of ours
	but    []string // imports that are allowed all the same
	why    string
}

var rules = []rule{
	{in: "catalog", forbid: []string{"./"}, but: []string{"./catalog"},
		why: "an entry is read and checked without knowing what will run it"},
	{in: "catalog", forbid: []string{"net", "net/http", "os/exec"}, but: []string{"net/url", "net/netip", "net/mail"},
		why: "reading an entry touches nothing but the entry, so hostile input stays harmless"},
	{in: "jobs", forbid: []string{"./"}, but: []string{"./jobs", "./catalog"},
		why: "a job is a pure function of the entry, the intent and the facts of the pool"},
	{in: "jobs", forbid: []string{"net/http", "os/exec", "math/rand", "crypto/rand"},
		why: "the same input must give the same job, with no network and no randomness"},
	{in: "provisioning", forbid: []string{"./agent", "./jobs", "./ui", "./cmd"},
		why: "a machine is set up before there is an agent on it"},
	{in: "agent/api", forbid: []string{"./"}, but: []string{"./agent/api", "./agent"},
		why: "the API knows the control service only by the interface that it declares"},
	{in: "agent", forbid: []string{"./cmd", "./ui"},
		why: "the agent is beneath the command line and the panel"},
	{in: "agent/people", forbid: []string{"./"}, but: []string{"./agent/people", "./agent"},
		why: "accounts are kept in a store that is handed in, and reach nothing else"},
	{in: "agent/stores", forbid: []string{"./"}, but: []string{"./agent/stores", "./agent"},
		why: "what fetches and unpacks the files of strangers reaches nothing else"},
	{in: "agent/notify", forbid: []string{"./"}, but: []string{"./agent/notify", "./agent"},
		why: "a message is told of what happened, not of what makes things happen"},
	{in: "ui", forbid: []string{"./"}, but: []string{"./ui", "./agent"},
		why: "the panel knows the control service only by an interface that it declares itself"},
	{in: "", except: []string{"ui/sample", "ui/gallery"}, forbid: []string{"./ui/sample"},
		why: "a cloud out of memory is for tests and the gallery: no program that is shipped may show one"},
	{in: "", except: []string{"ui", "agent/api"}, forbid: []string{"github.com/labstack/echo", "github.com/labstack/gommon"},
		why: "the web framework's types stay where HTTP is served, so that it can be replaced"},
	{in: "", except: []string{"agent", "jobs"}, forbid: []string{"github.com/hashicorp/nomad", "github.com/hashicorp/consul"},
		why: "what runs the apps is known to the agent alone (and its job type to jobs)"},
	{in: "agent/api", forbid: []string{"github.com/hashicorp/nomad", "github.com/hashicorp/consul"},
		why: "the API speaks of apps and nodes, not of allocations"},
}

func TestPackagesImportOnlyWhatTheirPlaceAllows(t *testing.T) {
	for _, f := range goFiles(t) {
		folder := path.Dir(f.path)
		for _, spec := range f.ast.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			for _, r := range rules {
				if broken(r, folder, imported, strings.HasSuffix(f.path, "_test.go")) {
					t.Errorf("%s imports %s, which %s must not: %s", f.path, imported, name(r.in), r.why)
				}
			}
		}
	}
}

// TestTheRulesCanBeBroken holds the checker itself to examples of both kinds.
func TestTheRulesCanBeBroken(t *testing.T) {
	for _, c := range []struct {
		folder, imported string
		broken           bool
	}{
		{"catalog", module + "/agent", true},
		{"catalog", module + "/catalog/store", false},
		{"catalog", "net/http", true},
		{"jobs", module + "/catalog", false},
		{"jobs", module + "/provisioning/run", true},
		{"jobs", "github.com/hashicorp/nomad/api", false},
		{"provisioning/node", module + "/agent", true},
		{"provisioning/node", "github.com/hashicorp/consul/api", true},
		{"agent/api", module + "/agent/control", true},
		{"agent/api", module + "/agent", false},
		{"agent/api", "github.com/labstack/echo/v4", false},
		{"agent/control", "github.com/labstack/echo/v4", true},
		{"agent/people", module + "/agent", false},
		{"agent/people", module + "/agent/control", true},
		{"agent/notify", module + "/agent/api", true},
		{"agent/stores", module + "/agent", false},
		{"agent/stores", module + "/agent/control", true},
		{"ui/store", module + "/ui/web", false},
		{"ui/store", module + "/ui/sample", true},
		{"ui/gallery", module + "/ui/sample", false},
		{"cmd/dcloud", module + "/agent/control", false},
		{"cmd/dcloud", "github.com/hashicorp/nomad/api", true},
	} {
		got := slices.ContainsFunc(rules, func(r rule) bool { return broken(r, c.folder, c.imported, false) })
		if got != c.broken {
			t.Errorf("%s importing %s: broken is %v, want %v", c.folder, c.imported, got, c.broken)
		}
	}
}

func TestEachPackageHasExactlyOneComment(t *testing.T) {
	comments := map[string][]string{}
	for _, f := range goFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		folder := path.Dir(f.path)
		if _, known := comments[folder]; !known {
			comments[folder] = nil // one without any comment is to be found too
		}
		if f.ast.Doc != nil {
			comments[folder] = append(comments[folder], f.path)
		}
	}
	for folder, files := range comments {
		if len(files) != 1 {
			t.Errorf("the package in %s has %d package comments %v; one says what it is, what it depends on and where to start reading", folder, len(files), files)
		}
	}
}

func TestFilesAreShortEnoughToRead(t *testing.T) {
	for _, f := range goFiles(t) {
		if lines := bytes.Count(f.src, []byte("\n")); lines > maxLines && !ast.IsGenerated(f.ast) {
			t.Errorf("%s has %d lines, more than %d: it holds more than one thing", f.path, lines, maxLines)
		}
	}
}

// broken says whether an import breaks a rule. A test may import more than what
// it tests: its own outside, real engines, a server.
func broken(r rule, folder, imported string, test bool) bool {
	if test || !below(folder, r.in) || slices.ContainsFunc(r.except, func(e string) bool { return below(folder, e) }) {
		return false
	}
	hits := func(pattern string) bool {
		if ours, ok := strings.CutPrefix(pattern, "./"); ok {
			return below(imported, strings.TrimSuffix(module+"/"+ours, "/"))
		}
		return below(imported, pattern)
	}
	if !slices.ContainsFunc(r.forbid, hits) {
		return false
	}
	return !slices.ContainsFunc(r.but, func(pattern string) bool {
		// ./agent allows that package, not the rooms beneath it; its own folder
		// allows all beneath.
		if ours := strings.TrimPrefix(pattern, "./"); ours != pattern && ours != r.in {
			return imported == module+"/"+ours
		}
		return hits(pattern)
	})
}

// below says whether a slash-separated path is dir or lies in it.
func below(p, dir string) bool {
	return dir == "" || p == dir || strings.HasPrefix(p, dir+"/")
}

func name(folder string) string {
	if folder == "" {
		return "a package outside of the rule's exceptions"
	}
	return folder
}

type goFile struct {
	path string // from the top, with slashes
	src  []byte
	ast  *ast.File
}

// goFiles parses the imports and comments of each of our Go files. Test data and
// modules of their own (the engines', the tools') are not ours.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && p != "." {
				return filepath.SkipDir
			}
			if n := d.Name(); p != "." && (n == "testdata" || n == "bin" || n == "node_modules" || strings.HasPrefix(n, ".") || strings.HasPrefix(n, "_")) {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(p) != ".go" {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, src, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, goFile{path: filepath.ToSlash(p), src: src, ast: parsed})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found: the rules hold nothing")
	}
	return files
}
