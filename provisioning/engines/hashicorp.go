package engines

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// downloadTime is the longest that a download may take in all: 100 MB over the
// slowest line that is of use.
const downloadTime = 2 * time.Hour

// hashicorpArchive is HashiCorp's release site. Their own library verifies the
// signature of the checksums with their key, and the archive with the checksums.
func hashicorpArchive() Source {
	return hashicorpSource(&releases.ExactVersion{}, newTransport(nil))
}

func hashicorpSource(template *releases.ExactVersion, t *transport) Source {
	return Source{Name: "official archive", Fetch: func(ctx context.Context, e Engine, dir string, progress Progress) (string, error) {
		v, err := version.NewVersion(e.Version)
		if err != nil {
			return "", err
		}
		kept := filepath.Join(dir, "archive.zip")
		archive, err := os.OpenFile(kept, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return "", err
		}
		defer archive.Close()
		var copyErr error
		said := &lastWords{}
		watched := *t
		watched.onBytes = func(url string, p []byte) error {
			if strings.HasSuffix(url, ".zip") && copyErr == nil {
				_, copyErr = archive.Write(p)
			}
			return copyErr
		}
		watched.onBody = newMeter(progress).download(".zip")
		install := *template
		install.Product = product.Product{Name: e.Name, BinaryName: func() string { return e.Name }}
		install.Version = v
		install.InstallDir = dir
		install.Timeout = downloadTime
		// A client of ours, because theirs tries again for a minute where there is no network.
		install.HTTPClient = &http.Client{Transport: &watched}
		install.SetLogger(log.New(said, "", 0))
		binary, err := install.Install(ctx)
		if err := errors.Join(copyErr, said.failure); err != nil {
			return "", err
		}
		if err != nil {
			return "", err
		}
		if !said.matches {
			return "", errors.New("is refused: its checksum was not compared")
		}
		return binary, sameAsArchived(binary, kept, e.Name)
	}}
}

// lastWords reads hc-install's log. Its downloader (v0.10.0) loses the errors of
// the archive's download, checksum and extraction: a deferred removal overwrites
// them with its own success. So we need to see "checksum matches" said, and
// compare what was extracted with the archive ourselves.
type lastWords struct {
	matches bool
	failure error
}

func (l *lastWords) Write(p []byte) (int, error) {
	line := strings.TrimSpace(string(p))
	switch {
	case strings.HasPrefix(line, "checksum matches for "):
		l.matches = true
	case strings.HasPrefix(line, "checksum does not match"):
		l.failure = fmt.Errorf("the archive is refused: %s", line)
	case strings.HasPrefix(line, "failed to calculate hash"):
		l.failure = fmt.Errorf("the download broke off: %s", line)
	}
	return len(p), nil
}

// sameAsArchived refuses an extracted file that is not all of what the archive holds.
func sameAsArchived(file, archive, name string) error {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer z.Close()
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := crc32.NewIEEE()
	n, err := io.Copy(h, f)
	if err != nil {
		return err
	}
	for _, entry := range z.File {
		if entry.Name == name {
			if entry.UncompressedSize64 != uint64(n) || entry.CRC32 != h.Sum32() {
				return fmt.Errorf("%s came out of its archive incomplete (%d of %d bytes): is the disk full?", name, n, entry.UncompressedSize64)
			}
			return nil
		}
	}
	return fmt.Errorf("the archive does not hold %s", name)
}
