// Package stores brings the files of other people's app stores in: it fetches archives
// and git repositories, unpacks them, and packs a folder to be sent. All that it reads
// may be hostile: nothing is written to disk, followed or run, and memory and time are
// bounded by Limits.
//
// It depends on the words in package agent alone; what the files say is read elsewhere.
// Start reading at Fetch (fetch.go), then Unpack (unpack.go); git.go speaks to git
// servers, guard.go says which addresses may be fetched from.
package stores

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

// Limits bound what is read of a store. Real ones stay far below Defaults: the largest
// public one has some 3,000 apps and 8 MiB of manifests among 15,000 files.
type Limits struct {
	Wire     int64 // bytes that are fetched
	Unpacked int64 // bytes that these become, whether kept or not
	Ratio    int64 // of unpacked to fetched bytes, from the first ratioFrom on
	Entries  int   // files, folders and links of an archive
	Files    int   // that are kept
	Kept     int64 // bytes of these
	File     int64 // bytes of one of them
	Path     int   // bytes of a path
	Depth    int   // folders within each other
}

// Defaults are the limits of a store that the cloud fetches.
func Defaults() Limits {
	return Limits{Wire: 256 << 20, Unpacked: 1 << 30, Ratio: 200, Entries: 100_000, Files: 20_000, Kept: 48 << 20, File: 1 << 20, Path: 1024, Depth: 32}
}

// ratioFrom is from how many unpacked bytes on the ratio counts: an archive of a few
// empty files is no bomb.
const ratioFrom = 16 << 20

// File is a file of a store. Its path has forward slashes and leads nowhere else:
// "Apps/Jellyfin/docker-compose.yml".
type File struct {
	Path  string
	Bytes []byte
}

// Files are what was kept of a store.
type Files struct {
	Files []File // sorted by path
	// Notes say what was left out that looked like a manifest, a sentence each.
	Notes []string
	// Revision is the commit, or "sha256:…" of an archive.
	Revision string
}

// maxNotes bounds Files.Notes.
const maxNotes = 100

// manifests are the names of files that say something of an app, by their endings. What
// else is in a store, such as icons and pictures, is skipped.
var manifests = []string{".hcl", ".yml", ".yaml", ".json"}

// besides are endings of what manifests refer to, small files of configuration.
var besides = []string{".env", ".conf", ".cfg", ".ini", ".toml", ".sh", ".template", ".sql", ".xml", ".properties"}

// maxBeside bounds one of those that stand beside a manifest, in bytes.
const maxBeside = 64 << 10

// Wanted tells whether a file of that path is kept, and up to how many bytes.
func (l Limits) Wanted(name string) (int64, bool) {
	base := strings.ToLower(path.Base(name))
	has := func(ends []string) bool {
		return slices.ContainsFunc(ends, func(end string) bool { return strings.HasSuffix(base, end) })
	}
	switch {
	case strings.HasPrefix(name, ".git/") || strings.Contains(name, "/.git/") || strings.Contains(name, "node_modules/"):
		return 0, false
	case has(manifests):
		return l.File, true
	case has(besides):
		return min(l.File, maxBeside), true
	}
	return 0, false
}

// hostile is the error of a store that is refused as a whole.
func hostile(format string, args ...any) *agent.Error {
	return agent.Errorf(agent.CodeFailed, "the store is refused: "+format, args...).
		WithHint("nothing of it was kept. If you trust it, take the apps that you want from it with: dcloud catalog import --from FORMAT PATH")
}

// checkPath refuses a path that leads out of the store, or could on some machine, and
// cleans one that does not.
func (l Limits) checkPath(name string) (string, error) {
	bad := func(why string) (string, error) {
		return "", hostile("it holds a file called %s, %s", shown(name), why)
	}
	switch {
	case name == "":
		return bad("a name that is empty")
	case len(name) > l.Path:
		return bad(fmt.Sprintf("a path of more than %d bytes", l.Path))
	case strings.ContainsRune(name, '\\'):
		return bad("with a backslash in its name")
	case strings.HasPrefix(name, "/"):
		return bad("an absolute path")
	case len(name) > 1 && name[1] == ':':
		return bad("which names a drive")
	case strings.IndexFunc(name, func(r rune) bool { return r == 0 || unicode.IsControl(r) }) >= 0:
		return bad("with a control character in its name")
	}
	depth := 0
	for part := range strings.SplitSeq(name, "/") {
		switch part {
		case "..":
			return bad("a path that leads out of it")
		case "", ".":
		default:
			depth++
		}
	}
	if depth > l.Depth {
		return bad(fmt.Sprintf("more than %d folders deep", l.Depth))
	}
	return path.Clean(name), nil
}

// shown is text of a stranger's, safe and short enough for a message.
func shown(text string) string {
	if len(text) > 100 {
		text = text[:100] + "…"
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(text, "?"))
}

// shelf collects what is kept.
type shelf struct {
	limits  Limits
	files   []File
	bytes   int64
	entries int
	seen    map[string]string // a path in small letters: as it was written
	notes   []string
	dropped int
}

func newShelf(l Limits) *shelf { return &shelf{limits: l, seen: map[string]string{}} }

// entry counts one entry of an archive, whatever it is.
func (s *shelf) entry() error {
	if s.entries++; s.entries > s.limits.Entries {
		return hostile("it holds more than %d files", s.limits.Entries)
	}
	return nil
}

// wants is Wanted for a path that has been checked, and notes why one is not taken that
// would be.
func (s *shelf) wants(name string) (int64, bool) {
	most, ok := s.limits.Wanted(name)
	if !ok {
		return 0, false
	}
	if !utf8.ValidString(name) {
		s.note("%s is left out: its name is not UTF-8", shown(name))
		return 0, false
	}
	low := strings.ToLower(name)
	if first, there := s.seen[low]; there {
		if first == name {
			s.note("%s is there twice; the first is taken", shown(name))
		} else {
			s.note("%s is left out: but for capitals it is called like %s", shown(name), shown(first))
		}
		return 0, false
	}
	s.seen[low] = name
	return most, true
}

// keep takes a file's content.
func (s *shelf) keep(name string, content []byte) error {
	if len(s.files) >= s.limits.Files {
		return hostile("it holds more than %d manifests", s.limits.Files)
	}
	if s.bytes += int64(len(content)); s.bytes > s.limits.Kept {
		return hostile("its manifests are larger than %d MiB in all", s.limits.Kept>>20)
	}
	s.files = append(s.files, File{Path: name, Bytes: content})
	return nil
}

func (s *shelf) tooLarge(name string, most int64) {
	s.note("%s is left out: it is larger than %d KiB", shown(name), most>>10)
}

func (s *shelf) note(format string, args ...any) {
	if len(s.notes) >= maxNotes {
		s.dropped++
		return
	}
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// done is what was collected.
func (s *shelf) done(revision string) Files {
	slices.SortFunc(s.files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	if s.dropped > 0 {
		s.notes = append(s.notes, fmt.Sprintf("and %d more", s.dropped))
	}
	return Files{Files: s.files, Notes: s.notes, Revision: revision}
}

// sumOf is a revision made of a SHA-256.
func sumOf(sum []byte) string { return "sha256:" + hex.EncodeToString(sum) }

// Sum is the revision of an archive.
func Sum(archive []byte) string {
	sum := sha256.Sum256(archive)
	return sumOf(sum[:])
}
