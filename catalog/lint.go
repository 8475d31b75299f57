package catalog

import (
	"fmt"
	"slices"
	"strings"
)

// Lint tells what makes a well-formed entry a bad one: what a person needs to know
// of it is missing, its images are not pinned, it declares what it does not use, a
// secret is written out (Hardcoded). It reads what Parse returned.
func Lint(app *App) Problems {
	l := &linter{app: app}
	l.described()
	l.pinned()
	l.used()
	l.evaluates()
	l.problems = append(l.problems, Hardcoded(app)...)
	l.advised()
	return l.problems.tidy()
}

type linter struct {
	app      *App
	problems Problems
}

// at adds a problem at what was marked under key, or else at the app itself.
func (l *linter) at(key string, p Problem) {
	where, ok := l.app.at[key]
	if !ok {
		where = l.app.at["app"]
	}
	p.File, p.Line, p.Column = l.app.file, where.line, where.column
	l.problems = append(l.problems, p)
}

// written reports whether the entry has the attribute, well-formed or not.
func (l *linter) written(key string) bool {
	_, ok := l.app.at[key]
	return ok
}

func (l *linter) described() {
	for _, name := range []string{"title", "tagline", "category", "version", "website", "license"} {
		if !l.written(name) {
			l.at("app", Problem{Message: fmt.Sprintf("app %s has no %s", quoted(l.app.Name), name)})
		}
	}
	if c := l.app.Category; c != "" && !slices.Contains(Categories, c) {
		l.at("category", Problem{Suggestion: nearest(c, Categories),
			Message: fmt.Sprintf("category %s is not one of %s", quoted(c), strings.Join(Categories, ", "))})
	}
	for _, s := range l.app.Settings {
		if s.Title == "" && !l.written("setting."+s.Name+".title") {
			l.at("setting."+s.Name, Problem{Warning: true, Message: fmt.Sprintf("setting %s has no title", quoted(s.Name))})
		}
	}
}

// pinned holds the images against what makes an install repeatable: the registry
// is named, and the tag is one that does not move.
func (l *linter) pinned() {
	for _, s := range l.app.Services {
		if s.Image == "" {
			continue // told by Parse
		}
		key := "service." + s.Name + ".image"
		name, digest, _ := strings.Cut(s.Image, "@")
		registry, repository, _ := strings.Cut(name, "/")
		if repository == "" || !strings.ContainsAny(registry, ".:") && registry != "localhost" {
			full := "docker.io/" + s.Image
			if repository == "" {
				full = "docker.io/library/" + s.Image
			}
			l.at(key, Problem{Message: fmt.Sprintf("image %s does not name its registry", quoted(s.Image)), Suggestion: full})
		}
		_, tag, _ := strings.Cut(name[strings.LastIndex(name, "/")+1:], ":")
		switch {
		case digest != "":
		case tag == "":
			l.at(key, Problem{Message: fmt.Sprintf("image %s has no tag: name the version", quoted(s.Image))})
		default:
			l.tagged(key, s, tag)
		}
	}
}

// used warns of what is declared and never used.
func (l *linter) used() {
	used := map[string]bool{}
	for _, ref := range l.app.references {
		used[ref.Kind+"."+ref.Name] = true
	}
	for _, s := range l.app.Settings {
		if key := "setting." + s.Name; !used[key] {
			l.at(key, Problem{Warning: true, Message: fmt.Sprintf("setting %s is not used", quoted(s.Name))})
		}
	}
	for _, s := range l.app.Secrets {
		if key := "secret." + s.Name; !used[key] {
			l.at(key, Problem{Warning: true, Message: fmt.Sprintf("secret %s is not used", quoted(s.Name))})
		}
	}
}

// maxMade is how much text the expressions of an entry may come to in all.
const maxMade = 4 << 20

// evaluates tries every expression with the settings' defaults: what cannot be
// evaluated with them ("a number is compared with a text") never can.
func (l *linter) evaluates() {
	scope := l.app.SampleScope()
	made := 0 // bytes of text
	try := func(eval func(Scope) (Text, error)) {
		if made > maxMade {
			return
		}
		text, err := eval(scope)
		for _, p := range text {
			made += len(p.Literal)
		}
		if made > maxMade {
			l.at("app", Problem{Message: fmt.Sprintf("the texts of app %s come to more than %d MiB", quoted(l.app.Name), maxMade>>20)})
		}
		if err != nil {
			p := err.(Problem)
			if !slices.Contains(l.problems, p) {
				l.problems = append(l.problems, p)
			}
		}
	}
	for _, s := range l.app.Services {
		for _, e := range s.Command {
			try(e.Eval)
		}
		for _, v := range s.Env {
			try(func(s Scope) (Text, error) { text, _, err := v.Eval(s); return text, err })
		}
		for _, f := range s.Files {
			try(f.Content.Eval)
		}
	}
}
