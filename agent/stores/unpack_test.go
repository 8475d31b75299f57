package stores

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path"
	"runtime"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

// entry is one of an archive that a test makes.
type entry struct {
	name, text, link string
	kind             byte // of tar; a regular file unless said
}

func tarOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	gz, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	check(t, err)
	tw := tar.NewWriter(gz)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		check(t, tw.WriteHeader(&tar.Header{Name: e.name, Typeflag: e.kind, Size: int64(len(e.text)), Linkname: e.link, Mode: 0o644}))
		_, err := tw.Write([]byte(e.text))
		check(t, err)
	}
	check(t, tw.Close())
	check(t, gz.Close())
	return out.Bytes()
}

func zipOf(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var out bytes.Buffer
	zw := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		switch e.kind {
		case tar.TypeSymlink:
			h.SetMode(0o777 | 1<<27) // fs.ModeSymlink
			e.text = e.link
		case tar.TypeChar:
			h.SetMode(0o600 | 1<<26 | 1<<21)
		default:
			h.SetMode(0o644)
		}
		w, err := zw.CreateHeader(h)
		check(t, err)
		_, err = w.Write([]byte(e.text))
		check(t, err)
	}
	check(t, zw.Close())
	return out.Bytes()
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// stream hides that a reader can do more.
type stream struct{ io.Reader }

func unpack(t testing.TB, archive []byte, l Limits) (Files, error) {
	t.Helper()
	return Unpack(t.Context(), stream{bytes.NewReader(archive)}, l, t.TempDir())
}

func TestManifestsAreKeptAndEverythingElseIsSkipped(t *testing.T) {
	entries := []entry{
		{name: "store/"}, {name: "store/b/docker-compose.yml", text: "b"}, {name: "store/a/app.hcl", text: "a"}, {name: "store/a/icon.png", text: "PNG"},
		{name: "./store/c/config.json", text: "{}"}, {name: "store/.git/config.yml", text: "x"}, {name: "store/README", text: "read"},
	}
	entries[0].kind = tar.TypeDir
	for what, archive := range map[string][]byte{"tar": tarOf(t, entries...), "zip": zipOf(t, entries[1:]...)} {
		for how, r := range map[string]io.Reader{"stream": stream{bytes.NewReader(archive)}, "bytes": bytes.NewReader(archive)} {
			got, err := Unpack(t.Context(), r, Defaults(), t.TempDir())
			check(t, err)
			var names []string
			for _, f := range got.Files {
				names = append(names, f.Path+"="+string(f.Bytes))
			}
			if want := "store/a/app.hcl=a store/b/docker-compose.yml=b store/c/config.json={}"; strings.Join(names, " ") != want {
				t.Errorf("%s, %s: %v", what, how, names)
			}
			if len(got.Notes) != 0 || got.Revision != Sum(archive) {
				t.Errorf("%s, %s: %v %s", what, how, got.Notes, got.Revision)
			}
		}
	}
}

func TestAHostileArchiveIsRefusedAsAWhole(t *testing.T) {
	for what, c := range map[string]struct {
		entry
		says string
	}{
		"a path that climbs":       {entry{name: "a/../../etc/x.yml"}, "leads out"},
		"a path that climbs back":  {entry{name: "a/../b/x.yml"}, "leads out"},
		"an absolute path":         {entry{name: "/etc/x.yml"}, "absolute"},
		"a drive":                  {entry{name: "C:/x.yml"}, "drive"},
		"a backslash":              {entry{name: `a\..\x.yml`}, "backslash"},
		"a line break":             {entry{name: "a\nb.yml"}, "control character"},
		"too many folders":         {entry{name: strings.Repeat("a/", 40) + "x.yml"}, "folders deep"},
		"too long a path":          {entry{name: strings.Repeat("a", 1100)}, "more than 1024 bytes"},
		"a link to the root":       {entry{name: "a/x.yml", kind: tar.TypeSymlink, link: "/etc/passwd"}, "leads out"},
		"a link that climbs":       {entry{name: "a/x", kind: tar.TypeSymlink, link: "../../x"}, "leads out"},
		"a device":                 {entry{name: "a/x.yml", kind: tar.TypeChar}, "device"},
		"a path of another system": {entry{name: "a//x:y\\z"}, "backslash"},
	} {
		good := entry{name: "a/app.hcl", text: "x"}
		for kind, archive := range map[string][]byte{"tar": tarOf(t, good, c.entry), "zip": zipOf(t, good, c.entry)} {
			got, err := unpack(t, archive, Defaults())
			var e *agent.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, c.says) || len(got.Files) != 0 {
				t.Errorf("%s in a %s: %d files, %v; want %q", what, kind, len(got.Files), err, c.says)
			}
		}
	}
	for what, e := range map[string]entry{
		"a hard link that climbs": {name: "a/x", kind: tar.TypeLink, link: "../x"},
		"a pipe":                  {name: "a/x", kind: tar.TypeFifo},
	} {
		if _, err := unpack(t, tarOf(t, e), Defaults()); err == nil || !strings.Contains(err.Error(), "refused") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatIsHarmlessButNotTakenIsNoted(t *testing.T) {
	entries := []entry{
		{name: "a/x.yml", text: "1"}, {name: "a/x.yml", text: "2"}, {name: "A/X.yml", text: "3"}, {name: "a/l.yml", kind: tar.TypeSymlink, link: "x.yml"},
		{name: "a/\xff.yml", text: "4"}, {name: "a/large.yml", text: strings.Repeat("x", 1<<20+1)}, {name: "a/large.conf", text: strings.Repeat("x", maxBeside+1)},
	}
	for kind, archive := range map[string][]byte{"tar": tarOf(t, entries...), "zip": zipOf(t, entries...)} {
		got, err := unpack(t, archive, Defaults())
		check(t, err)
		if len(got.Files) != 1 || string(got.Files[0].Bytes) != "1" {
			t.Errorf("%s: %v", kind, got.Files)
		}
		all := strings.Join(got.Notes, "\n")
		for _, want := range []string{"there twice", "but for capitals", "is a link", "not UTF-8", "larger than 1024 KiB", "larger than 64 KiB"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no note of %q in:\n%s", kind, want, all)
			}
		}
	}
}

func TestLimitsHold(t *testing.T) {
	with := func(change func(*Limits)) Limits {
		l := Defaults()
		change(&l)
		return l
	}
	var many []entry
	for i := range 300 {
		many = append(many, entry{name: fmt.Sprintf("a/%d.yml", i), text: strings.Repeat("x", 1000)})
	}
	for what, c := range map[string]struct {
		limits Limits
		says   string
	}{
		"files":     {with(func(l *Limits) { l.Entries = 299 }), "more than 299 files"},
		"manifests": {with(func(l *Limits) { l.Files = 299 }), "more than 299 manifests"},
		"kept":      {with(func(l *Limits) { l.Kept = 299_999 }), "larger than 0 MiB in all"},
		"wire":      {with(func(l *Limits) { l.Wire = 1000 }), "larger than"},
		"unpacked":  {with(func(l *Limits) { l.Unpacked = 200_000 }), "unpacks to more than"},
	} {
		for kind, archive := range map[string][]byte{"tar": tarOf(t, many...), "zip": zipOf(t, many...)} {
			if _, err := unpack(t, archive, c.limits); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s of a %s: %v; want %q", what, kind, err, c.says)
			}
		}
	}
	if got, err := unpack(t, tarOf(t, many...), with(func(l *Limits) { l.Entries, l.Files, l.Kept = 300, 300, 300_000 })); err != nil || len(got.Files) != 300 {
		t.Errorf("just what is allowed: %d files, %v", len(got.Files), err)
	}
}

func TestADamagedArchiveIsToldFromAWholeOne(t *testing.T) {
	// Random text, which does not shrink, so that a change anywhere is one of content.
	noise := make([]byte, 5000)
	random := rand.NewChaCha8([32]byte{})
	random.Read(noise)
	e := []entry{{name: "a/x.yml", text: string(noise)}, {name: "a/y.yml", text: string(noise[:1000])}}
	for kind, archive := range map[string][]byte{"tar": tarOf(t, e...), "zip": zipOf(t, e...)} {
		for _, cut := range []int{5, 100, len(archive) / 2, len(archive) - 1} {
			if _, err := unpack(t, archive[:cut], Defaults()); err == nil {
				t.Errorf("a %s that ends after %d of %d bytes is taken", kind, cut, len(archive))
			}
		}
		broken := bytes.Clone(archive)
		broken[len(broken)/3] ^= 0xff
		if _, err := unpack(t, broken, Defaults()); err == nil {
			t.Errorf("a %s with a wrong checksum is taken", kind)
		}
	}
	for what, text := range map[string]string{"nothing": "", "a page": "<!doctype html><html>", "a picture": "\x89PNG\r\n\x1a\n"} {
		if _, err := unpack(t, []byte(text), Defaults()); !errors.Is(err, errNoArchive) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Unpack(canceled(), bytes.NewReader(tarOf(t, e...)), Defaults(), ""); err == nil || !strings.Contains(err.Error(), "called off") {
		t.Errorf("called off: %v", err)
	}
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// TestABombCostsLittle unpacks what would be gigabytes, and files without number.
func TestABombCostsLittle(t *testing.T) {
	l := Defaults()
	zeros := func(w io.Writer, n int64) { _, err := io.CopyN(w, zero{}, n); check(t, err) }
	var bomb bytes.Buffer
	gz := gzip.NewWriter(&bomb)
	tw := tar.NewWriter(gz)
	check(t, tw.WriteHeader(&tar.Header{Name: "a/big.bin", Size: 64 << 20, Mode: 0o644}))
	zeros(tw, 64<<20)
	check(t, tw.Close())
	check(t, gz.Close())

	var tiny bytes.Buffer
	gz, _ = gzip.NewWriterLevel(&tiny, gzip.BestSpeed)
	tw = tar.NewWriter(gz)
	for i := range l.Entries + 10 {
		check(t, tw.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d", i), Mode: 0o644}))
	}
	check(t, tw.Close())
	check(t, gz.Close())

	var index bytes.Buffer
	zw := zip.NewWriter(&index)
	for i := range 200_000 {
		_, err := zw.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("%d", i)})
		check(t, err)
	}
	check(t, zw.Close())

	for what, c := range map[string]struct {
		archive []byte
		says    string
		most    uint64 // bytes that may be allocated
	}{
		"a file of zeros":      {bomb.Bytes(), "bomb", 2 << 20},
		"files without number": {tiny.Bytes(), "more than 100000 files", 150 << 20}, // in all, not at once: archive/tar makes a header for each
		"an index too large":   {index.Bytes(), "more than 100000 files", 80 << 20},
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := Unpack(t.Context(), bytes.NewReader(c.archive), l, "")
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v; want %q", what, err, c.says)
		}
		used := after.TotalAlloc - before.TotalAlloc
		t.Logf("%s took %.1f MiB of memory", what, float64(used)/(1<<20))
		if used > c.most*allocatesTimes {
			t.Errorf("%s took %d MiB of memory", what, used>>20)
		}
	}
}

type zero struct{}

func (zero) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestAZipThatLiesAboutSizesIsRefused changes what the index says of a file.
func TestAZipThatLiesAboutSizesIsRefused(t *testing.T) {
	archive := zipOf(t, entry{name: "a/x.yml", text: strings.Repeat("x", 5000)})
	at := bytes.LastIndex(archive, []byte("PK\x01\x02")) + 24 // the unpacked size in the index
	for _, size := range []uint32{0, 10, 4999, 5001, 1 << 30} {
		lie := bytes.Clone(archive)
		lie[at], lie[at+1], lie[at+2], lie[at+3] = byte(size), byte(size>>8), byte(size>>16), byte(size>>24)
		got, err := unpack(t, lie, Defaults())
		if size > 1<<20 { // it is left out for what it says
			if err != nil || len(got.Files) != 0 || len(got.Notes) != 1 {
				t.Errorf("%d bytes: %v, %v", size, got, err)
			}
		} else if err == nil {
			t.Errorf("a file of 5000 bytes is taken that says it has %d", size)
		}
	}
}

// TestNoNameLeadsOut tries names made of all that is dangerous in one.
func TestNoNameLeadsOut(t *testing.T) {
	parts := []string{"..", ".", "", "a", "b.yml", "/", "//", "\\", "C:", "\x00", "~", "%2e%2e", "\u202e", "a b", "\xff", "...", "-", "con", "a:b"}
	random := rand.New(rand.NewPCG(1, 2))
	l := Defaults()
	kept := 0
	for range 50_000 {
		name := ""
		for range random.IntN(6) + 1 {
			name += parts[random.IntN(len(parts))]
			if random.IntN(2) == 0 {
				name += "/"
			}
		}
		clean, err := l.checkPath(name)
		if err != nil {
			continue
		}
		kept++
		if path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(clean, "/../") || strings.ContainsAny(clean, "\\\x00") || clean != path.Clean(clean) {
			t.Fatalf("%q becomes %q", name, clean)
		}
	}
	if kept < 1000 {
		t.Errorf("only %d names were tried that are allowed", kept)
	}
}

// sound holds what came of an archive against what is promised of any.
func sound(t *testing.T, f Files, l Limits) {
	t.Helper()
	var sum int64
	for i, file := range f.Files {
		if path.IsAbs(file.Path) || strings.Contains(file.Path, "..") && file.Path != path.Clean(file.Path) || strings.HasPrefix(file.Path, "../") ||
			strings.ContainsAny(file.Path, "\\\x00") || file.Path != path.Clean(file.Path) {
			t.Errorf("%q leads elsewhere", file.Path)
		}
		most, ok := l.Wanted(file.Path)
		if !ok || int64(len(file.Bytes)) > most {
			t.Errorf("%q with %d bytes is kept", file.Path, len(file.Bytes))
		}
		if i > 0 && f.Files[i-1].Path >= file.Path {
			t.Errorf("%q comes after %q", file.Path, f.Files[i-1].Path)
		}
		sum += int64(len(file.Bytes))
	}
	if sum > l.Kept || len(f.Files) > l.Files || len(f.Notes) > maxNotes+1 {
		t.Errorf("%d files, %d bytes, %d notes", len(f.Files), sum, len(f.Notes))
	}
}

func FuzzUnpack(f *testing.F) {
	seeds := []entry{{name: "a/app.hcl", text: "app"}, {name: "a/b/c.yml", text: "x"}, {name: "l", kind: tar.TypeSymlink, link: "a"}, {name: "A/app.hcl"}}
	f.Add(tarOf(f, seeds...))
	f.Add(zipOf(f, seeds...))
	f.Add(tarOf(f, entry{name: "../x.yml"}))
	f.Add(zipOf(f, entry{name: "/x.yml"}))
	l := Limits{Wire: 1 << 20, Unpacked: 1 << 20, Ratio: 200, Entries: 100, Files: 50, Kept: 100_000, File: 10_000, Path: 200, Depth: 8}
	f.Fuzz(func(t *testing.T, archive []byte) {
		files, err := Unpack(t.Context(), bytes.NewReader(archive), l, "")
		if err != nil && len(files.Files) > 0 {
			t.Error("files of what was refused")
		}
		sound(t, files, l)
	})
}

// FuzzUnpackTar changes the tar within, which a change of the gzip around it never
// reaches.
func FuzzUnpackTar(f *testing.F) {
	for _, archive := range [][]byte{tarOf(f, entry{name: "a/app.hcl", text: "app"}, entry{name: "b.yml", kind: tar.TypeLink, link: "a/app.hcl"})} {
		zr, err := gzip.NewReader(bytes.NewReader(archive))
		check(f, err)
		raw, err := io.ReadAll(zr)
		check(f, err)
		f.Add(raw)
	}
	l := Limits{Wire: 1 << 20, Unpacked: 1 << 20, Ratio: 200, Entries: 100, Files: 50, Kept: 100_000, File: 10_000, Path: 200, Depth: 8}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := newShelf(l)
		if readTar(tar.NewReader(bytes.NewReader(raw)), s) == nil {
			sound(t, s.done(""), l)
		}
	})
}
