package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog/store"
	"github.com/spf13/cobra"
)

// importedApp is one app as `catalog import --json` prints it.
type importedApp struct {
	Name   string       `json:"name"`
	Source string       `json:"source"`
	OK     bool         `json:"ok"`
	Entry  string       `json:"entry,omitempty"` // the file that was written, with -o
	Reason string       `json:"reason,omitempty"`
	Hint   string       `json:"hint,omitempty"`
	Line   int          `json:"line,omitempty"` // of the manifest
	Notes  []store.Note `json:"notes"`
}

// importResult is what `catalog import --json` prints.
type importResult struct {
	Apps     []importedApp  `json:"apps"`
	Imported int            `json:"imported"`
	Refused  int            `json:"refused"`
	Notes    map[string]int `json:"notes"` // how many, by kind
	Problems []string       `json:"problems"`
}

func newCatalogImportCommand(e *env) *cobra.Command {
	var from, out string
	cmd := &cobra.Command{
		Use:   "import --from FORMAT PATH…",
		Short: "Turn other stores' manifests into entries",
		Long: `Turn manifests of Docker Compose, CasaOS, Coolify, Runtipi or Umbrel into catalog
entries, and say for each what was changed, dropped or found risky. A path is a
manifest, an app's directory, or a whole store. Nothing is written without -o;
with it, each entry is written to DIR/NAME/app.hcl. It needs no cloud.
Exit code 1 if an app was refused.`,
		Example: "  dcloud catalog import --from compose ./docker-compose.yml -o ./apps\n  dcloud catalog import --from casaos ./CasaOS-AppStore/Apps",
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case from == "":
				return usagef(cmd, "%s needs --from: one of %s", cmd.CommandPath(), strings.Join(store.Formats, ", "))
			case !slices.Contains(store.Formats, from):
				return usagef(cmd, "%q is not a format: take one of %s", from, strings.Join(store.Formats, ", "))
			case len(args) == 0:
				return usagef(cmd, "%s needs PATH", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			result := importResult{Apps: []importedApp{}, Notes: map[string]int{}, Problems: []string{}}
			for _, kind := range store.Kinds {
				result.Notes[string(kind)] = 0
			}
			written := map[string]bool{}
			var others []string
			for _, path := range args {
				files, problems, err := readStore(path)
				if err != nil {
					return err
				}
				result.Problems = append(result.Problems, problems...)
				apps := store.Import(from, files)
				if len(apps) == 0 {
					return agent.Errorf(agent.CodeNotFound, "there is no app of the form %s in %s", from, path).WithHint("%s", otherFormat(from, files))
				}
				if f := store.Detect(files); f != "" && f != from && f != store.Compose {
					others = append(others, fmt.Sprintf("%s looks like %s, of which more would be taken over with: --from %s", path, f, f))
				}
				for _, app := range apps {
					if err := result.add(app, path, out, written); err != nil {
						return err
					}
				}
			}
			err := e.printImport(result)
			for _, line := range others {
				fmt.Fprintln(e.stderr, line) // after a long list, where it is seen
			}
			return err
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "form of the manifests: "+strings.Join(store.Formats, ", "))
	cmd.Flags().StringVarP(&out, "output", "o", "", "directory to write the entries to, NAME/app.hcl each")
	return cmd
}

// otherFormat is the hint where no app was found.
func otherFormat(from string, files store.Files) string {
	if f := store.Detect(files); f != "" && f != from {
		return "it looks like " + f + ": --from " + f
	}
	return "name a manifest, an app's directory or a store; docs/import.md says what each format looks like"
}

// add counts an app and writes its entry.
func (r *importResult) add(app store.Result, path, out string, written map[string]bool) error {
	_, inside, _ := strings.Cut(app.Source, "/") // after the name of the directory itself
	a := importedApp{Name: app.Name, Source: filepath.ToSlash(filepath.Join(path, inside)), OK: app.Err == nil, Notes: app.Notes}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		a.Source = path
	}
	if a.Notes == nil {
		a.Notes = []store.Note{}
	}
	for _, n := range app.Notes {
		r.Notes[string(n.Kind)]++
	}
	if app.Err != nil {
		a.Reason, a.Hint, a.Line = app.Err.Message, app.Err.Hint, app.Err.Line
		r.Refused++
		r.Apps = append(r.Apps, a)
		return nil
	}
	r.Imported++
	if out != "" {
		if written[app.Name] {
			return agent.Errorf(agent.CodeConflict, "two of the apps are named %s", app.Name).WithHint("import their stores one by one, each to a directory of its own")
		}
		written[app.Name] = true
		a.Entry = filepath.Join(out, app.Name, "app.hcl")
		if err := writeEntry(a.Entry, app.Entry); err != nil {
			return err
		}
	}
	r.Apps = append(r.Apps, a)
	return nil
}

// writeEntry writes an entry, and nothing if the same stands there already.
func writeEntry(path string, entry []byte) error {
	if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, entry) {
		return nil
	}
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	if err == nil {
		if info, statErr := os.Lstat(path); statErr == nil && !info.Mode().IsRegular() {
			err = errors.New("something that is no file stands there")
		} else {
			err = os.WriteFile(path, entry, 0o644)
		}
	}
	if err != nil {
		return agent.Errorf(agent.CodeFailed, "%s cannot be written: %w", path, err).WithHint("choose another directory with -o")
	}
	return nil
}

func (e *env) printImport(r importResult) error {
	switch {
	case e.json:
		if err := e.printJSON(r); err != nil {
			return err
		}
	default:
		for _, a := range r.Apps {
			e.printImported(a)
		}
		for _, p := range r.Problems {
			fmt.Fprintln(e.stderr, clean(p))
		}
		fmt.Fprintf(e.stdout, "%d apps: %d imported, %d refused\n", len(r.Apps), r.Imported, r.Refused)
		fmt.Fprintf(e.stdout, "notes: %d risky, %d dropped, %d changed, %d good to know\n", r.Notes["risky"], r.Notes["dropped"], r.Notes["changed"], r.Notes["info"])
	}
	if r.Refused > 0 || len(r.Problems) > 0 {
		return exitError(1) // the answer has said what is wrong
	}
	return nil
}

func (e *env) printImported(a importedApp) {
	state := "ok"
	if !a.OK {
		state = "refused"
	}
	fmt.Fprintf(e.stdout, "%s: %s\n", clean(a.Name), state)
	if !a.OK {
		where := a.Source
		if a.Line > 0 {
			where = fmt.Sprintf("%s:%d", where, a.Line)
		}
		fmt.Fprintf(e.stdout, "  %s: %s\n", clean(where), clean(a.Reason))
		if a.Hint != "" {
			fmt.Fprintf(e.stdout, "  %s\n", clean(a.Hint))
		}
	}
	for _, n := range a.Notes {
		fmt.Fprintf(e.stdout, "  %-8s %s\n", n.Kind, clean(n.String()))
	}
}
