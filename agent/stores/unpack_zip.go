package stores

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// maxDirectory bounds the index of a .zip in bytes: archive/zip reads all of it into
// memory before anybody can count. A line of it has at least 46 bytes.
const maxDirectory = 8 << 20

// maxLink bounds where a link leads to, which a .zip keeps as the link's content.
const maxLink = 4096

// spoolZip reads a .zip from a stream by way of a file that has no name, so that it is
// gone whatever happens.
func spoolZip(ctx context.Context, r io.Reader, l Limits, temp string) (Files, error) {
	f, err := os.CreateTemp(temp, "dcloud-store-*")
	if err != nil {
		return Files{}, fmt.Errorf("make room for the archive: %w", err)
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil {
		return Files{}, fmt.Errorf("make room for the archive: %w", err)
	}
	size, err := io.Copy(f, r)
	if err != nil {
		return Files{}, unreadable(err)
	}
	return unzip(ctx, f, size, l)
}

// budget is a reader of an index that may not be larger than that.
type budget struct {
	r    io.ReaderAt
	left int64 // below 0: no matter
	full bool
}

var errBudget = errors.New("the index is too large")

func (b *budget) ReadAt(p []byte, off int64) (int, error) {
	if b.left >= 0 {
		if b.left -= int64(len(p)); b.left < 0 {
			b.left, b.full = 0, true
			return 0, errBudget
		}
	}
	return b.r.ReadAt(p, off)
}

// unzip reads a .zip. Only wanted files are unpacked, whatever the others are.
func unzip(ctx context.Context, r io.ReaderAt, size int64, l Limits) (Files, error) {
	in := &budget{r: r, left: maxDirectory}
	zr, err := zip.NewReader(in, size)
	if in.full {
		return Files{}, tooMany(l)
	}
	if err != nil {
		return Files{}, unreadable(err)
	}
	in.left = -1
	s := newShelf(l)
	out := &total{ctx: ctx, most: l.Unpacked}
	for _, f := range zr.File {
		if err := s.zipEntry(f, out); err != nil {
			return Files{}, unreadable(err)
		}
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return Files{}, unreadable(err)
	}
	return s.done(sumOf(sum.Sum(nil))), nil
}

func (s *shelf) zipEntry(f *zip.File, out *total) error {
	if err := s.entry(); err != nil {
		return err
	}
	name, err := s.limits.checkPath(f.Name)
	if err != nil {
		return err
	}
	mode := f.Mode()
	switch {
	case mode.IsDir():
		return nil
	case mode&fs.ModeSymlink != 0:
		target, err := f.Open()
		if err != nil {
			return err
		}
		defer target.Close()
		text, err := io.ReadAll(io.LimitReader(out.of(target), maxLink))
		if err != nil {
			return err
		}
		return s.link(name, path.Dir(name), string(text))
	case !mode.IsRegular():
		return hostile("it holds %s, a device", shown(name))
	}
	if _, wanted := s.limits.Wanted(name); !wanted {
		return nil
	}
	if f.Flags&1 != 0 {
		s.note("%s is left out: it is encrypted", shown(name))
		return nil
	}
	if f.UncompressedSize64 > uint64(s.limits.Unpacked) {
		return hostile("%s unpacks to more than %d MiB", shown(name), s.limits.Unpacked>>20)
	}
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	return s.read(name, int64(f.UncompressedSize64), out.of(content))
}

// total bounds what is unpacked of all files of a .zip together, which may all share
// the same bytes of it.
type total struct {
	ctx  context.Context
	n    int64
	most int64
}

func (t *total) of(r io.Reader) io.Reader { return &part{t, r} }

type part struct {
	*total
	r io.Reader
}

func (p *part) Read(b []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	n, err := p.r.Read(b)
	if p.n += int64(n); p.n > p.most {
		return n, hostile("it unpacks to more than %d MiB", p.most>>20)
	}
	return n, err
}
