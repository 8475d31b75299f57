package stores

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"compress/zlib"
)

// gitServer serves the repositories in a folder as git's own program does. It fails the
// test where git is not installed.
func gitServer(t *testing.T, root string) *httptest.Server {
	t.Helper()
	if testing.Short() {
		t.Skip("needs git")
	}
	where, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatalf("git is needed to serve repositories: %v", err)
	}
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(where)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + root}, InheritEnv: []string{"PATH"},
	})
	t.Cleanup(server.Close)
	return server
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "init.defaultBranch=main", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false",
		"-c", "gc.auto=0", "-c", "maintenance.auto=false"}, args...)...) // nothing that goes on in the background
	cmd.Dir, cmd.Env = dir, []string{"PATH=" + os.Getenv("PATH"), "GIT_CONFIG_NOSYSTEM=1", "HOME=" + dir} // in a hook git has variables of its own
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// repository makes one with a few apps, a history, a link, a picture and a branch.
func repository(t *testing.T, root, name string) string {
	t.Helper()
	dir := filepath.Join(root, name)
	check(t, os.MkdirAll(dir, 0o755))
	git(t, dir, "init", "-q")
	write := func(path, text string) {
		full := filepath.Join(dir, path)
		check(t, os.MkdirAll(filepath.Dir(full), 0o755))
		check(t, os.WriteFile(full, []byte(text), 0o644))
	}
	for i := range 60 { // alike, so that git stores them as changes of each other
		write(fmt.Sprintf("Apps/app-%02d/docker-compose.yml", i), strings.Repeat("services:\n  web:\n    image: x\n", 200)+fmt.Sprint(i))
	}
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "one")
	write("Apps/app-00/docker-compose.yml", "changed\n")
	write("Apps/app-00/icon.png", strings.Repeat("\x00\x01\x02", 100_000))
	check(t, os.Symlink("app-00/docker-compose.yml", filepath.Join(dir, "Apps", "link.yml")))
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "two")
	git(t, dir, "tag", "-a", "v1", "-m", "v1")
	git(t, dir, "checkout", "-q", "-b", "beta")
	write("only-beta.yml", "beta")
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "three")
	git(t, dir, "checkout", "-q", "main")
	git(t, dir, "gc", "-q", "--aggressive")
	return dir
}

func TestARepositoryIsReadFromTheRealGit(t *testing.T) {
	root := t.TempDir()
	dir := repository(t, root, "apps.git") // a work tree, whose .git is served below
	server := gitServer(t, root)
	address := server.URL + "/apps.git/.git"
	for _, partial := range []bool{false, true} {
		git(t, dir, "config", "uploadpack.allowFilter", fmt.Sprint(partial))
		got, err := fetch(t, fetcher(t), address)
		check(t, err)
		if len(got.Files) != 60 || string(got.Files[0].Bytes) != "changed\n" || !strings.HasSuffix(string(got.Files[59].Bytes), "x\n59") || got.Files[0].Path != "Apps/app-00/docker-compose.yml" {
			t.Fatalf("partial %v: %d files, the first %+v", partial, len(got.Files), got.Files[0])
		}
		if want := git(t, dir, "rev-parse", "HEAD"); got.Revision != want {
			t.Errorf("it is at %s, and we read %s", want, got.Revision)
		}
		if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "link") {
			t.Errorf("notes: %v", got.Notes)
		}
		for branch, files := range map[string]int{"beta": 61, "v1": 60} {
			got, err := fetch(t, fetcher(t), address+"#"+branch)
			if err != nil || len(got.Files) != files {
				t.Errorf("%s: %d files, %v", branch, len(got.Files), err)
			}
		}
		if _, err := fetch(t, fetcher(t), address+"#nothing"); err == nil || !strings.Contains(err.Error(), "no branch or tag") {
			t.Errorf("a branch that there is not: %v", err)
		}
	}
	empty := filepath.Join(root, "empty.git")
	check(t, os.Mkdir(empty, 0o755))
	git(t, empty, "init", "-q", "--bare")
	if _, err := fetch(t, fetcher(t), server.URL+"/empty.git"); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("an empty repository: %v", err)
	}
	if _, err := fetch(t, fetcher(t), server.URL+"/none.git"); err == nil {
		t.Error("a repository that there is not is read")
	}
}

func TestNoMoreThanTheWantedFilesOfARepositoryAreSent(t *testing.T) {
	root := t.TempDir()
	dir := repository(t, root, "apps.git")
	noise := make([]byte, 4<<20)
	for i := range noise {
		noise[i] = byte(i * i >> 7)
	}
	check(t, os.WriteFile(filepath.Join(dir, "video.mp4"), noise, 0o644))
	git(t, dir, "add", ".")
	git(t, dir, "commit", "-q", "-m", "large")
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	f := fetcher(t)
	f.Limits.Wire, f.Limits.Kept = 200_000, 700_000
	got, err := fetch(t, f, gitServer(t, root).URL+"/apps.git/.git")
	if err != nil || len(got.Files) != 60 {
		t.Errorf("%d files, %v", len(got.Files), err)
	}
}

// packOf makes a pack of objects, of which kind and content are given, deltas with their
// base before them.
type packed struct {
	kind    int
	content []byte
	size    int // as the pack says, the content's own unless said
	back    int // of a delta: how many objects before
	ref     oid // of a delta that names its base
}

func packOf(objects ...packed) []byte {
	var b bytes.Buffer
	b.WriteString("PACK\x00\x00\x00\x02")
	binary.Write(&b, binary.BigEndian, uint32(len(objects)))
	var at []int
	for _, o := range objects {
		at = append(at, b.Len())
		size := o.size
		if size == 0 {
			size = len(o.content)
		}
		head := byte(o.kind<<4 | size&15)
		for size >>= 4; size > 0; size >>= 7 {
			b.WriteByte(head | 0x80)
			head = byte(size & 0x7f)
		}
		b.WriteByte(head)
		if o.kind == kindOfsDelta {
			back := at[len(at)-1] - at[len(at)-1-o.back]
			var bytes []byte
			bytes = append(bytes, byte(back&0x7f))
			for back >>= 7; back > 0; back >>= 7 {
				back--
				bytes = append([]byte{byte(back&0x7f) | 0x80}, bytes...)
			}
			b.Write(bytes)
		}
		if o.kind == kindRefDelta {
			b.Write(o.ref[:])
		}
		zw := zlib.NewWriter(&b)
		zw.Write(o.content)
		zw.Close()
	}
	sum := sha1.Sum(b.Bytes())
	b.Write(sum[:])
	return b.Bytes()
}

func idOf(kind string, content []byte) oid {
	return sha1.Sum(append(fmt.Appendf(nil, "%s %d\x00", kind, len(content)), content...))
}

func treeOf(entries ...string) []byte {
	var b []byte
	for i := 0; i < len(entries); i += 2 {
		id, _ := parseOID(entries[i+1])
		b = append(append(append(b, entries[i]...), 0), id[:]...)
	}
	return b
}

// walkPack goes through a pack whose commit has this folder.
func walkPack(t *testing.T, tree []byte, more ...packed) (Files, error) {
	t.Helper()
	commit := []byte("tree " + idOf("tree", tree).String() + "\n")
	l := Defaults()
	l.Entries = 2000
	p, err := readPack(t.Context(), packOf(append([]packed{{kind: kindCommit, content: commit}, {kind: kindTree, content: tree}}, more...)...), l)
	if err != nil {
		return Files{}, err
	}
	w := &walk{shelf: newShelf(l), pack: p}
	if err := w.commit(idOf("commit", commit)); err != nil {
		return Files{}, err
	}
	if err := w.take(w.wanted, p); err != nil {
		return Files{}, err
	}
	return w.done(""), nil
}

func TestAHostileRepositoryIsRefused(t *testing.T) {
	blob := []byte("x")
	id := idOf("blob", blob).String()
	// Each folder is ten times in the next: 10^9 files in a few hundred bytes.
	var bomb []packed
	inner, mode := id, "100644"
	var tree []byte
	for range 9 {
		var entries []string
		for i := range 10 {
			entries = append(entries, fmt.Sprintf("%s f%d", mode, i), inner)
		}
		tree = treeOf(entries...)
		bomb = append(bomb, packed{kind: kindTree, content: tree})
		inner, mode = idOf("tree", tree).String(), "40000"
	}
	for what, c := range map[string]struct {
		tree []byte
		more []packed
		says string
	}{
		"a folder in a folder in a folder": {tree, bomb, "more than 2000 files"},
		"a name that climbs":               {treeOf("100644 ..", id), nil, "leads out"},
		"a name with a slash":              {treeOf("100644 ../x.yml", id), nil, "cannot be"},
		"a name with a backslash":          {treeOf(`100644 a\x.yml`, id), nil, "backslash"},
		"an odd kind":                      {treeOf("777777 x.yml", id), nil, "neither a file"},
		"a file that is missing":           {treeOf("100644 x.yml", id), nil, "missing"},
		"a file that is a folder":          {treeOf("100644 x.yml", idOf("tree", nil).String()), []packed{{kind: kindTree}}, "not what"},
		"a bomb":                           {treeOf("100644 x.yml", id), []packed{{kind: kindBlob, content: []byte("x"), size: 2 << 30}}, "unpacks to more"},
		"a size that lies":                 {treeOf("100644 x.yml", id), []packed{{kind: kindBlob, content: []byte("xyz"), size: 2}}, "not as long"},
		"a change that lies":               {treeOf("100644 x.yml", id), []packed{{kind: kindBlob, content: blob}, {kind: kindOfsDelta, content: []byte{1, 9, 0x90, 9}, back: 1}}, "cannot be made"},
		"a change of more than there is":   {treeOf("100644 x.yml", id), []packed{{kind: kindBlob, content: blob}, {kind: kindOfsDelta, content: []byte{1, 1, 0x91, 200, 1}, back: 1}}, "cannot be made"},
	} {
		got, err := walkPack(t, c.tree, c.more...)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, %v; want %q", what, got, err, c.says)
		}
	}
	got, err := walkPack(t, treeOf("100644 x.yml", id, "100644 y.yml", idOf("blob", []byte("xx")).String(), "160000 sub.yml", id),
		packed{kind: kindBlob, content: blob}, packed{kind: kindOfsDelta, content: []byte{1, 2, 0x90, 1, 1, 'x'}, back: 1})
	if err != nil || len(got.Files) != 2 || string(got.Files[1].Bytes) != "xx" || len(got.Notes) != 1 {
		t.Errorf("a harmless one: %v, %v", got, err)
	}
}

func TestWhatIsNoGitServerIsSaid(t *testing.T) {
	pkt := func(text string) string { return fmt.Sprintf("%04x%s", len(text)+4, text) }
	answers := map[string]string{
		"old":      pkt("# service=git-upload-pack\n") + "0000" + pkt(strings.Repeat("a", 40)+" HEAD\x00 symref=HEAD:refs/heads/main\n") + "0000",
		"garbage":  "zzzz",
		"cut":      pkt("version 2\n") + "00ff",
		"sha256":   pkt("version 2\n") + pkt("object-format=sha256\n") + "0000",
		"endless":  strings.Repeat(pkt("x\n"), 2000),
		"version2": pkt("version 2\n") + pkt("fetch=shallow\n") + "0000",
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), ".git")
		switch {
		case strings.HasSuffix(r.URL.Path, "/info/refs"):
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			fmt.Fprint(w, answers[name])
		default:
			w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
			fmt.Fprint(w, pkt("ERR go away\x1b[31m\n")+"0000")
		}
	}))
	defer server.Close()
	for name, want := range map[string]string{"old": "version 2", "garbage": "version 2", "cut": "ends too soon", "sha256": "SHA-1", "endless": "version 2", "version2": "go away"} {
		if _, err := fetch(t, fetcher(t), server.URL+"/"+name+".git"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %v; want %q", name, err, want)
		}
	}
}

func FuzzReadPack(f *testing.F) {
	blob := []byte("some text, which is long enough")
	f.Add(packOf(packed{kind: kindCommit, content: []byte("tree x")}, packed{kind: kindTree, content: treeOf("100644 x.yml", idOf("blob", blob).String())},
		packed{kind: kindBlob, content: blob}, packed{kind: kindOfsDelta, content: []byte{31, 4, 0x90, 4}, back: 1}))
	l := Limits{Unpacked: 1 << 20, Entries: 100, Files: 10, Kept: 1 << 20, File: 1 << 20, Path: 100, Depth: 5}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 32 { // a checksum that is right lets more be read
			sum := sha1.Sum(data[:len(data)-20])
			data = append(bytes.Clone(data[:len(data)-20]), sum[:]...)
		}
		p, err := readPack(context.Background(), data, l)
		if err != nil {
			return
		}
		for id := range p.ids {
			w := &walk{shelf: newShelf(l), pack: p}
			_ = w.commit(id)
			_ = w.folder(id, "")
			_ = w.take(w.wanted, p)
			sound(t, w.done(""), l)
		}
	})
}

// Changes that name what they change may stand in any order; the last first has each
// looked at again for each before it.
func TestAPackOfChangesInTheWrongOrderCostsNoMoreThanOneInTheRightOne(t *testing.T) {
	of := func(n int) []byte {
		objects := []packed{{kind: kindBlob, content: []byte("ab")}}
		var changes []packed
		base := idOf("blob", []byte("ab"))
		for i := range n {
			text := []byte{byte(i >> 8), byte(i)}
			changes = append([]packed{{kind: kindRefDelta, content: append([]byte{2, 2, 2}, text...), ref: base}}, changes...)
			base = idOf("blob", text)
		}
		return packOf(append(objects, changes...)...)
	}
	if p, err := readPack(t.Context(), of(200), Defaults()); err != nil || len(p.ids) != 201 {
		t.Errorf("200 changes: %v", err)
	}
	if _, err := readPack(t.Context(), of(maxChain+10), Defaults()); err == nil || !strings.Contains(err.Error(), "hang on each other") {
		t.Errorf("more than %d: %v", maxChain, err)
	}
}
