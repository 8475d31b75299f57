package stores

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/dentropy/dcloud/agent"
)

// maxSource bounds an address in bytes.
const maxSource = 1024

// Source is where a store is fetched from.
type Source struct {
	URL    *url.URL
	Branch string // of a git repository, from the address's #fragment; "" for its main one
	Git    bool   // it is a git repository; else that is found out
}

// forges are hosts of which an address of two words, OWNER/NAME, is a repository.
var forges = []string{"github.com", "gitlab.com", "codeberg.org", "bitbucket.org", "gitea.com", "git.sr.ht"}

// ParseSource reads the address of a store: an archive, or a git repository, whose
// branch may follow a #.
func ParseSource(text string) (Source, error) {
	if len(text) > maxSource {
		return Source{}, agent.Errorf(agent.CodeInvalid, "the address is longer than %d bytes", maxSource)
	}
	if strings.ContainsFunc(text, unicode.IsControl) || strings.ContainsFunc(text, unicode.IsSpace) {
		return Source{}, agent.Errorf(agent.CodeInvalid, "the address holds a space or a line break").WithHint("copy it again, without what surrounds it")
	}
	u, err := url.Parse(text)
	if err != nil {
		// Its text is not told: it may hold a password.
		return Source{}, agent.Errorf(agent.CodeInvalid, "that is no address of a web server").WithHint("for example https://git.example.org/me/apps.git")
	}
	if err := checkURL(u); err != nil {
		return Source{}, err
	}
	s := Source{URL: u, Branch: u.Fragment}
	if strings.HasPrefix(s.Branch, "-") || strings.Contains(s.Branch, "..") || strings.ContainsAny(s.Branch, "\\^:?*[~") {
		return Source{}, agent.Errorf(agent.CodeInvalid, "%s cannot be the name of a branch", shown(s.Branch))
	}
	u.Fragment, u.RawFragment = "", ""
	words := strings.Split(strings.Trim(u.Path, "/"), "/")
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	switch {
	case strings.HasSuffix(u.Path, ".git"):
		s.Git = true
	case slices.Contains(forges, host) && len(words) == 2:
		s.Git = true
		u.Path = "/" + words[0] + "/" + words[1] + ".git"
	case s.Branch != "":
		s.Git = true
	}
	return s, nil
}

// Name proposes a name for a store at an address or a path: the word that says most, in
// letters that a name may have. It is "" where there is none.
func Name(source string) string {
	source, _, _ = strings.Cut(source, "#")
	if u, err := url.Parse(source); err == nil && u.Host != "" {
		source = u.Path
		if strings.Trim(source, "/") == "" {
			return fit(u.Hostname())
		}
	}
	words := strings.FieldsFunc(source, func(r rune) bool { return r == '/' || r == '\\' })
	// OWNER/NAME/archive/refs/heads/main.zip, OWNER/NAME/-/archive/main/NAME-main.zip
	if at := slices.Index(words, "archive"); at > 0 {
		words = words[:at]
		if words[at-1] == "-" {
			words = words[:at-1]
		}
	}
	if len(words) == 0 {
		return ""
	}
	return fit(words[len(words)-1])
}

// fit makes a word what a name may be: small letters, digits and single dashes.
func fit(word string) string {
	word = strings.ToLower(path.Base(word))
	for _, end := range []string{".git", ".zip", ".tgz", ".tar.gz"} {
		word = strings.TrimSuffix(word, end)
	}
	var b strings.Builder
	for _, r := range word {
		switch {
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	name := strings.TrimLeft(b.String(), "-0123456789")
	return strings.TrimRight(name[:min(len(name), 40)], "-")
}
