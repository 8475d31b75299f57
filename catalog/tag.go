package catalog

import (
	"regexp"
	"slices"
	"strings"
)

// movingWords are tags, or parts of tags, that are given to one version after another.
var movingWords = []string{
	"latest", "stable", "edge", "nightly", "main", "master", "release", "releases", "develop", "development", "dev", "devel", "beta", "alpha",
	"canary", "rolling", "lts", "testing", "test", "unstable", "head", "trunk", "snapshot", "preview", "next", "current", "production", "prod",
	"live", "default", "experimental", "mainline", "staging", "daily", "weekly", "ci", "preprod",
}

var (
	bareMajor = regexp.MustCompile(`^v?[0-9]{1,3}$`)
	versioned = regexp.MustCompile(`[0-9]+[._-][0-9]+|[0-9]{4,}|(^|[^0-9a-f])[0-9a-f]{7,}`)
)

// Moves says how a tag moves: by the word for it ("latest"), so that what it names is
// no version at all; or (bare is true) within a major version, "17" or "8-fpm". ""
// where it names one version. A tag without any digit names none.
func Moves(tag string) (word string, bare bool) {
	parts := strings.FieldsFunc(strings.ToLower(tag), func(r rune) bool { return r == '-' || r == '_' || r == '.' })
	if len(parts) == 0 || versioned.MatchString(tag) {
		return "", false
	}
	for _, part := range parts {
		if slices.Contains(movingWords, part) {
			return tag, false
		}
	}
	switch {
	case bareMajor.MatchString(parts[0]):
		return tag, true
	case !strings.ContainsAny(tag, "0123456789"):
		return tag, false
	}
	return "", false
}
