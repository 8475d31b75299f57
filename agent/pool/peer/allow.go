package peer

import (
	"net/http"
	"regexp"
	"strings"
)

// What a request to Docker is about.
type subject int

const (
	subjectNone      subject = iota // the daemon
	subjectList                     // all containers
	subjectContainer                // the container in ID
	subjectCreate                   // an exec to be made in the container in ID
	subjectExec                     // the exec in ID
	subjectPull                     // an image that is fetched, to be told how far it is
)

// asks is a request to Docker that is allowed.
type asks struct {
	subject subject
	id      string
	path    string // Docker's, with the API version
	upgrade bool   // the connection may be handed over
}

// id is what Docker calls a container or an exec: an ID, or a container's name. No
// slash, no dot in front, nothing that is escaped.
const idPattern = `([a-zA-Z0-9][a-zA-Z0-9_.-]{0,127})`

var dockerAllowed = []struct {
	method  string
	path    *regexp.Regexp
	subject subject
	upgrade bool
}{
	{http.MethodGet, regexp.MustCompile(`^/_ping$`), subjectNone, false},
	{http.MethodHead, regexp.MustCompile(`^/_ping$`), subjectNone, false},
	{http.MethodGet, regexp.MustCompile(`^/version$`), subjectNone, false},
	{http.MethodGet, regexp.MustCompile(`^/containers/json$`), subjectList, false},
	{http.MethodGet, regexp.MustCompile(`^/containers/` + idPattern + `/json$`), subjectContainer, false},
	{http.MethodGet, regexp.MustCompile(`^/containers/` + idPattern + `/logs$`), subjectContainer, false},
	{http.MethodPost, regexp.MustCompile(`^/containers/` + idPattern + `/exec$`), subjectCreate, false},
	{http.MethodPost, regexp.MustCompile(`^/exec/` + idPattern + `/start$`), subjectExec, true},
	{http.MethodPost, regexp.MustCompile(`^/exec/` + idPattern + `/resize$`), subjectExec, false},
	{http.MethodGet, regexp.MustCompile(`^/exec/` + idPattern + `/json$`), subjectExec, false},
	{http.MethodPost, regexp.MustCompile(`^/images/create$`), subjectPull, false},
}

var versionPrefix = regexp.MustCompile(`^/v1\.[0-9]{1,3}/`)

// allow reads the escaped path of a request below /docker. Anything that is not
// listed is refused.
func allow(method, path string) (asks, bool) {
	path, ok := strings.CutPrefix(path, "/docker")
	if !ok {
		return asks{}, false
	}
	bare := path
	if v := versionPrefix.FindString(path); v != "" {
		bare = path[len(v)-1:]
	}
	for _, a := range dockerAllowed {
		if a.method != method {
			continue
		}
		if m := a.path.FindStringSubmatch(bare); m != nil {
			id := ""
			if len(m) > 1 {
				id = m[1]
			}
			return asks{a.subject, id, path, a.upgrade}, true
		}
	}
	return asks{}, false
}
