package engines

import (
	"archive/tar"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dentropy/dcloud/provisioning"
)

func TestArchiveIsFetchedOnceAndThenComesFromTheCache(t *testing.T) {
	c, s := Cache{Dir: t.TempDir()}, goodSite(t)
	path, err := get1(t, c, s.start(t))
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(c.Dir, "engines", "traefik", Traefik.Version, "linux-"+HostArch(), "traefik")
	if path != want {
		t.Errorf("it is at %s, not %s", path, want)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != script(Traefik) {
		t.Errorf("%q, %v", text, err)
	}
	if again, err := get1(t, c, never(t)); err != nil || again != path {
		t.Errorf("%s, %v", again, err)
	}
	if files := left(t, c); len(files) != 3 {
		t.Errorf("besides binary, checksum and stamp there is something left: %q", files)
	}
}

func TestHostileArchivesAreRefusedAndNothingIsKept(t *testing.T) {
	good := goodSite(t).archive
	engine := entry{Traefik.Name, script(Traefik), tar.TypeReg}
	altered := append([]byte(nil), good...)
	altered[len(altered)/2] ^= 1
	sumOfGood := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(altered) }
	for name, tc := range map[string]struct {
		site site
		say  string
	}{
		"altered":        {site{archive: good, serve: sumOfGood}, "is refused: its SHA-256 is"},
		"wrong checksum": {site{archive: good, sums: strings.Repeat("ab", 32) + "  traefik_v" + Traefik.Version + "_linux_" + archiveArch() + ".tar.gz\n"}, "is refused: its SHA-256 is"},
		"no checksum":    {site{archive: good, sums: "nothing here\n"}, "do not name"},
		"path traversal": {site{archive: targz(t, entry{"../../evil", "x", tar.TypeReg}, engine)}, "leads out of it"},
		"absolute path":  {site{archive: targz(t, entry{"/etc/evil", "x", tar.TypeReg}, engine)}, "leads out of it"},
		"symlink":        {site{archive: targz(t, entry{Traefik.Name, "/bin/sh", tar.TypeSymlink})}, "does not hold traefik"},
		"twice":          {site{archive: targz(t, engine, engine)}, "holds traefik twice"},
		"no gzip":        {site{archive: []byte("<html>sign in to the hotel's network</html>")}, "gzip"},
		"cut off inside": {site{archive: good[:len(good)/2]}, "unexpected EOF"},
		"other version":  {site{archive: targz(t, entry{Traefik.Name, "#!/bin/sh\necho v0.1\n", tar.TypeReg})}, "not version"},
		"does not start": {site{archive: targz(t, entry{Traefik.Name, "#!/bin/sh\nexit 3\n", tar.TypeReg})}, "does not start"},
		"not found":      {site{archive: good, serve: http.NotFound}, "404"},
		"truncated": {site{archive: good, serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100000")
			_, _ = w.Write(good)
		}}, "broke off"},
		"says nothing": {site{archive: good, reach: aMoment, serve: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }}, "did not answer within"},
		"stalls": {site{archive: good, stall: aMoment, serve: func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(good[:20])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}}, "sent nothing for"},
	} {
		t.Run(name, func(t *testing.T) {
			c := Cache{Dir: t.TempDir()}
			_, err := get1(t, c, tc.site.start(t))
			if err == nil || !strings.Contains(err.Error(), tc.say) {
				t.Errorf("got %v, not %q", err, tc.say)
			}
			if e, ok := err.(*provisioning.Error); !ok || e.Hint == "" {
				t.Errorf("no hint: %#v", err)
			}
			if files := left(t, c); len(files) != 0 {
				t.Errorf("kept %q", files)
			}
		})
	}
}

func TestNextSourceIsAskedAndTheReasonIsTold(t *testing.T) {
	var told []provisioning.Progress
	bad := site{archive: []byte("x"), serve: http.NotFound}
	_, err := ensure(t.Context(), Cache{Dir: t.TempDir()}, Traefik, HostArch(),
		[]Source{bad.start(t), goodSite(t).start(t)}, collect(&told))
	if err != nil {
		t.Fatal(err)
	}
	var reason, percent bool
	for _, p := range told {
		reason = reason || strings.Contains(p.Message, "official archive: ") && strings.Contains(p.Message, "404")
		percent = percent || p.Percent == 100 && strings.HasPrefix(p.Message, "downloading")
	}
	if !reason || !percent {
		t.Errorf("reason told: %v, percent told: %v: %+v", reason, percent, told)
	}
}

func TestUnreachableHostFailsWithinFiveSeconds(t *testing.T) {
	// A name that never resolves (RFC 6761) and a closed port.
	for _, base := range []string{"https://nothing.invalid", "http://127.0.0.1:1"} {
		if _, err := get1(t, Cache{Dir: t.TempDir()}, archiveSource(base, newTransport(nil))); err == nil {
			t.Errorf("%s answered", base)
		}
	}
	// A host that lets every packet vanish, by a clock that runs only while all wait.
	synctest.Test(t, func(t *testing.T) {
		tr := newTransport(nil)
		tr.inner = silent{}
		began := time.Now()
		_, err := archiveSource("http://192.0.2.1", tr).Fetch(t.Context(), Traefik, t.TempDir(), func(provisioning.Progress) {})
		if took := time.Since(began); err == nil || !strings.Contains(err.Error(), "did not answer within 5s") || took != 5*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

// silent answers nobody.
type silent struct{}

func (silent) RoundTrip(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func FuzzParseChecksums(f *testing.F) {
	f.Add(strings.Repeat("0", 64)+"  ./a.tar.gz\n", "a.tar.gz")
	f.Add("x *a", "a")
	f.Fuzz(func(t *testing.T, text, file string) {
		if sum, err := parseChecksums(text, file); err == nil && len(sum) != 64 {
			t.Errorf("%q is no SHA-256", sum)
		}
	})
}

func FuzzExtractNeverWritesBesideItsTarget(f *testing.F) {
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		archive := filepath.Join(dir, "a")
		if err := os.WriteFile(archive, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = extract(archive, "traefik", filepath.Join(dir, "out"))
		names, _ := os.ReadDir(dir)
		for _, n := range names {
			if n.Name() != "a" && n.Name() != "out" {
				t.Errorf("wrote %s", n.Name())
			}
		}
	})
}
