package engines

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// DefaultCacheDir is where engines are kept unless said otherwise. It is
// outside the data directory, so that `down --purge` does not fetch them anew.
const DefaultCacheDir = "/var/cache/dcloud"

// tempPrefix begins the name of every directory that is not a finished one.
const tempPrefix = ".tmp-"

// Cache keeps engines by name, version and architecture:
//
//	DIR/engines/NAME/VERSION/linux-ARCH/NAME
//	DIR/engines/NAME/VERSION/linux-ARCH/NAME.sha256   as sha256sum(1) writes it
//	DIR/engines/NAME/VERSION/linux-ARCH/NAME.stamp    inode, size and times at the last full check
//
// A directory appears whole, by one rename, or not at all.
type Cache struct {
	Dir string // "" for DefaultCacheDir
	// Full hashes a binary at each use (half a second on a PC, some on a Pi).
	// Otherwise that is done only when inode, size or times have changed since.
	Full bool
}

func (c Cache) engineDir(e Engine) string {
	dir := c.Dir
	if dir == "" {
		dir = DefaultCacheDir
	}
	return filepath.Join(dir, "engines", e.Name)
}

// Path is where the engine's binary is, once it is in the cache.
func (c Cache) Path(e Engine, arch string) string {
	return filepath.Join(c.dir(e, arch), e.Name)
}

func (c Cache) dir(e Engine, arch string) string {
	return filepath.Join(c.engineDir(e), e.Version, runtime.GOOS+"-"+arch)
}

// Lookup returns the path of the engine's binary, verified. The error is
// fs.ErrNotExist where it is not in the cache; any other means that what is
// there is broken or was altered.
func (c Cache) Lookup(e Engine, arch string) (string, error) {
	path := c.Path(e, arch)
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return "", err
	}
	if err := c.verify(path); err != nil {
		// A directory without the binary is broken, not absent.
		return "", fmt.Errorf("%s in the cache: %s", e, err.Error())
	}
	return path, nil
}

func (c Cache) verify(path string) error {
	text, err := os.ReadFile(path + ".sha256")
	if err != nil {
		return fmt.Errorf("its checksum is missing: %w", err)
	}
	want, err := parseSum(string(text))
	if err != nil {
		return err
	}
	before, err := stamp(path, want)
	if err != nil {
		return err
	}
	if known, err := os.ReadFile(path + ".stamp"); !c.Full && err == nil && string(known) == before {
		return nil
	}
	got, err := fileSum(path)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("its SHA-256 is %s, it should be %s", got, want)
	}
	// For someone who may not write here the next check is a full one again.
	_ = writeAtomic(path+".stamp", before)
	return nil
}

// stamp tells a file's identity. The change time cannot be set back by touch(1).
func stamp(path, sum string) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		return "", fmt.Errorf("%s is no executable file", path)
	}
	st := info.Sys().(*syscall.Stat_t)
	return fmt.Sprintf("%s inode=%d size=%d mtime=%d.%09d ctime=%d.%09d\n",
		sum, st.Ino, st.Size, st.Mtim.Sec, st.Mtim.Nsec, st.Ctim.Sec, st.Ctim.Nsec), nil
}

// put moves a fetched binary into the cache: hashed, on the disk, then visible.
func (c Cache) put(e Engine, arch, binary, temp string) (string, error) {
	staged := filepath.Join(temp, "staged")
	if err := os.Mkdir(staged, 0o755); err != nil {
		return "", err
	}
	target := filepath.Join(staged, e.Name)
	if err := os.Rename(binary, target); err != nil {
		return "", err
	}
	if err := os.Chmod(target, 0o755); err != nil {
		return "", err
	}
	if err := syncFile(target); err != nil { // a power cut must not leave a file of zeros
		return "", err
	}
	sum, err := fileSum(target)
	if err != nil {
		return "", err
	}
	if err := writeAtomic(target+".sha256", sum+"  "+e.Name+"\n"); err != nil {
		return "", err
	}
	if err := c.drop(e, arch, temp); err != nil {
		return "", err
	}
	if err := os.Rename(staged, c.dir(e, arch)); err != nil {
		return "", err
	}
	return c.Lookup(e, arch)
}

// drop takes what is in the cache out of the way, by one rename.
func (c Cache) drop(e Engine, arch, temp string) error {
	err := os.Rename(c.dir(e, arch), filepath.Join(temp, "dropped"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// lock waits until no other run works on this engine. Told is called once if
// there is a wait.
func (c Cache) lock(ctx context.Context, e Engine, told func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Join(c.engineDir(e), e.Version), 0o755); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(c.engineDir(e), ".lock"))
	ok, err := l.TryLock()
	if err == nil && !ok {
		told()
		_, err = l.TryLockContext(ctx, 200*time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = l.Unlock() }, nil
}

// temp makes a working directory on the cache's own file system, after taking
// away those that killed runs have left. The lock must be held.
func (c Cache) temp(e Engine) (string, error) {
	parent := filepath.Join(c.engineDir(e), e.Version)
	old, _ := filepath.Glob(filepath.Join(parent, tempPrefix+"*"))
	for _, dir := range old {
		if err := os.RemoveAll(dir); err != nil {
			return "", err
		}
	}
	return os.MkdirTemp(parent, tempPrefix)
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func parseSum(text string) (string, error) {
	sum, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if raw, err := hex.DecodeString(sum); err != nil || len(raw) != sha256.Size {
		return "", errors.New("its checksum file holds no SHA-256")
	}
	return strings.ToLower(sum), nil
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

func writeAtomic(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix)
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
