package stores

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/dentropy/dcloud/agent"
)

// Pack makes an archive of a folder of this machine, to be sent: a .tar.gz with what
// Limits.Wanted names, below the folder's own name, the same bytes for the same files.
// Links are not followed. A .tar.gz or .zip is taken as it is, and a single manifest is
// packed with the name of its folder.
func Pack(name string, l Limits) ([]byte, error) {
	if name == "" { // a script's variable that is not set must not send whatever is here
		return nil, agent.Errorf(agent.CodeInvalid, "the path of the store is empty").
			WithHint("a path of this machine, or an address that begins with https://")
	}
	full, err := filepath.Abs(name)
	if err != nil {
		return nil, agent.Errorf(agent.CodeNotFound, "%s cannot be read: %w", name, err)
	}
	info, err := os.Stat(full)
	if err != nil {
		return nil, unread(name, err)
	}
	folder, only := full, ""
	switch {
	case info.Mode().IsRegular():
		if _, manifest := l.Wanted(full); !manifest {
			return readArchive(name, full)
		}
		folder, only = filepath.Split(full)
		folder = filepath.Clean(folder)
	case !info.IsDir():
		return nil, agent.Errorf(agent.CodeInvalid, "%s is neither a folder nor an archive", name)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, unread(name, err)
	}
	defer root.Close()
	p := &packer{limits: l, fsys: root.FS(), top: filepath.Base(folder), name: name}
	if p.top == "/" || p.top == "." {
		p.top = "store"
	}
	gz, err := gzip.NewWriterLevel(&p.out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	p.tar = tar.NewWriter(gz)
	if only != "" {
		err = p.add(only)
	} else {
		err = fs.WalkDir(p.fsys, ".", p.visit)
	}
	if err != nil {
		return nil, err
	}
	if p.files == 0 {
		return nil, agent.Errorf(agent.CodeNotFound, "there is no manifest of an app in %s", name).
			WithHint("give the folder that holds the apps' folders, each with an app.hcl or a docker-compose.yml")
	}
	if err := errors.Join(p.tar.Close(), gz.Close()); err != nil {
		return nil, err
	}
	return p.out.Bytes(), p.fits()
}

type packer struct {
	limits Limits
	fsys   fs.FS
	top    string
	name   string // as the folder was given
	out    bytes.Buffer
	tar    *tar.Writer
	files  int
	seen   int
}

func (p *packer) visit(file string, d fs.DirEntry, err error) error {
	if err != nil {
		return unread(filepath.Join(p.name, file), err)
	}
	if p.seen++; p.seen > p.limits.Entries {
		return agent.Errorf(agent.CodeInvalid, "%s holds more than %d files", p.name, p.limits.Entries).WithHint("give the folder of the store itself")
	}
	if d.IsDir() {
		if base := d.Name(); base == ".git" || base == "node_modules" {
			return fs.SkipDir
		}
		return nil
	}
	if !d.Type().IsRegular() {
		return nil // a link, say: nothing is followed
	}
	return p.add(file)
}

func (p *packer) add(file string) error {
	most, ok := p.limits.Wanted(file)
	if !ok {
		return nil
	}
	f, err := p.fsys.Open(file)
	if err != nil {
		return unread(filepath.Join(p.name, file), err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return unread(filepath.Join(p.name, file), err)
	}
	if int64(len(text)) > most {
		return nil // the cloud would leave it out, too
	}
	p.files++
	h := &tar.Header{Typeflag: tar.TypeReg, Name: path.Join(p.top, filepath.ToSlash(file)), Mode: 0o644, Size: int64(len(text)), Format: tar.FormatPAX}
	if err := p.tar.WriteHeader(h); err != nil {
		return fmt.Errorf("pack %s: %w", file, err)
	}
	if _, err := p.tar.Write(text); err != nil {
		return fmt.Errorf("pack %s: %w", file, err)
	}
	return p.fits()
}

// fits refuses what the cloud would not take.
func (p *packer) fits() error { return sized(p.name, int64(p.out.Len())) }

func sized(name string, n int64) error {
	if n <= agent.MaxStoreArchive {
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%s is larger than the %d MiB that can be sent", name, agent.MaxStoreArchive>>20).
		WithHint("give a part of it, or put it where the cloud can fetch it: dcloud catalog store add URL")
}

func readArchive(name, full string) ([]byte, error) {
	f, err := os.Open(full)
	if err != nil {
		return nil, unread(name, err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, agent.MaxStoreArchive+1))
	if err != nil {
		return nil, unread(name, err)
	}
	if len(text) < 4 || !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) && !bytes.HasPrefix(text, []byte("PK")) {
		return nil, agent.Errorf(agent.CodeInvalid, "%s is neither a folder nor a .tar.gz or .zip archive", name)
	}
	return text, sized(name, int64(len(text)))
}

// unread says why a path of this machine cannot be read.
func unread(name string, err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return agent.Errorf(agent.CodeNotFound, "there is no %s", name).WithHint("a path of this machine, or an address that begins with https://")
	}
	return agent.Errorf(agent.CodeFailed, "%s cannot be read: %w", name, err).WithHint("see who may read it: ls -ld %s", name)
}
