package stores

import (
	"bytes"
	"strings"
)

// walk goes through the folders of a commit.
type walk struct {
	*shelf
	pack   *pack
	wanted []wanted
}

// wanted is a file whose content is to be brought.
type wanted struct {
	path string
	id   oid
	most int64 // bytes
}

// commit finds the wanted files of a commit.
func (w *walk) commit(id oid) error {
	text, ok, err := w.pack.get(id, kindCommit)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	tree, isTree := parseOID(strings.TrimPrefix(first, "tree "))
	if !ok || !isTree {
		return damaged("its newest commit is missing")
	}
	return w.folder(tree, "")
}

// folder looks at each file and folder of one. How deep and how many are bounded by the
// shelf: a folder may be in itself many times over.
func (w *walk) folder(id oid, prefix string) error {
	data, ok, err := w.pack.get(id, kindTree)
	if err != nil {
		return err
	}
	if !ok {
		return damaged("a folder is missing")
	}
	for len(data) > 0 {
		mode, rest, ok := bytes.Cut(data, []byte{' '})
		name, rest, named := bytes.Cut(rest, []byte{0})
		if !ok || !named || len(rest) < len(oid{}) {
			return damaged("a folder cannot be read")
		}
		child := oid(rest[:len(oid{})])
		data = rest[len(oid{}):]
		if err := w.child(string(mode), prefix, string(name), child); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) child(mode, prefix, name string, id oid) error {
	if err := w.entry(); err != nil {
		return err
	}
	if name == "" || name == "." || strings.Contains(name, "/") {
		return hostile("it holds a file called %s, which cannot be", shown(name))
	}
	full, err := w.limits.checkPath(prefix + name)
	if err != nil {
		return err
	}
	switch mode {
	case "40000":
		return w.folder(id, full+"/")
	case "100644", "100755", "100664":
		most, ok := w.wants(full)
		if !ok {
			return nil
		}
		if len(w.wanted) >= w.limits.Files {
			return hostile("it holds more than %d manifests", w.limits.Files)
		}
		w.wanted = append(w.wanted, wanted{full, id, most})
	case "120000":
		if _, ok := w.limits.Wanted(full); ok {
			w.note("%s is left out: it is a link", shown(full))
		}
	case "160000":
		w.note("%s is left out: it is a repository of its own", shown(full))
	default:
		return hostile("it holds %s, which is neither a file nor a folder", shown(full))
	}
	return nil
}

// take keeps files, whose content is in a pack or in the walk's own.
func (w *walk) take(files []wanted, from *pack) error {
	for _, f := range files {
		p := from
		if !p.has(f.id) {
			p = w.pack
		}
		if !p.has(f.id) {
			return damaged("a file is missing")
		}
		content, ok, err := p.get(f.id, kindBlob)
		if err != nil {
			return err
		}
		if !ok || int64(len(content)) > f.most {
			w.tooLarge(f.path, f.most)
			continue
		}
		if err := w.keep(f.path, bytes.Clone(content)); err != nil {
			return err
		}
	}
	return nil
}
