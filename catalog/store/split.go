package store

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// source is one app's part of a store.
type source struct {
	name     string // from its folder or file, before it is made a name of ours
	dir      string
	manifest File            // the one that says what runs
	about    *File           // config.json of Runtipi, umbrel-app.yml of Umbrel
	beside   map[string]File // the files in its folder and below, by their path in it
}

// The names under which a compose file is found in a folder, the better first
// (https://github.com/compose-spec/compose-spec/blob/main/spec.md#compose-file).
var composeNames = []string{"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}

// Detect tells in which format files are, "" if in none that is known.
func Detect(files Files) string {
	found := ""
	for _, f := range files {
		base := path.Base(f.Path)
		switch {
		case base == "umbrel-app.yml":
			return Umbrel
		case base == "config.json" && bytes.Contains(f.Bytes, []byte(`"tipi_version"`)):
			return Runtipi
		case !isYAML(base):
		case bytes.Contains(f.Bytes, []byte("\nx-casaos:")):
			return CasaOS
		case !bytes.Contains(f.Bytes, []byte("services:")):
		case bytes.HasPrefix(f.Bytes, []byte("# ")) && bytes.Contains(f.Bytes, []byte("# slogan:")):
			return Coolify
		case found == "":
			found = Compose
		}
	}
	return found
}

func isYAML(name string) bool {
	return strings.HasSuffix(name, ".yml") || strings.HasSuffix(name, ".yaml")
}

// split finds the apps among the files of a store.
func split(format string, files Files) []source {
	dirs := map[string][]File{} // the files that stand in a folder itself
	for _, f := range files {
		dirs[path.Dir(f.Path)] = append(dirs[path.Dir(f.Path)], f)
	}
	var names []string
	for dir := range dirs {
		names = append(names, dir)
	}
	slices.Sort(names)
	var sources []source
	for _, dir := range names {
		sources = append(sources, apps(format, dir, dirs[dir])...)
	}
	owners := map[string]int{} // of a folder: its app, where there is just one
	for i, s := range sources {
		sources[i].beside = map[string]File{}
		if _, several := owners[s.dir]; several {
			owners[s.dir] = -1
		} else {
			owners[s.dir] = i
		}
	}
	for _, f := range files {
		for dir := path.Dir(f.Path); ; dir = path.Dir(dir) {
			if i, ok := owners[dir]; ok && i >= 0 {
				name := strings.TrimPrefix(strings.TrimPrefix(f.Path, dir), "/")
				if dir == "." {
					name = f.Path
				}
				sources[i].beside[name] = f
				break
			} else if ok || dir == "." || dir == "/" {
				break
			}
		}
	}
	return sources
}

// apps are those whose manifests stand in one folder.
func apps(format, dir string, files []File) []source {
	find := func(names ...string) *File {
		for _, name := range names {
			for i := range files {
				if path.Base(files[i].Path) == name {
					return &files[i]
				}
			}
		}
		return nil
	}
	one := func(manifest *File, about *File) []source {
		if manifest == nil {
			return nil
		}
		return []source{{name: folderName(dir, manifest.Path), dir: dir, manifest: *manifest, about: about}}
	}
	switch format {
	case Runtipi:
		about := find("config.json")
		if about == nil || !bytes.Contains(about.Bytes, []byte(`"tipi_version"`)) {
			return nil
		}
		if m := find("docker-compose.json", "docker-compose.yml"); m != nil {
			return one(m, about)
		}
		return one(about, about)
	case Umbrel:
		about := find("umbrel-app.yml")
		if about == nil {
			return nil
		}
		if m := find("docker-compose.yml"); m != nil {
			return one(m, about)
		}
		return one(about, about)
	case CasaOS:
		return one(find("docker-compose.yml", "docker-compose.yaml"), nil)
	case Compose:
		if m := find(composeNames...); m != nil {
			return one(m, nil)
		}
	}
	// Templates that stand side by side, an app each.
	var sources []source
	for _, f := range files {
		base := path.Base(f.Path)
		if isYAML(base) && !strings.HasPrefix(base, ".") && hasServices(f.Bytes) {
			sources = append(sources, source{name: strings.TrimSuffix(base, path.Ext(base)), dir: dir, manifest: f})
		}
	}
	return sources
}

// hasServices tells a compose file from other YAML, cheaply. What is in doubt
// counts as one, so that its error is told.
func hasServices(text []byte) bool {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(text, []byte("services:")) || bytes.Contains(text, []byte("\nservices:")) ||
		bytes.Contains(text, []byte("\rservices:")) || !bytes.Contains(text, []byte("\n---"))
}

// folderName is what an app is called by the folder that it stands in.
func folderName(dir, manifest string) string {
	if base := path.Base(dir); base != "." && base != "/" {
		return base
	}
	base := path.Base(manifest)
	return strings.TrimSuffix(base, path.Ext(base))
}
