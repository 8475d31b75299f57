package store

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxContent is the most bytes of one file that an entry holds.
const maxContent = 100 << 10

// file puts a file into the container. Its variables are the manifest's.
func (im *importer) file(s *service, target, content, mode string) {
	if complaint := badTarget(target); complaint != "" {
		im.note(Risky, s.name, "file "+short(target), complaint+"; it is left out")
		return
	}
	if len(content) > maxContent {
		im.note(Risky, s.name, "file "+short(target), "it is larger than an entry holds, and is left out")
		return
	}
	if slices.ContainsFunc(s.files, func(f fileOf) bool { return f.path == target }) {
		im.note(Dropped, s.name, "file "+short(target), "it is given twice; the first one counts")
		return
	}
	if i := slices.IndexFunc(s.volumes, func(v volumeOf) bool { return v.path == target }); i >= 0 || len(s.files) >= 200 {
		im.note(Dropped, s.name, "file "+short(target), "the path is filled already")
		return
	}
	if strings.HasPrefix(content, "#!") {
		mode = "0755"
	}
	s.files = append(s.files, fileOf{path: target, mode: mode, content: im.value(content)})
}

// beside is a file that came along with the manifest.
func (im *importer) beside(source string) (File, bool) {
	name := strings.TrimPrefix(source, dataDir)
	if strings.HasPrefix(source, "/") && name == source {
		return File{}, false
	}
	f, ok := im.src.beside[path.Clean(name)]
	if ok && (len(f.Bytes) > maxContent || strings.ContainsRune(string(f.Bytes), 0)) {
		return f, false
	}
	return f, ok
}

var octal = regexp.MustCompile(`^0?[0-7]{3}$`)

// readConfigs reads a service's configs or secrets: files whose content the
// manifest holds, or a file beside it, or a variable
// (https://github.com/compose-spec/compose-spec/blob/main/08-configs.md).
func (im *importer) readConfigs(s *service, key string) {
	for _, item := range s.v.get(key).list() {
		name, target, mode := item.text(), "", "0444"
		if item.kind == mapping {
			v := viewOf(item)
			name, target = v.text("source"), im.constant(v.text("target"))
			if m := v.text("mode"); octal.MatchString(m) {
				mode = m
			}
			v.ignore("uid", "gid", "mode")
			im.leftovers(v, s.name, key)
		}
		if target == "" {
			target = name
		}
		if !strings.HasPrefix(target, "/") {
			target = map[string]string{"configs": "/", "secrets": "/run/secrets/"}[key] + target
		}
		im.config(s, key, name, path.Clean(target), mode)
	}
}

func (im *importer) config(s *service, key, name, target, mode string) {
	what := strings.TrimSuffix(key, "s") + " " + short(name)
	all := viewOf(im.top.get(key))
	v := viewOf(all.get(name))
	file := v.text("file")
	switch {
	case v.get("content") != nil:
		im.file(s, target, v.text("content"), mode)
		return
	case v.text("environment") != "":
		variable := variable{name: v.text("environment"), required: true}
		im.file(s, target, "", mode)
		if n := len(s.files); n > 0 && s.files[n-1].path == target {
			if s.files[n-1].content = im.lookup(variable); key == "secrets" && !s.files[n-1].content.hasHidden() {
				s.files[n-1].content = im.secretVariable(variable)
			}
		}
		return
	case file != "" && key == "configs":
		if f, ok := im.beside(path.Clean(im.constant(file))); ok {
			im.file(s, target, strings.ReplaceAll(string(f.Bytes), "$", "$$"), mode)
			return
		}
		im.note(Risky, s.name, what, "its file "+short(file)+" did not come along: write a file block for "+short(target))
		return
	case key == "secrets":
		im.file(s, target, "", mode)
		if n := len(s.files); n > 0 && s.files[n-1].path == target {
			s.files[n-1].content = im.secretLike("var secrets."+name, settingName(name), "").use()
		}
		im.note(Changed, s.name, what, "it is made at the install; if it comes from elsewhere, write a setting of type password")
		return
	}
	im.note(Risky, s.name, what, "where its content stands is not said here: write a file block for "+short(target))
}
