package engines

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dentropy/dcloud/provisioning"
)

// script is what stands in for an engine: it says its version.
func script(e Engine) string { return "#!/bin/sh\necho " + e.Name + " v" + e.Version + "\n" }

type entry struct {
	name, body string
	kind       byte
}

func targz(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := gzip.NewWriter(&buf)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o755, Typeflag: e.kind, Size: int64(len(e.body))}
		if e.kind == tar.TypeSymlink {
			h.Linkname, h.Size = e.body, 0
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if e.kind == tar.TypeReg {
			_, _ = w.Write([]byte(e.body))
		}
	}
	_ = w.Close()
	_ = z.Close()
	return buf.Bytes()
}

// site serves a release as Traefik does. A nil handler serves the archive.
type site struct {
	archive []byte
	sums    string // "" for the right ones
	serve   http.HandlerFunc
	asked   int
	// reach and stall are how long it is waited for; 0 for as long as a test may take.
	reach, stall time.Duration
}

// aMoment is for sites that never answer: the shorter it is, the sooner the test ends.
const aMoment = 100 * time.Millisecond

// patient is a transport that gives a site on a busy machine all the time that it needs.
func patient() *transport {
	tr := newTransport(nil)
	tr.reach, tr.stall = 5*time.Minute, 5*time.Minute
	return tr
}

func (s *site) start(t *testing.T) Source {
	t.Helper()
	name := fmt.Sprintf("traefik_v%s_linux_%s.tar.gz", Traefik.Version, archiveArch())
	sum := sha256.Sum256(s.archive)
	if s.sums == "" {
		s.sums = hex.EncodeToString(sum[:]) + "  ./" + name + "\n"
	}
	mux := http.NewServeMux()
	prefix := "/v" + Traefik.Version + "/"
	mux.HandleFunc(prefix+"traefik_v"+Traefik.Version+"_checksums.txt", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(s.sums))
	})
	mux.HandleFunc(prefix+name, func(w http.ResponseWriter, r *http.Request) {
		s.asked++
		if s.serve != nil {
			s.serve(w, r)
			return
		}
		_, _ = w.Write(s.archive)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	tr := patient()
	if s.reach != 0 {
		tr.reach = s.reach
	}
	if s.stall != 0 {
		tr.stall = s.stall
	}
	return archiveSource(server.URL, tr)
}

func goodSite(t *testing.T) *site {
	return &site{archive: targz(t,
		entry{"CHANGELOG.md", "news", tar.TypeReg},
		entry{Traefik.Name, script(Traefik), tar.TypeReg})}
}

func get1(t *testing.T, c Cache, s ...Source) (string, error) {
	t.Helper()
	return ensure(t.Context(), c, Traefik, HostArch(), s, nil)
}

// left are the files under the cache, without the lock.
func left(t *testing.T, c Cache) (files []string) {
	t.Helper()
	err := filepath.WalkDir(c.Dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != ".lock" {
			rel, _ := filepath.Rel(c.Dir, path)
			files = append(files, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func never(t *testing.T) Source {
	return Source{Name: "never", Fetch: func(context.Context, Engine, string, Progress) (string, error) {
		t.Error("a source was asked although the cache has it")
		return "", fmt.Errorf("never")
	}}
}

func collect(into *[]provisioning.Progress) Progress {
	return func(p provisioning.Progress) { *into = append(*into, p) }
}
