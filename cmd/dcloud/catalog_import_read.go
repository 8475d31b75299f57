package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog/store"
)

// Limits of what is read of a store: whole ones stay far below.
const (
	maxStoreFile  = 1 << 20   // bytes of one file; a larger one is told and left out
	maxStoreBytes = 256 << 20 // of all files
	maxStoreFiles = 50_000
)

// readStore reads the files of a manifest, an app's directory or a store. Links are
// not followed and what is no plain file is not opened. A file that cannot be read
// is a problem, and the others are read on.
func readStore(path string) (store.Files, []string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil, agent.Errorf(agent.CodeNotFound, "there is no %s", path).WithHint("name a manifest, an app's directory or a store")
	case err != nil:
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err).WithHint("see who may read it: ls -ld %s", path)
	}
	if info.Mode().IsRegular() {
		return readManifestDir(path)
	}
	if !info.IsDir() {
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s is neither a file nor a directory", path).WithHint("name a manifest, an app's directory or a store")
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err).WithHint("see who may read it: ls -ld %s", path)
	}
	defer root.Close()
	r := storeReader{fsys: root.FS(), shown: path}
	err = fs.WalkDir(r.fsys, ".", r.visit)
	if err != nil {
		return nil, nil, err
	}
	for i := range r.files { // an app's own directory gives it its name
		if full, err := filepath.Abs(path); err == nil {
			r.files[i].Path = filepath.Base(full) + "/" + r.files[i].Path
		}
	}
	return r.files, r.problems, nil
}

// readManifestDir reads one manifest, with the small files beside it that it may
// name.
func readManifestDir(path string) (store.Files, []string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err)
	}
	folder, name := filepath.Split(full)
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", path, err).WithHint("see who may read it: ls -ld %s", folder)
	}
	defer root.Close()
	r := storeReader{fsys: root.FS(), shown: filepath.Dir(path)}
	r.read(name)
	if len(r.files) == 0 && len(r.problems) > 0 {
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s", r.problems[0]).WithHint("name a manifest, an app's directory or a store")
	}
	items, err := fs.ReadDir(r.fsys, ".")
	if err != nil {
		return nil, nil, agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", folder, err)
	}
	for _, item := range items {
		other := item.Name()
		manifest := strings.HasSuffix(other, ".yml") || strings.HasSuffix(other, ".yaml")
		if item.Type().IsRegular() && other != name && (!manifest || other == "umbrel-app.yml") && len(r.files) < 200 {
			r.read(other)
		}
	}
	for i := range r.files {
		r.files[i].Path = filepath.Base(filepath.Dir(full)) + "/" + r.files[i].Path
	}
	return r.files, r.problems, nil
}

type storeReader struct {
	fsys     fs.FS
	shown    string
	files    store.Files
	problems []string
	bytes    int
}

// visit is a step of the walk through a store.
func (r *storeReader) visit(name string, d fs.DirEntry, err error) error {
	switch {
	case err != nil:
		r.problems = append(r.problems, fmt.Sprintf("%s cannot be read: %v", filepath.Join(r.shown, name), err))
		if d != nil && d.IsDir() {
			return fs.SkipDir
		}
		return nil
	case d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules"):
		return fs.SkipDir
	case d.IsDir():
		return nil
	case !d.Type().IsRegular() || isPicture(name):
		return nil // links are not followed
	}
	if len(r.files) >= maxStoreFiles || r.bytes >= maxStoreBytes {
		return agent.Errorf(agent.CodeFailed, "%s holds more than a store does: over %d files or %d MiB", r.shown, maxStoreFiles, maxStoreBytes>>20).
			WithHint("name a part of it")
	}
	r.read(name)
	return nil
}

// read reads one file, with a bound. A large one is a problem only where it could
// be a manifest.
func (r *storeReader) read(name string) {
	fail := func(why any) {
		r.problems = append(r.problems, fmt.Sprintf("%s cannot be read: %v", filepath.Join(r.shown, name), why))
	}
	info, err := fs.Stat(r.fsys, name)
	if err != nil {
		fail(unread(err))
		return
	}
	if !info.Mode().IsRegular() {
		fail("it is not a plain file")
		return
	}
	f, err := r.fsys.Open(name)
	if err != nil {
		fail(unread(err))
		return
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxStoreFile+1))
	switch {
	case err != nil:
		fail(unread(err))
	case len(text) > maxStoreFile:
		if ext := filepath.Ext(name); ext == ".yml" || ext == ".yaml" || ext == ".json" {
			fail(fmt.Sprintf("it is larger than %d MiB", maxStoreFile>>20))
		}
	default:
		r.bytes += len(text)
		r.files = append(r.files, store.File{Path: filepath.ToSlash(name), Bytes: text})
	}
}

// unread is the error without the path, which is told beside it.
func unread(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

func isPicture(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".svg", ".webp", ".gif", ".ico", ".avif", ".mp4":
		return true
	}
	return false
}
