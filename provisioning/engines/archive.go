package engines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// traefikReleases is where Traefik publishes its archives, each release with a
// file of checksums: https://doc.traefik.io/traefik/getting-started/install-traefik/.
const traefikReleases = "https://github.com/traefik/traefik/releases/download"

// Limits against an answer that never ends. Traefik's archive is about 50 MB,
// its binary 180 MB.
const (
	maxSums    = 1 << 20
	maxArchive = 1 << 30
)

func traefikArchive() Source {
	return archiveSource(traefikReleases, newTransport(nil))
}

// archiveSource is a site with BASE/vVERSION/NAME_vVERSION_linux_ARCH.tar.gz and
// BASE/vVERSION/NAME_vVERSION_checksums.txt.
func archiveSource(base string, t *transport) Source {
	return Source{Name: "official archive", Fetch: func(ctx context.Context, e Engine, dir string, progress Progress) (string, error) {
		watched := *t
		watched.onBody = newMeter(progress).download(".tar.gz")
		client := &http.Client{Transport: &watched}
		ctx, cancel := context.WithTimeout(ctx, downloadTime)
		defer cancel()

		stem := fmt.Sprintf("%s_v%s_", e.Name, e.Version)
		archive := stem + "linux_" + archiveArch() + ".tar.gz"
		var sums strings.Builder
		if err := get(ctx, client, base+"/v"+e.Version+"/"+stem+"checksums.txt", &sums, maxSums); err != nil {
			return "", err
		}
		want, err := parseChecksums(sums.String(), archive)
		if err != nil {
			return "", err
		}
		path := filepath.Join(dir, archive)
		if err := download(ctx, client, base+"/v"+e.Version+"/"+archive, path, want); err != nil {
			return "", err
		}
		binary := filepath.Join(dir, e.Name)
		if err := extract(path, e.Name, binary); err != nil {
			return "", fmt.Errorf("%s: %w", archive, err)
		}
		return binary, nil
	}}
}

// archiveArch is the machine's name in Traefik's archives. Where GOARCH is arm we
// are on version 7: preflight refuses older ones.
func archiveArch() string {
	if runtime.GOARCH == "arm" {
		return "armv7"
	}
	return runtime.GOARCH
}

// download writes what url answers to path and refuses it, unless its SHA-256 is want.
func download(ctx context.Context, client *http.Client, url, path, want string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	h := sha256.New()
	err = get(ctx, client, url, io.MultiWriter(f, h), maxArchive)
	err = errors.Join(err, f.Close())
	if got := hex.EncodeToString(h.Sum(nil)); err == nil && got != want {
		err = fmt.Errorf("%s is refused: its SHA-256 is %s, the release's checksums say %s", filepath.Base(path), got, want)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func get(ctx context.Context, client *http.Client, url string, w io.Writer, most int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	n, err := io.Copy(w, io.LimitReader(resp.Body, most+1))
	switch {
	case err != nil:
		return fmt.Errorf("download of %s broke off after %d bytes: %w", url, n, err)
	case n > most:
		return fmt.Errorf("%s is refused: it is larger than %d MB", url, most>>20)
	}
	return nil
}

// parseChecksums finds a file's SHA-256 in a text as sha256sum(1) writes it.
func parseChecksums(text, file string) (string, error) {
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) != 2 || strings.TrimPrefix(strings.TrimPrefix(f[1], "*"), "./") != file {
			continue
		}
		return parseSum(f[0])
	}
	return "", fmt.Errorf("the release's checksums do not name %s", file)
}
