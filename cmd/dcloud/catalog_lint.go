package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/spf13/cobra"
)

// maxManifest bounds what is read of a file, in bytes. Parse refuses less than
// that; this only keeps /dev/zero from being read forever.
const maxManifest = 1 << 20

// lintProblem is a problem as `catalog lint --json` prints it.
type lintProblem struct {
	File       string `json:"file"`
	Line       int    `json:"line"` // from 1, 0 for the whole file
	Column     int    `json:"column"`
	Message    string `json:"message"`
	Suggestion string `json:"suggestion,omitempty"`
	Warning    bool   `json:"warning"`
}

// lintResult is what `catalog lint --json` prints.
type lintResult struct {
	OK       bool          `json:"ok"` // nothing worse than warnings
	Entries  int           `json:"entries"`
	Problems []lintProblem `json:"problems"`
}

func newCatalogLintCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "lint PATH…",
		Short: "Check entries: files, or directories with app.hcl files",
		Long: `Check catalog entries and tell all problems at once, each with its file, line
and column. A directory is searched for files named app.hcl. It needs no cloud.
Exit code 1 if there is more than warnings.`,
		Example: "  dcloud catalog lint myapp/app.hcl\n  dcloud catalog lint catalog/apps",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef(cmd, "%s needs PATH", cmd.CommandPath())
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			var files []string
			for _, path := range args {
				found, err := manifests(path)
				if err != nil {
					return err
				}
				files = append(files, found...)
			}
			result, err := lint(files)
			if err != nil {
				return err
			}
			return e.printLint(result)
		},
	}
}

// manifests returns the entries beneath a path.
func manifests(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, agent.Errorf(agent.CodeNotFound, "there is no %s", path).WithHint("name a file, or a directory with app.hcl files")
	case err != nil:
		return nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err).WithHint("see who may read it: ls -ld %s", path)
	case !info.IsDir():
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() == "app.hcl" {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		return nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err).WithHint("see who may read it: ls -ld %s", path)
	}
	if len(files) == 0 {
		return nil, agent.Errorf(agent.CodeNotFound, "there is no app.hcl in %s", path).WithHint("an entry is a directory with a file app.hcl in it")
	}
	return files, nil
}

// lint checks each file.
func lint(files []string) (lintResult, error) {
	result := lintResult{OK: true, Entries: len(files), Problems: []lintProblem{}}
	for _, path := range files {
		text, err := readManifest(path)
		if err != nil {
			return result, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err).WithHint("see who may read it: ls -l %s", path)
		}
		_, problems := catalog.Check(path, text)
		for _, p := range problems {
			result.OK = result.OK && p.Warning
			result.Problems = append(result.Problems, lintProblem{
				File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Suggestion: p.Suggestion, Warning: p.Warning,
			})
		}
	}
	return result, nil
}

func readManifest(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxManifest))
}

func (e *env) printLint(result lintResult) error {
	if e.json {
		if err := e.printJSON(result); err != nil {
			return err
		}
	} else {
		for _, p := range result.Problems {
			fmt.Fprintln(e.stdout, clean(catalog.Problem(p).String()))
		}
		if len(result.Problems) == 0 {
			fmt.Fprintf(e.stderr, "%d checked, no problems.\n", result.Entries)
		}
	}
	if !result.OK {
		return exitError(1) // the answer has said what is wrong
	}
	return nil
}
