package ui

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sources are the texts of the panel's files that end so, by path.
func sources(t *testing.T, ends ...string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "dist", "testdata"}, d.Name()) {
			return filepath.SkipDir
		}
		if d.IsDir() || !slices.Contains(ends, filepath.Ext(path)) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		found[filepath.ToSlash(path)] = string(text)
		return err
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("no files %v: %v", ends, err)
	}
	return found
}

var (
	defined = regexp.MustCompile(`{{-? ?define "([^"]+)"`)
	styled  = regexp.MustCompile(`\.([a-zA-Z][\w-]*)`)
	// notClasses are the parts of a style sheet in which a dot begins no class.
	notClasses = regexp.MustCompile(`(?s)/\*.*?\*/|@import[^;]*;|url\([^)]*\)`)
	word       = regexp.MustCompile(`[A-Za-z][\w-]*`)
	attribute  = regexp.MustCompile(`class="((?:[^"{]|{{.*?}})*)"`)
	quoted     = regexp.MustCompile("\"[^\"\n]*\"|`[^`]*`|'[^'\n]*'")
)

func TestEachPageAndPartIsShownSomewhere(t *testing.T) {
	pages, code := sources(t, ".html"), sources(t, ".go")
	used := func(text string, in map[string]string) bool {
		for _, s := range in {
			if strings.Contains(s, text) {
				return true
			}
		}
		return false
	}
	for path, page := range pages {
		name := filepath.Base(path)
		shown := false
		for file, s := range code {
			// A package names its own pages.
			shown = shown || filepath.Dir(file) == filepath.Dir(filepath.Dir(path)) && strings.Contains(s, `"`+name)
		}
		if !shown && !strings.HasPrefix(name, "_") && filepath.Base(filepath.Dir(path)) == "pages" {
			t.Errorf("%s is shown by nothing", path)
		}
		for _, part := range defined.FindAllStringSubmatch(page, -1) {
			if !used(`template "`+part[1]+`"`, pages) && !used(`block "`+part[1]+`"`, pages) && !used(`"`+part[1]+`"`, code) {
				t.Errorf("%s: nothing shows the part %q", path, part[1])
			}
		}
	}
}

func TestEachClassThatIsStyledIsOfSomething(t *testing.T) {
	used := map[string]bool{
		"u-cursor-x": true, // of the library that draws charts
	}
	for _, page := range sources(t, ".html") {
		for _, class := range attribute.FindAllStringSubmatch(page, -1) {
			for _, w := range word.FindAllString(class[1], -1) {
				used[w] = true
			}
		}
	}
	for _, code := range sources(t, ".go", ".ts") {
		for _, text := range quoted.FindAllString(code, -1) {
			for _, w := range word.FindAllString(text, -1) {
				used[w] = true
			}
		}
	}
	for path, sheet := range sources(t, ".css") {
		for _, class := range styled.FindAllStringSubmatch(notClasses.ReplaceAllString(sheet, ""), -1) {
			if !used[class[1]] {
				used[class[1]] = true // said once
				t.Errorf("%s: nothing has the class %s", path, class[1])
			}
		}
	}
}
