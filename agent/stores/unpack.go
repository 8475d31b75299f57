package stores

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"path"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// errNoArchive tells that what was read is neither a .tar.gz nor a .zip.
var errNoArchive = agent.Errorf(agent.CodeFailed, "that is neither a .tar.gz nor a .zip archive, and no git repository").
	WithHint("give the address of an archive, or that of a git repository: https://HOST/OWNER/NAME.git")

// Unpack reads an archive, a .tar.gz or a .zip by its content, and keeps the files that
// Limits.Wanted names. A .tar.gz is read as a stream; a .zip, whose index is at its end,
// goes through a file without a name in temp ("" for the system's folder), unless r is
// an io.ReaderAt with a length (bytes.Reader).
//
// Archives that were made to do harm are refused as a whole: paths that lead outside,
// links that do, devices, more bytes or files than Limits allow, wrong checksums, ends
// that are missing. Harmless links are left out, as are files that are called like
// another.
func Unpack(ctx context.Context, r io.Reader, l Limits, temp string) (Files, error) {
	if at, ok := r.(*bytes.Reader); ok && looksLikeZip(at) {
		if at.Size() > l.Wire {
			return Files{}, hostile("it is larger than %d MiB", l.Wire>>20)
		}
		return unzip(ctx, at, at.Size(), l)
	}
	in := &meter{ctx: ctx, r: r, most: l.Wire, sum: sha256.New()}
	buffered := bufio.NewReaderSize(in, 64<<10)
	magic, _ := buffered.Peek(4)
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		return untar(buffered, in, l)
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")), bytes.HasPrefix(magic, []byte("PK\x05\x06")):
		return spoolZip(ctx, buffered, l, temp)
	}
	if in.err != nil {
		return Files{}, unreadable(in.err)
	}
	return Files{}, errNoArchive
}

// meter counts what is read, sums it, and ends with the context or the limit.
type meter struct {
	ctx  context.Context
	r    io.Reader
	n    int64
	most int64
	sum  hash.Hash // nil for none
	err  error     // why it ended, but for the end of the file
}

func (m *meter) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	if err := m.ctx.Err(); err != nil {
		m.err = context.Cause(m.ctx)
		return 0, m.err
	}
	n, err := m.r.Read(p)
	m.n += int64(n)
	if m.sum != nil {
		m.sum.Write(p[:n])
	}
	if m.n > m.most {
		err = hostile("it is larger than %d MiB", m.most>>20)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		m.err = err
	}
	return n, err
}

// growth bounds what comes out of a decompressor by what went into it.
type growth struct {
	r     io.Reader
	in    *meter
	limit Limits
	n     int64
}

func (g *growth) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	g.n += int64(n)
	if g.n > g.limit.Unpacked {
		return n, hostile("it unpacks to more than %d MiB", g.limit.Unpacked>>20)
	}
	if g.n > ratioFrom && g.n > g.limit.Ratio*g.in.n {
		return n, hostile("it unpacks to more than %d times its size, as a bomb does", g.limit.Ratio)
	}
	return n, err
}

// unreadable is what is told of an archive that ends too soon or is damaged.
func unreadable(err error) error {
	var known *agent.Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, context.DeadlineExceeded):
		return agent.Errorf(agent.CodeFailed, "the store took too long to arrive").WithHint("try again later, or give a smaller part of it")
	case errors.Is(err, context.Canceled):
		return agent.Errorf(agent.CodeFailed, "the store was not read to its end: it was called off")
	case errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return agent.Errorf(agent.CodeFailed, "the archive ends too soon").WithHint("fetch it once more; is there room on the disk where it comes from?")
	}
	return agent.Errorf(agent.CodeFailed, "the archive cannot be read: %s", plain(err)).WithHint("pack it once more, as a .tar.gz or a .zip")
}

// plain is an error's text without the package that made it.
func plain(err error) string {
	text := err.Error()
	for _, prefix := range []string{"archive/tar: ", "gzip: ", "zip: ", "flate: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	return text
}

// untar reads a .tar.gz as a stream.
func untar(r io.Reader, in *meter, l Limits) (Files, error) {
	zr, err := gzip.NewReader(r)
	if err != nil {
		return Files{}, unreadable(err)
	}
	out := &growth{r: zr, in: in, limit: l}
	s := newShelf(l)
	if err := readTar(tar.NewReader(out), s); err != nil {
		return Files{}, unreadable(err)
	}
	// What follows the archive's end is read too: the checksum comes last.
	if _, err := io.Copy(io.Discard, out); err != nil {
		return Files{}, unreadable(err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // of gzip's own buffer nothing is lost: r is an io.ByteReader
		return Files{}, unreadable(err)
	}
	return s.done(sumOf(in.sum.Sum(nil))), nil
}

func readTar(tr *tar.Reader, s *shelf) error {
	for {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.entry(); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			continue // as git archive writes one, with the commit
		}
		name, err := s.limits.checkPath(h.Name)
		if err != nil {
			return err
		}
		switch h.Typeflag {
		case tar.TypeDir:
			continue
		case tar.TypeReg:
		case tar.TypeSymlink, tar.TypeLink:
			from := path.Dir(name)
			if h.Typeflag == tar.TypeLink {
				from = "." // a hard link names a path of the archive
			}
			if err := s.link(name, from, h.Linkname); err != nil {
				return err
			}
			continue
		case tar.TypeBlock, tar.TypeChar, tar.TypeFifo:
			return hostile("it holds %s, a device", shown(name))
		default:
			return hostile("it holds %s, which is neither a file nor a folder", shown(name))
		}
		if err := s.read(name, h.Size, tr); err != nil {
			return err
		}
	}
}

// link leaves a link out, and refuses one that leads outside.
func (s *shelf) link(name, from, target string) error {
	to := path.Join(from, target)
	if target == "" || path.IsAbs(target) || to == ".." || strings.HasPrefix(to, "../") || strings.ContainsAny(target, "\\\x00") {
		return hostile("it holds %s, a link that leads out of it", shown(name))
	}
	if _, wanted := s.limits.Wanted(name); wanted {
		s.note("%s is left out: it is a link", shown(name))
	}
	return nil
}

// read keeps a file if it is wanted. size is what the archive says of it.
func (s *shelf) read(name string, size int64, r io.Reader) error {
	most, ok := s.wants(name)
	if !ok {
		return nil
	}
	if size > most {
		s.tooLarge(name, most)
		return nil
	}
	// No more room than what comes: an archive can say of any file what it likes.
	var content bytes.Buffer
	n, err := io.Copy(&content, io.LimitReader(r, most+1))
	switch {
	case err != nil:
		return err
	case n > most:
		s.tooLarge(name, most)
		return nil
	case n != size:
		return hostile("%s has %d bytes, and the archive says %d", shown(name), n, size)
	}
	return s.keep(name, bytes.Clone(content.Bytes()))
}

func looksLikeZip(r io.ReaderAt) bool {
	var magic [4]byte
	_, err := r.ReadAt(magic[:], 0)
	return err == nil && (string(magic[:]) == "PK\x03\x04" || string(magic[:]) == "PK\x05\x06")
}

// tooMany is for a directory of an archive that is larger than what it may name.
func tooMany(l Limits) error { return hostile("it holds more than %d files", l.Entries) }
