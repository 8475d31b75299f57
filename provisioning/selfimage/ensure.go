package selfimage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
)

// Docker is what is needed of Docker's client.
type Docker interface {
	ImageInspect(ctx context.Context, name string, opts ...client.ImageInspectOption) (image.InspectResponse, error)
	ImageLoad(ctx context.Context, archive io.Reader, opts ...client.ImageLoadOption) (image.LoadResponse, error)
}

// Dial returns Docker's client for a host as in DOCKER_HOST, "" for what the
// environment says. Nothing is connected yet.
func Dial(host string) (*client.Client, error) {
	opts := []client.Opt{client.FromEnv, client.WithAPIVersionNegotiation()}
	if host != "" {
		opts = append(opts, client.WithHost(host))
	}
	c, err := client.NewClientWithOpts(opts...)
	if err != nil {
		return nil, fmt.Errorf("find Docker: %w", err)
	}
	return c, nil
}

// Ensure builds the pause image, and the image of the binary, where Docker does
// not have them or has those of another program. The binary must be a static
// executable for this machine. Each image that is built is told to progress,
// which may be nil.
func Ensure(ctx context.Context, docker Docker, binary string, progress func(line string)) (changed bool, err error) {
	if progress == nil {
		progress = func(string) {}
	}
	pause, err := pauseImage(runtime.GOARCH)
	if err != nil {
		return false, err
	}
	self, err := selfImage(binary, runtime.GOARCH)
	if err != nil {
		return false, err
	}
	for _, img := range []Image{pause, self} {
		built, err := img.ensure(ctx, docker, progress)
		if err != nil {
			return changed, fmt.Errorf("build the image %s: %w", img.Name, err)
		}
		changed = changed || built
	}
	return changed, nil
}

func pauseImage(arch string) (Image, error) {
	program, err := Pause(arch)
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(program)), nil }
	return Image{Name: PauseName, Arch: arch, Program: "pause", User: user, Size: int64(len(program)), Open: open}, err
}

func selfImage(binary, arch string) (Image, error) {
	if err := checkStatic(binary); err != nil {
		return Image{}, err
	}
	info, err := os.Stat(binary)
	if err != nil {
		return Image{}, fmt.Errorf("read our own binary: %w", err)
	}
	open := func() (io.ReadCloser, error) { return os.Open(binary) }
	return Image{Name: SelfName, Arch: arch, Program: "dcloud", User: user, Size: info.Size(), Open: open}, nil
}

// checkStatic refuses an executable that would not start in an empty image.
func checkStatic(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("read our own binary %s: %w", path, err)
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return fmt.Errorf("%s is linked dynamically and cannot run in an image of its own: build it with CGO_ENABLED=0", path)
		}
	}
	return nil
}

func (i Image) sum() (string, error) {
	program, err := i.Open()
	if err != nil {
		return "", err
	}
	defer program.Close()
	h := sha256.New()
	if _, err := io.Copy(h, program); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

func (i Image) ensure(ctx context.Context, docker Docker, progress func(string)) (built bool, err error) {
	sum, err := i.sum()
	if err != nil {
		return false, err
	}
	current, err := i.isCurrent(ctx, docker, sum)
	if err != nil || current {
		return false, err
	}
	progress("building the image " + i.Name)
	archive, w := io.Pipe()
	go func() { w.CloseWithError(i.WriteTo(w, sum)) }()
	defer archive.Close() // ends the writer where Docker stops reading
	res, err := docker.ImageLoad(ctx, archive, client.ImageLoadWithQuiet(true))
	if err != nil {
		return false, err
	}
	defer res.Body.Close()
	if err := loadError(res.Body); err != nil {
		return false, err
	}
	// Docker has been seen to answer well and have nothing, on a full disk.
	current, err = i.isCurrent(ctx, docker, sum)
	if err == nil && !current {
		err = errors.New("Docker took it but does not have it: look at its log and at the room on its disk")
	}
	return err == nil, err
}

func (i Image) isCurrent(ctx context.Context, docker Docker, sum string) (bool, error) {
	has, err := docker.ImageInspect(ctx, i.Name)
	if errdefs.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return has.Config != nil && has.Config.Labels[Label] == sum, nil
}

// loadError finds an error in the stream of JSON messages with which Docker
// answers a load: the status was sent before it began.
func loadError(body io.Reader) error {
	d := json.NewDecoder(io.LimitReader(body, 1<<20))
	for {
		var m struct {
			Error string `json:"error"`
		}
		switch err := d.Decode(&m); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read Docker's answer: %w", err)
		case m.Error != "":
			return errors.New(m.Error)
		}
	}
}
