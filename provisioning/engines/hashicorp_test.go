package engines

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/hashicorp/hc-install/releases"
)

// signer is a release key of the test's own.
func signer(t *testing.T) (*openpgp.Entity, string) {
	t.Helper()
	key, err := openpgp.NewEntity("release", "", "release@example.com", nil)
	if err != nil {
		t.Fatal(err)
	}
	var public bytes.Buffer
	w, err := armor.Encode(&public, openpgp.PublicKeyType, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := key.Serialize(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return key, public.String()
}

// releaseSite serves Nomad as HashiCorp's site does. What is signed need not be
// what is served.
func releaseSite(t *testing.T, key *openpgp.Entity, signed, served []byte) string {
	t.Helper()
	stem := "nomad_" + Nomad.Version
	archive := fmt.Sprintf("%s_%s_%s.zip", stem, runtime.GOOS, runtime.GOARCH)
	sums := fmt.Sprintf("%x  %s\n", sha256.Sum256(signed), archive)
	var sig bytes.Buffer
	if err := openpgp.DetachSign(&sig, key, strings.NewReader(sums), nil); err != nil {
		t.Fatal(err)
	}
	prefix := "/nomad/" + Nomad.Version + "/"
	index := fmt.Sprintf(`{"name":"nomad","version":%q,"shasums":"%s_SHA256SUMS","shasums_signatures":["%s_SHA256SUMS.sig"],
		"builds":[{"name":"nomad","version":%q,"os":%q,"arch":%q,"filename":%q,"url":%q}]}`,
		Nomad.Version, stem, stem, Nomad.Version, runtime.GOOS, runtime.GOARCH, archive, "https://example.com"+prefix+archive)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch strings.TrimPrefix(r.URL.Path, prefix) {
		case "index.json":
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(index))
		case stem + "_SHA256SUMS":
			_, _ = w.Write([]byte(sums))
		case stem + "_SHA256SUMS.sig":
			_, _ = w.Write(sig.Bytes())
		case archive: // as from a mirror: by a redirect that has a body
			http.Redirect(w, r, prefix+"mirror/"+archive, http.StatusFound)
		case "mirror/" + archive:
			w.Header().Set("Content-Type", "application/zip")
			_, _ = w.Write(served)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func zipped(t *testing.T, name, body string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(body))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestSignedReleaseIsTakenAndAnyOtherRefused(t *testing.T) {
	ours, public := signer(t)
	stranger, _ := signer(t)
	good := zipped(t, "nomad", script(Nomad))
	evil := zipped(t, "nomad", script(Nomad)+"echo evil\n")
	for name, tc := range map[string]struct {
		key            *openpgp.Entity
		signed, served []byte
		say            string
	}{
		"cut off":              {ours, good, good[:len(good)/2], "checksum does not match"},
		"good":                 {ours, good, good, ""},
		"signed by a stranger": {stranger, good, good, "signature"},
		"altered archive":      {ours, good, evil, "checksum does not match"},
	} {
		t.Run(name, func(t *testing.T) {
			url := releaseSite(t, tc.key, tc.signed, tc.served)
			s := hashicorpSource(&releases.ExactVersion{ApiBaseURL: url, ArmoredPublicKey: public}, patient())
			c := Cache{Dir: t.TempDir()}
			_, err := ensure(t.Context(), c, Nomad, HostArch(), []Source{s}, nil)
			if tc.say == "" && err != nil || tc.say != "" && (err == nil || !strings.Contains(err.Error(), tc.say)) {
				t.Errorf("got %v", err)
			}
			if files := left(t, c); (len(files) != 0) != (tc.say == "") {
				t.Errorf("kept %q", files)
			}
		})
	}
}

func TestIncompleteExtractionIsRefused(t *testing.T) {
	dir := t.TempDir()
	archive, file := filepath.Join(dir, "a.zip"), filepath.Join(dir, "nomad")
	if err := os.WriteFile(archive, zipped(t, "nomad", "all of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	for text, ok := range map[string]bool{"all of it": true, "all of": false, "all of IT": false} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := sameAsArchived(file, archive, "nomad"); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := sameAsArchived(file, archive, "consul"); err == nil {
		t.Error("another name passes")
	}
}

func TestSilentReleaseSiteIsGivenUpInTime(t *testing.T) {
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}))
	defer server.Close()
	tr := patient()
	tr.reach = aMoment
	s := hashicorpSource(&releases.ExactVersion{ApiBaseURL: server.URL}, tr)
	_, err := ensure(t.Context(), Cache{Dir: t.TempDir()}, Nomad, HostArch(), []Source{s}, nil)
	if err == nil || !strings.Contains(err.Error(), "did not answer within") {
		t.Errorf("said: %v", err)
	}
	// HashiCorp's own client would go on asking for a minute. On a machine that is busy
	// the site may not have noticed even the first time.
	if n := asked.Load(); n > 1 {
		t.Errorf("it was asked %d times", n)
	}
}
