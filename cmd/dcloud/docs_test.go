package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// checkout is where the documents lie, seen from this package.
const checkout = "../.."

// document is a Markdown file, taken apart.
type document struct {
	path     string // below the checkout
	text     string
	sessions []spot // commands in code blocks, as they would be typed
	spans    []spot // commands in running text: perhaps without their arguments
	links    []spot
}

type spot struct {
	line int
	text string
}

var (
	span    = regexp.MustCompile("`([^`]+)`")
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`^#{1,6} +(.*)$`)
	assign  = regexp.MustCompile(`^[A-Z_]+=`)
)

func readDocuments(t *testing.T) []document {
	t.Helper()
	var docs []document
	err := filepath.WalkDir(checkout, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // just removed, by another test
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "bin" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(checkout, path)
		docs = append(docs, parseDocument(rel, string(text)))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return docs
}

// parseDocument finds commands and links. In a block of the language console a
// command stands behind a "$ ", and the rest is output; in one of sh, or of none,
// each line that begins with the program is one.
func parseDocument(path, text string) document {
	d := document{path: path, text: text}
	inside, language := false, ""
	for i, line := range strings.Split(text, "\n") {
		if fence, ok := strings.CutPrefix(strings.TrimSpace(line), "```"); ok {
			inside, language = !inside, fence
			continue
		}
		if !inside {
			for _, m := range span.FindAllStringSubmatch(line, -1) {
				if command := commandOf(m[1]); command != "" {
					d.spans = append(d.spans, spot{i + 1, command})
				}
			}
			for _, m := range link.FindAllStringSubmatch(span.ReplaceAllString(line, ""), -1) {
				d.links = append(d.links, spot{i + 1, m[1]})
			}
			continue
		}
		typed := language == "" || language == "sh"
		if language == "console" {
			line, typed = strings.CutPrefix(line, "$ ")
		}
		if command := commandOf(line); typed && command != "" {
			d.sessions = append(d.sessions, spot{i + 1, command})
		}
	}
	return d
}

// commandOf is what of a line the program would be given, "" if it is not called
// there. Brackets around what may be left out go, as do pipes and comments.
func commandOf(line string) string {
	words := strings.Fields(strings.NewReplacer("[", "", "]", "").Replace(line))
	for len(words) > 0 && (words[0] == "sudo" || assign.MatchString(words[0])) {
		words = words[1:]
	}
	if len(words) == 0 || words[0] != "dcloud" && words[0] != "bin/dcloud" {
		return ""
	}
	for i, w := range words {
		if w == "|" || w == "&&" || w == ">" || strings.HasPrefix(w, "#") {
			words = words[:i]
			break
		}
	}
	return "dcloud " + strings.Join(words[1:], " ")
}

// checkCommand says what is wrong with a command, without running it.
func checkCommand(command string, whole bool) error {
	root := newRootCommand(newEnv(nil, io.Discard, io.Discard, func(string) string { return "" }))
	cmd, args, err := root.Find(strings.Fields(command)[1:])
	if err != nil {
		return err
	}
	cmd.InitDefaultHelpFlag()
	if err := cmd.ParseFlags(args); err != nil {
		return err
	}
	if help, _ := cmd.Flags().GetBool("help"); help {
		return nil
	}
	args = cmd.Flags().Args()
	if cmd.HasSubCommands() {
		if len(args) > 0 && !(len(args) == 1 && args[0] == "…") {
			return fmt.Errorf("%s has no command %q", cmd.CommandPath(), args[0])
		}
		return nil
	}
	if !whole {
		return nil
	}
	return cmd.ValidateArgs(args)
}

func TestEveryCommandInTheDocumentsExistsWithItsFlags(t *testing.T) {
	found := 0
	for _, d := range readDocuments(t) {
		for _, c := range d.sessions {
			found++
			if err := checkCommand(c.text, true); err != nil {
				t.Errorf("%s:%d: %s: %v", d.path, c.line, c.text, err)
			}
		}
		for _, c := range d.spans {
			if err := checkCommand(c.text, false); err != nil {
				t.Errorf("%s:%d: %s: %v", d.path, c.line, c.text, err)
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d commands were found in code blocks; is the search for them broken?", found)
	}
}

func TestACommandThatDoesNotExistIsFoundInTheDocuments(t *testing.T) {
	d := parseDocument("x.md", strings.Join([]string{
		"Run `dcloud app install` or `dcloud app frobnicate`.",
		"```console",
		"$ sudo bin/dcloud app list --json | jq",
		"$ DCLOUD_ADDR=http://x dcloud app install",
		"dcloud 0.1.0 is output",
		"```",
		"```sh",
		"dcloud up [--http-port 8080]   # a comment",
		"dcloud up --nonesuch",
		"dcloud frobnicate",
		"```",
		"```hcl",
		"dcloud is no command in here",
		"```",
	}, "\n"))
	var wrong []string
	for _, c := range d.sessions {
		if checkCommand(c.text, true) != nil {
			wrong = append(wrong, c.text)
		}
	}
	for _, c := range d.spans {
		if checkCommand(c.text, false) != nil {
			wrong = append(wrong, c.text)
		}
	}
	const want = "dcloud app install; dcloud up --nonesuch; dcloud frobnicate; dcloud app frobnicate"
	if got := strings.Join(wrong, "; "); got != want {
		t.Errorf("found wrong: %s\nwant: %s", got, want)
	}
	if len(d.sessions) != 5 || len(d.spans) != 2 {
		t.Errorf("found %d and %d commands, want 5 and 2", len(d.sessions), len(d.spans))
	}
}

func TestEveryLinkInTheDocumentsLeadsSomewhere(t *testing.T) {
	for _, d := range readDocuments(t) {
		for _, l := range d.links {
			if strings.Contains(l.text, "://") || strings.HasPrefix(l.text, "mailto:") {
				continue
			}
			if err := followLink(d, l.text); err != nil {
				t.Errorf("%s:%d: %s: %v", d.path, l.line, l.text, err)
			}
		}
	}
}

func followLink(d document, to string) error {
	file, anchor, _ := strings.Cut(to, "#")
	text := d.text
	if file != "" {
		path := filepath.Join(checkout, filepath.Dir(d.path), file)
		if _, err := os.Stat(path); err != nil {
			return errors.New("there is no such file")
		}
		if anchor == "" {
			return nil
		}
		read, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text = string(read)
	}
	for _, line := range strings.Split(text, "\n") {
		if m := heading.FindStringSubmatch(line); m != nil && slug(m[1]) == anchor {
			return nil
		}
	}
	return errors.New("there is no such heading")
}

// slug is the anchor that code hosts make of a heading.
func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r > 0x7f:
			return r
		}
		return -1
	}, strings.ToLower(heading))
}

func TestTheCatalogReferenceShowsMinifluxAsItIs(t *testing.T) {
	reference, err := os.ReadFile(checkout + "/docs/catalog-reference.md")
	if err != nil {
		t.Fatal(err)
	}
	entry, err := os.ReadFile(checkout + "/catalog/apps/miniflux/app.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if block := "```hcl\n" + string(entry) + "```\n"; !bytes.Contains(reference, []byte(block)) {
		t.Error("docs/catalog-reference.md does not hold catalog/apps/miniflux/app.hcl as it is; copy it there again")
	}
}
