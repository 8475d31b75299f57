package catalog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// document is what lists the entries, for people. Below this line it is written by the
// test, with -update.
const (
	document = "../docs/catalog.md"
	listHere = "<!-- The list is written by: go test ./catalog -run Document -update -->\n"
)

func TestTheDocumentListsEveryEntryWithItsProof(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := bytes.Cut(text, []byte(listHere))
	if !found {
		t.Fatalf("%s has no line %q", document, listHere)
	}
	want := string(head) + listHere + listing(t)
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), want); diff != "" {
		t.Errorf("write it anew: go test ./catalog -run Document -update\n%s", diff)
	}
}

func listing(t *testing.T) string {
	all, problems := Embedded()
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	run := runForReal(t)
	byCategory := map[string][]*App{}
	tested := 0
	for _, a := range all.Entries() {
		byCategory[a.Category] = append(byCategory[a.Category], a)
		if run[a.Name] {
			tested++
			delete(run, a.Name)
		}
	}
	for name := range run {
		t.Errorf("%s is run by a test and is not in the catalog", name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%d entries: all linted and planned, %d run.\n", len(all.Entries()), tested)
	run = runForReal(t)
	for _, c := range Categories {
		if len(byCategory[c]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| entry | what it is | version | memory | proof |\n| --- | --- | --- | --- | --- |\n", shelf(c))
		for _, a := range byCategory[c] {
			proof := "linted, planned"
			if run[a.Name] {
				proof += ", **run**"
			}
			fmt.Fprintf(&b, "| `%s` | [%s](%s): %s | %s | %d MiB | %s |\n", a.Name, a.Title, a.Website, cell(a.Tagline), a.Version, a.Memory(), proof)
		}
	}
	return b.String()
}

func shelf(category string) string {
	if category == "ai" {
		return "AI"
	}
	return strings.ToUpper(category[:1]) + category[1:]
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

var runEntry = regexp.MustCompile(`(?m)^\s+entry:\s+"([a-z0-9-]+)"`)

// runForReal are the entries that end-to-end tests install, use, restart and remove.
func runForReal(t *testing.T) map[string]bool {
	files, err := filepath.Glob("../cmd/dcloud/e2e/catalog/app_*_test.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no tests that run apps: %v", err)
	}
	names := map[string]bool{"welcome": true, "whoami": true} // cmd/dcloud/e2e
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := runEntry.FindAllStringSubmatch(string(text), -1)
		if len(m) == 0 {
			t.Errorf("%s adds no app", file)
		}
		for _, entry := range m {
			names[entry[1]] = true
		}
	}
	return names
}
