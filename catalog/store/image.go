package store

import (
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/dentropy/dcloud/catalog"
)

// seenImages lists images with what public stores say of them: "IMAGE VERSION PORT"
// lines, sorted; the newest tag that names a version, and the page's port. It stands
// in for the registry, which an importer does not ask.
//
//go:embed images.txt
var seenImages string

type seenImage struct {
	tag  string // "" if none is known
	port int    // 0 if none is known
}

var imagesSeen = sync.OnceValue(func() map[string]seenImage {
	seen := map[string]seenImage{}
	for line := range strings.Lines(seenImages) {
		f := strings.Fields(line)
		if len(f) == 3 && f[0] != "#" {
			seen[f[0]] = seenImage{tag: strings.TrimPrefix(f[1], "-"), port: number(f[2])}
		}
	}
	return seen
})

// floating are tags that are just another word for the newest version. Others that
// name none, "fpm" or "alpine", say what is in the image too, and are kept.
var floating = []string{"", "latest", "stable", "release", "main", "master", "lts", "production"}

// The parts of a reference (https://github.com/distribution/reference).
var (
	imagePath   = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$`)
	fullPath    = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$`) // with its registry
	imageTag    = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$`)
	imageDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// reference splits the name of an image. What follows the last colon is a tag,
// unless a path follows it: then it was a registry's port.
func reference(s string) (name, tag, digest string, ok bool) {
	name, digest, hasDigest := strings.Cut(s, "@")
	if i := strings.LastIndexByte(name, ':'); i >= 0 && !strings.Contains(name[i:], "/") {
		name, tag = name[:i], name[i+1:]
		if !imageTag.MatchString(tag) {
			return "", "", "", false
		}
	}
	if !imagePath.MatchString(name) || hasDigest && !imageDigest.MatchString(digest) || len(s) > 250 {
		return "", "", "", false
	}
	return name, tag, digest, true
}

func (im *importer) readImage(s *service) {
	s.v.ignore("pull_policy")
	build := s.v.get("build")
	raw := s.v.text("image")
	ref := strings.TrimSpace(im.constant(raw))
	switch {
	case ref == "" && build != nil:
		im.refuse(&Refusal{Message: "the service " + short(s.key) + " is built from source, and has no image", Line: build.line,
			Hint: "build it, push it to a registry, and write image: in place of build:"})
		return
	case ref == "":
		im.refuse(&Refusal{Message: "the service " + short(s.key) + " has no image", Line: s.v.n.line, Hint: "write image: in it"})
		return
	case build != nil:
		im.note(Dropped, s.name, "build", "the image "+short(ref)+" is taken from its registry instead of being built")
	}
	name, tag, digest, ok := reference(ref)
	if !ok || !fullPath.MatchString(fullName(name)) {
		im.refuse(&Refusal{Message: "the service " + short(s.key) + " has the image " + short(ref) + ", which is not the name of one", Line: s.v.get("image").line})
		return
	}
	if strings.Contains(raw, "$") {
		im.note(Changed, s.name, "the image's version", "it cannot be chosen at the install; it is the default, "+short(ref))
	}
	s.image, s.base = im.pinned(s, fullName(name), tag, digest), imageBase(name)
}

// fullName names the registry of an image (https://github.com/distribution/reference).
func fullName(name string) string {
	first, _, slash := strings.Cut(name, "/")
	switch {
	case !slash:
		return "docker.io/library/" + name
	case first == "index.docker.io" || first == "registry-1.docker.io":
		return "docker.io" + strings.TrimPrefix(name, first)
	case strings.ContainsAny(first, ".:") || first == "localhost":
		return name
	}
	return "docker.io/" + name
}

func imageBase(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// pinned gives an image whose tag moves the newest version that is known of it.
func (im *importer) pinned(s *service, name, tag, digest string) string {
	full := name
	if tag != "" {
		full += ":" + tag
	}
	if digest != "" {
		return full + "@" + digest
	}
	if word, within := catalog.Moves(tag); tag != "" && (word == "" || within) {
		return full
	}
	said := "no tag"
	if tag != "" {
		said = "the tag " + tag
	}
	if known := imagesSeen()[name].tag; known != "" && slices.Contains(floating, tag) {
		im.note(Changed, s.name, "image "+name, "it has "+said+", which is another version every day: it is "+known+", the newest that is known of here")
		return name + ":" + known
	}
	im.note(Risky, s.name, "image "+name, "it has "+said+", so what is installed next year may be another version: name one before you rely on it")
	if tag == "" {
		full += ":latest"
	}
	return full
}

// is tells whether the service's image is one of these, by its last word.
func (s *service) is(names ...string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		return s.base == n || strings.HasPrefix(s.base, n+"-") && n != "redis" && n != "mongo"
	})
}
