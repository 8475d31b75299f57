package provisioning

import (
	"slices"
	"strconv"
	"strings"
)

// OSRelease is what /etc/os-release tells; see os-release(5).
type OSRelease struct {
	ID         string   // debian, ubuntu, raspbian
	IDLike     []string // closest relatives first
	VersionID  string   // 12, 24.04; "" for Debian testing and unstable
	PrettyName string
}

// ParseOSRelease reads the text of /etc/os-release. What it does not
// understand it leaves out.
func ParseOSRelease(text string) OSRelease {
	var r OSRelease
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok {
			continue
		}
		value = unquote(value)
		switch key {
		case "ID":
			r.ID = strings.ToLower(value)
		case "ID_LIKE":
			r.IDLike = strings.Fields(strings.ToLower(value))
		case "VERSION_ID":
			r.VersionID = value
		case "PRETTY_NAME":
			r.PrettyName = value
		}
	}
	return r
}

// unquote takes shell quotes off, as far as os-release(5) allows them.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 2 || s[0] != s[len(s)-1] || s[0] != '"' && s[0] != '\'' {
		return s
	}
	single := s[0] == '\''
	s = s[1 : len(s)-1]
	if single || !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Name is what to call the system in a sentence.
func (r OSRelease) Name() string {
	switch {
	case r.PrettyName != "":
		return r.PrettyName
	case r.ID != "":
		return strings.TrimSpace(r.ID + " " + r.VersionID)
	}
	return "an unknown system"
}

// supportedOS are the oldest releases that we stand by: those whose
// docker.io is at least 20.10, which Nomad's docker driver wants.
var supportedOS = map[string]string{"debian": "11", "raspbian": "11", "ubuntu": "22.04"}

// supported says whether we know the system, and if we only know a relative of
// it, a warning.
func (r OSRelease) supported() (ok bool, warning string) {
	oldest, known := supportedOS[r.ID]
	switch {
	case known && r.VersionID == "": // Debian testing and unstable have no number
		return r.ID == "debian", ""
	case known:
		return !versionLess(r.VersionID, oldest), ""
	case slices.Contains(r.IDLike, "debian"), slices.Contains(r.IDLike, "ubuntu"):
		return true, r.Name() + " is not tested; it is treated as the Debian that it derives from"
	}
	return false, ""
}

// versionLess compares dotted numbers; a part that is no number counts as 0.
func versionLess(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(as), len(bs)) {
		x, y := part(as, i), part(bs, i)
		if x != y {
			return x < y
		}
	}
	return false
}

func part(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i])
	return n
}
