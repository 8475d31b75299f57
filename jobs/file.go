package jobs

import (
	"fmt"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

var unsafeInFileName = regexp.MustCompile(`[^A-Za-z0-9._-]`)

// files turns the entry's file blocks into templates and the mounts that bring
// what they render to its place in the container, read-only.
//
// They are rendered below private/, which is memory and the one folder of a task that
// no container gets: from local/ or secrets/ a container could put a link in a file's
// place, and Docker would follow it, on the machine, when the container starts again.
// A file with secrets is for its reader alone where we know who that is: see
// secretFile.
func files(app string, s catalog.Service, sc catalog.Scope) ([]*api.Template, []map[string]any, error) {
	var templates []*api.Template
	var mounts []map[string]any
	for i, f := range s.Files {
		text, err := f.Content.Eval(sc)
		if err == nil {
			err = checkLiterals(text)
		}
		if err != nil {
			return nil, nil, at(err, "file %s", f.Path)
		}
		mode := orElse(f.Mode, "0644")
		if _, err := strconv.ParseUint(mode, 8, 12); err != nil {
			return nil, nil, errorf(hintEntry, "file %s: the mode %q is not octal, such as 0644", f.Path, f.Mode)
		}
		// The number keeps two files of one name apart.
		name := fmt.Sprintf("files/%d-%s", i+1, unsafeInFileName.ReplaceAllString(path.Base(f.Path), "_"))
		t := newTemplate("private/"+name, fileBody(text), mode)
		if text.HasSecret() {
			t = newTemplate("private/"+name, withSecrets(app, fileBody(text)), mode)
			secretFile(t, s)
		}
		templates = append(templates, t)
		mounts = append(mounts, map[string]any{
			"type": "bind", "source": *t.DestPath, "target": escapeHCL(f.Path), "readonly": true,
		})
	}
	return templates, mounts, nil
}

// secretFile narrows a rendered file to the service's own user, mode 0600 or
// 0400. Who that is, the entry says by user, or by the owner of its volumes. Where it says
// neither, only the image knows, and the file keeps its mode: on the host no
// one but root gets to it, because Nomad's data directory is 0700.
func secretFile(t *api.Template, s catalog.Service) {
	owner := s.User
	for _, v := range s.Volumes {
		if owner == "" && v.Owner != "" && v.Owner != "0:0" {
			owner = v.Owner
		}
	}
	uid, gid, ok := numericOwner(owner)
	if owner == "" || !ok {
		return
	}
	mode, _ := strconv.ParseUint(*t.Perms, 8, 12)
	t.Uid, t.Gid, t.Perms = ptr(uid), ptr(gid), ptr(fmt.Sprintf("%04o", mode&0o700))
}

var braces = regexp.MustCompile(`\{\{+|\{+$`)

// fileBody is a text as a Go template. Braces that would open an action, also
// together with the action that follows, are written by an action of their own.
func fileBody(text catalog.Text) string {
	var b strings.Builder
	for _, p := range text {
		if p.Secret != "" {
			b.WriteString("{{ " + templateArg(p) + " }}")
			continue
		}
		b.WriteString(braces.ReplaceAllStringFunc(p.Literal, func(run string) string {
			return "{{ " + strconv.Quote(run) + " }}"
		}))
	}
	if b.Len() == 0 {
		return `{{ "" }}` // Nomad refuses a template without a text
	}
	return b.String()
}
