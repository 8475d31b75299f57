package selfimage

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"
	dockerspec "github.com/moby/docker-image-spec/specs-go/v1"
)

// fakeDocker reads archives as Docker does and remembers their images.
type fakeDocker struct {
	images map[string]map[string]any // configuration by name
	answer string                    // to a load
	err    error                     // of a load
}

func (d *fakeDocker) ImageInspect(_ context.Context, name string, _ ...client.ImageInspectOption) (image.InspectResponse, error) {
	c, ok := d.images[name]
	if !ok {
		return image.InspectResponse{}, errdefs.ErrNotFound
	}
	labels := map[string]string{}
	for k, v := range c["config"].(map[string]any)["Labels"].(map[string]any) {
		labels[k] = v.(string)
	}
	config := &dockerspec.DockerOCIImageConfig{}
	config.Labels = labels
	return image.InspectResponse{Config: config}, nil
}

func (d *fakeDocker) ImageLoad(_ context.Context, archive io.Reader, _ ...client.ImageLoadOption) (image.LoadResponse, error) {
	if d.err != nil {
		return image.LoadResponse{}, d.err
	}
	files, err := readTar(archive)
	if err != nil {
		return image.LoadResponse{}, err
	}
	var manifest []struct {
		Config   string
		RepoTags []string
	}
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		return image.LoadResponse{}, err
	}
	var config map[string]any
	if err := json.Unmarshal(files[manifest[0].Config], &config); err != nil {
		return image.LoadResponse{}, err
	}
	if d.answer == "" {
		d.images[manifest[0].RepoTags[0]] = config
	}
	return image.LoadResponse{Body: io.NopCloser(strings.NewReader(d.answer)), JSON: true}, nil
}

func readTar(r io.Reader) (map[string][]byte, error) {
	files := map[string][]byte{}
	for t := tar.NewReader(r); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		if files[h.Name], err = io.ReadAll(t); err != nil {
			return nil, err
		}
	}
}

// ourBinary is a static program for this machine that stands for dcloud.
func ourBinary(t *testing.T) string {
	t.Helper()
	program, err := Pause(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dcloud")
	if err := os.WriteFile(path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImagesAreBuiltOnceAndAgainOnlyForAnotherBinary(t *testing.T) {
	d := &fakeDocker{images: map[string]map[string]any{}}
	binary := ourBinary(t)
	var lines []string
	ensure := func() bool {
		t.Helper()
		lines = nil
		changed, err := Ensure(t.Context(), d, binary, func(l string) { lines = append(lines, l) })
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	if !ensure() || len(lines) != 2 {
		t.Errorf("first: %q", lines)
	}
	if ensure() || len(lines) != 0 {
		t.Errorf("second: %q", lines)
	}
	text, _ := os.ReadFile(binary)
	if err := os.WriteFile(binary, append(text, 0), 0o755); err != nil {
		t.Fatal(err)
	}
	if !ensure() || !slices.Equal(lines, []string{"building the image " + SelfName}) {
		t.Errorf("another binary: %q", lines)
	}
	config := d.images[SelfName]["config"].(map[string]any)
	if config["User"] != "65532:65532" || config["Entrypoint"].([]any)[0] != "/dcloud" {
		t.Errorf("config = %v", config)
	}
}

func TestTheSameBinaryAlwaysGivesTheSameImage(t *testing.T) {
	img, err := selfImage(ourBinary(t), "amd64")
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := errors.Join(img.WriteTo(&a, "x"), img.WriteTo(&b, "x")); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two archives differ")
	}
}

func TestWhatDockerRefusesIsAnError(t *testing.T) {
	for name, d := range map[string]*fakeDocker{
		"no space left on device": {answer: `{"errorDetail":{},"error":"no space left on device"}`},
		"is the daemon running":   {err: errors.New("is the daemon running")},
		"does not have it":        {answer: `{"stream":"Loaded"}`},
		"Docker's answer":         {answer: `{"stream"`},
	} {
		d.images = map[string]map[string]any{}
		if _, err := Ensure(t.Context(), d, ourBinary(t), nil); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), PauseName) {
			t.Errorf("%s: err = %v", name, err)
		}
	}
}

func TestABinaryThatCouldNotStartInAnEmptyImageIsRefused(t *testing.T) {
	script := filepath.Join(t.TempDir(), "dcloud")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/bin/sh", script, "/nowhere"} {
		if _, err := Ensure(t.Context(), &fakeDocker{}, path, nil); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: err = %v", path, err)
		}
	}
}
