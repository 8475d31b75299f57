package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// advised warns of what an entry can do without, and its owner misses one day.
func (l *linter) advised() {
	if len(l.app.Architectures) == 0 {
		l.warn("app", "app %s does not say which processors its images are made for: architectures = [\"amd64\", \"arm64\"]", quoted(l.app.Name))
	}
	for _, s := range l.app.Settings {
		if s.Type == "string" && asksForSecret(s.Name) != "" {
			l.warn("setting."+s.Name, "setting %s asks for what nobody else may see: give it type = \"password\"", quoted(s.Name))
		}
	}
	for _, s := range l.app.Services {
		key := "service." + s.Name
		if len(s.Exposes) > 0 && s.Health == nil && s.Exposes[0].Health == nil {
			l.warn(key+".expose."+s.Exposes[0].Name+".at", "expose %s has no health: name a path that answers when the app is well, or write health {} where a connection must do", quoted(s.Exposes[0].Name))
		}
		if tool := dumper(s.Image); tool != "" && s.Backup == nil {
			for _, v := range s.Volumes {
				if v.Kind == "database" && v.From == "" {
					l.warn(key, "service %s keeps a database (volume %s) and has no backup block: with %s the app need not rest while it is copied", quoted(s.Name), quoted(v.Name), tool)
					break
				}
			}
		}
		l.inARow(s)
	}
}

// dumpers are the tools by which databases write consistent copies of themselves, by a
// word in the name of an image that has them.
var dumpers = [][2]string{
	{"mariadb", "mariadb-dump"}, {"mysql", "mysqldump"}, {"percona", "mysqldump"}, {"mongo", "mongodump"},
	{"postg", "pg_dump"}, {"pgvect", "pg_dump"}, {"timescale", "pg_dump"},
}

// dumper is the tool of an image, "" where none is known.
func dumper(image string) string {
	base, _, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	for _, d := range dumpers {
		// mongo-express is another thing, as is a backup job for one.
		if strings.HasPrefix(base, d[0]) && !strings.Contains(base, "express") {
			return d[1]
		}
	}
	return ""
}

// inARow warns of two services that run once, the one after the other.
func (l *linter) inARow(s Service) {
	for _, name := range s.After {
		if other := l.app.Service(name); s.Once && other != nil && other.Once {
			l.warn("service."+s.Name, "services %s and %s both run once, and start together: make one of them, or let %s fail until the other is done",
				quoted(other.Name), quoted(s.Name), quoted(s.Name))
		}
	}
}

func (l *linter) warn(key, format string, args ...any) {
	l.at(key, Problem{Warning: true, Message: fmt.Sprintf(format, args...)})
}

// tagged holds an image's tag against what makes an install repeatable. Who imports an
// entry often cannot know a better tag: its warnings say so, and it is none but a
// warning here.
func (l *linter) tagged(key string, s Service, tag string) {
	word, bare := Moves(tag)
	imported := len(l.app.Warnings) > 0
	switch {
	case word == "":
	case bare && strings.TrimPrefix(tag, "v") == strings.TrimPrefix(l.app.Version, "v"): // its makers count so
	case bare:
		l.warn(key, "image %s moves within its major version: name the whole version", quoted(s.Image))
	case slices.Contains(movingWords, word) || imported:
		l.at(key, Problem{Warning: imported, Message: fmt.Sprintf("image %s moves with the tag %q: name the version", quoted(s.Image), tag)})
	default:
		l.at(key, Problem{Warning: true, Message: fmt.Sprintf("image %s names no version with the tag %q", quoted(s.Image), tag)})
	}
}
