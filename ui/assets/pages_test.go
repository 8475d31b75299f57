package assets

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// templates are the panel's pages by path, without the placeholder app, which stands
// alone.
func templates(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "assets" || d.Name() == "welcome"):
			return filepath.SkipDir
		case filepath.Ext(path) == ".html":
			text, err := os.ReadFile(path)
			out[path] = string(text)
			return err
		}
		return nil
	})
	if err != nil || len(out) < 5 {
		t.Fatalf("the panel's templates: %d, %v", len(out), err)
	}
	return out
}

var (
	action  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	inline  = regexp.MustCompile(`(?i)<[a-z][^>]*\s(style|on[a-z]+|hx-on[a-z:-]*)\s*=|<style|<script(?:\s[^>]*)?>\s*[^<\s]|javascript:`)
	evalled = regexp.MustCompile(`hx-(?:vals|headers|trigger)='?"?(?:js:|javascript:)|hx-trigger="(?:[^"]*,\s*)?[a-zA-Z:-]+\[`)
)

func TestNoTemplateHasScriptsOrStylesWithinItsLines(t *testing.T) {
	for path, text := range templates(t) {
		text = action.ReplaceAllString(text, "x")
		for _, r := range []*regexp.Regexp{inline, evalled} {
			if found := r.FindString(text); found != "" {
				t.Errorf("%s: %q: the browser would not run it (web.ContentPolicy)", path, found)
			}
		}
	}
}

func TestEveryIconThatATemplateNamesIsInTheSprite(t *testing.T) {
	b := bundled(t)
	sprite, err := fs.ReadFile(b.files, b.names["icons.svg"])
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`"icon" \(part \S+ "([^"]+)"\)|"Icon" "([^"]+)"`)
	for path, text := range templates(t) {
		for _, m := range named.FindAllStringSubmatch(text, -1) {
			if name := m[1] + m[2]; !strings.Contains(string(sprite), `<symbol id="`+name+`"`) {
				t.Errorf("%s: there is no icon %s", path, name)
			}
		}
	}
}

// TestEveryIconThatCodeNamesIsInTheSprite looks at words of code beside "Icon": those
// that are given to templates as data.
func TestEveryIconThatCodeNamesIsInTheSprite(t *testing.T) {
	b := bundled(t)
	sprite, err := fs.ReadFile(b.files, b.names["icons.svg"])
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\bIcon:\s+"([a-z0-9-]+)"`)
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && d.Name() == "assets" {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if !strings.Contains(string(sprite), `<symbol id="`+m[1]+`"`) {
				t.Errorf("%s: there is no icon %s: run make assets, or name it in src/lucide.txt", path, m[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
