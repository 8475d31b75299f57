// Package storetest gives tests the sample stores of catalog/store/testdata.
//
// It depends on catalog/store, and only tests import it. Start reading at Files.
package storetest

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog/store"
)

// Files are the files of a sample: "casaos" or "coolify". A sample that cannot be
// read fails the test.
func Files(t testing.TB, name string) store.Files {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	f, err := os.Open(filepath.Join(filepath.Dir(here), "..", "testdata", name+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var files store.Files
	for archive := tar.NewReader(unzipped); ; {
		head, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if head.Typeflag != tar.TypeReg {
			continue
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, store.File{Path: head.Name, Bytes: text})
	}
	if len(files) < 50 {
		t.Fatalf("the sample %s has %d files", name, len(files))
	}
	slices.SortFunc(files, func(a, b store.File) int { return strings.Compare(a.Path, b.Path) })
	return files
}
