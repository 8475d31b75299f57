package store

import (
	"path"
	"slices"
	"strings"
)

// shareVolumes names the volumes, and gives those that several services mount to
// the first of them.
func (im *importer) shareVolumes() {
	type place struct {
		s *service
		i int
	}
	owners := map[string]place{}
	for _, s := range im.app.services {
		im.volumesFrom(s)
		taken := map[string]bool{}
		for i := range s.volumes {
			v := &s.volumes[i]
			v.name = distinctName(im.volumeName(v), taken)
			taken[v.name] = true
			first, shared := owners[v.source]
			if !shared {
				owners[v.source] = place{s, i}
				continue
			}
			v.from = first.s.name + "/" + first.s.volumes[first.i].name
			if o := &first.s.volumes[first.i]; v.fits && !o.fits {
				o.owner, o.mode, o.fits = v.owner, v.mode, true
			}
		}
	}
}

// volumesFrom gives a service all volumes of another, as volumes_from says.
func (im *importer) volumesFrom(s *service) {
	for _, item := range s.v.get("volumes_from").list() {
		name, options, _ := strings.Cut(item.text(), ":")
		other := im.service(name)
		if other == nil {
			im.note(Dropped, s.name, "volumes_from "+short(name), "there is no such service")
			continue
		}
		for _, v := range other.volumes {
			if slices.ContainsFunc(s.volumes, func(o volumeOf) bool { return o.path == v.path }) {
				continue
			}
			v.readOnly = v.readOnly || options == "ro"
			s.volumes = append(s.volumes, v)
		}
	}
}

func (im *importer) volumeName(v *volumeOf) string {
	name := path.Base(v.source)
	if strings.Contains(v.source, ":") || name == "." || name == "/" || strings.HasPrefix(v.source, "/DATA/") && path.Base(v.path) != "." {
		name = path.Base(v.path)
	}
	name = appName(name)
	// my-app-db-data is db-data.
	if rest, ok := strings.CutPrefix(name, im.app.name+"-"); ok && rest != "" {
		name = appName(rest)
	}
	if name == "app" && path.Base(v.path) != "app" {
		name = appName(path.Base(v.path))
	}
	return name
}
