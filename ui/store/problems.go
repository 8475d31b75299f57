package store

import (
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

// Fields of the form beside the entry's settings, which are called "set.NAME".
const (
	fieldName    = "name"
	fieldAddress = "subdomain"
	fieldAccess  = "access"
	fieldNode    = "node"
	fieldRead    = "read"
	setting      = "set."
)

// badName is what the control service says of a name that no app can have.
var badName = regexp.MustCompile(`cannot be an app's (name|subdomain)$`)

// signs say in which field an error belongs, by words of it.
var signs = []struct{ words, field string }{
	{"there is an app called ", fieldName},
	{"the data of an app called ", fieldName},
	{"the address ", fieldAddress},
	{"is no kind of access", fieldAccess},
	{"there is no machine called ", fieldNode},
	{" does not fit on ", fieldNode},
	{" cannot run on ", fieldNode},
	{"it was asked to run on ", fieldNode},
}

// place puts what the control service refuses where it belongs: texts by field, and
// what belongs to none. names are those of the entry's settings.
func place(e *agent.Error, names []string) (byField map[string]string, rest *agent.Error) {
	byField = map[string]string{}
	if e == nil {
		return byField, nil
	}
	if list, ok := strings.CutPrefix(e.Message, "a setting is not right: "); ok {
		if found := ofSettings(list, names); len(found) > 0 {
			for name, text := range found {
				byField[setting+name] = web.Sentence(text)
			}
			return byField, nil
		}
	}
	if m := badName.FindStringSubmatch(e.Message); m != nil {
		byField[m[1]] = web.Sentence(e.Message + ": " + e.Hint)
		return byField, nil
	}
	for _, s := range signs {
		if strings.Contains(e.Message, s.words) {
			byField[s.field] = web.Sentence(e.Message)
			return byField, nil
		}
	}
	return byField, plain(e)
}

// ofSettings reads "admin_mail: must be given; port: must be a number; use 1 to 9": what
// follows a semicolon and names no setting belongs to the one before.
func ofSettings(list string, names []string) map[string]string {
	out := map[string]string{}
	last := ""
	for _, part := range strings.Split(list, "; ") {
		name, text, ok := strings.Cut(part, ": ")
		known := false
		for _, n := range names {
			known = known || n == name
		}
		switch {
		case ok && known:
			last, out[name] = name, text
		case last != "":
			out[last] += "; " + part
		}
	}
	return out
}

// plain leaves out a hint that speaks of the command line: it helps nobody here.
func plain(e *agent.Error) *agent.Error {
	if !strings.Contains(e.Hint, "dcloud ") && !strings.Contains(e.Hint, "--") {
		return e
	}
	c := *e
	c.Hint = ""
	return &c
}
