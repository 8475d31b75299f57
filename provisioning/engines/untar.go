package engines

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// extract writes the file called name from a .tar.gz to target, and nothing else:
// no other entry can have an effect, wherever its name points to. An archive with
// a name that leads out of it is refused all the same.
func extract(archive, name, target string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	found := false
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if !local(h.Name) {
			return fmt.Errorf("is refused: it holds %q, which leads out of it", h.Name)
		}
		if path.Clean(h.Name) != name || h.Typeflag != tar.TypeReg {
			continue
		}
		if found {
			return fmt.Errorf("is refused: it holds %s twice", name)
		}
		found = true
		if err := writeEntry(r, target); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("does not hold %s", name)
	}
	return nil
}

func local(name string) bool {
	clean := path.Clean(name)
	return name != "" && !path.IsAbs(clean) && clean != ".." && (len(clean) < 3 || clean[:3] != "../")
}

func writeEntry(r io.Reader, target string) error {
	out, err := os.OpenFile(target, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, io.LimitReader(r, maxArchive+1))
	if err == nil && n > maxArchive {
		err = fmt.Errorf("is refused: its file is larger than %d MB", maxArchive>>20)
	}
	return errors.Join(err, out.Close())
}
