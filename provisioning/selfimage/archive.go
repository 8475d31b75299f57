package selfimage

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Image is an image of one program and nothing else.
type Image struct {
	Name    string // with tag
	Arch    string // Go's name
	Program string // its path in the image, without a leading slash
	User    string // "" for root
	Size    int64  // of the program, in bytes
	// Open returns the program's content. It is read twice: an archive begins
	// with the sums of what follows.
	Open func() (io.ReadCloser, error)
}

// epoch is the time of everything in an image, so that the same program always
// gives the same image.
var epoch = time.Unix(0, 0).UTC()

// layer writes the file system of the image as a tar stream.
func (i Image) layer(w io.Writer) error {
	program, err := i.Open()
	if err != nil {
		return err
	}
	defer program.Close()
	t := tar.NewWriter(w)
	err = t.WriteHeader(&tar.Header{Name: i.Program, Typeflag: tar.TypeReg, Mode: 0o755, Size: i.Size, ModTime: epoch, Format: tar.FormatUSTAR})
	if err != nil {
		return err
	}
	if _, err := io.Copy(t, program); err != nil {
		return err // also where the file grew meanwhile
	}
	return t.Close()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// WriteTo writes the image in the format of `docker save`
// (https://github.com/moby/docker-image-spec), labelled with the program's sum.
func (i Image) WriteTo(w io.Writer, programSum string) error {
	sum, size := sha256.New(), counter(0)
	if err := i.layer(io.MultiWriter(sum, &size)); err != nil {
		return fmt.Errorf("read the program of %s: %w", i.Name, err)
	}
	config, err := i.config(programSum, fmt.Sprintf("sha256:%x", sum.Sum(nil)))
	if err != nil {
		return err
	}
	configName := fmt.Sprintf("%x.json", sha256.Sum256(config))
	manifest, err := json.Marshal([]any{map[string]any{
		"Config": configName, "RepoTags": []string{i.Name}, "Layers": []string{"layer.tar"},
	}})
	if err != nil {
		return fmt.Errorf("describe %s: %w", i.Name, err)
	}
	t := tar.NewWriter(w)
	for _, f := range []struct {
		name string
		data []byte
	}{{configName, config}, {"manifest.json", manifest}} {
		if err := t.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: int64(len(f.data)), ModTime: epoch}); err != nil {
			return err
		}
		if _, err := t.Write(f.data); err != nil {
			return err
		}
	}
	if err := t.WriteHeader(&tar.Header{Name: "layer.tar", Mode: 0o644, Size: int64(size), ModTime: epoch}); err != nil {
		return err
	}
	if err := i.layer(t); err != nil {
		return fmt.Errorf("read the program of %s: %w", i.Name, err)
	}
	return t.Close()
}

func (i Image) config(programSum, layerSum string) ([]byte, error) {
	config := map[string]any{
		"Entrypoint": []string{"/" + i.Program}, "WorkingDir": "/",
		"Labels": map[string]string{Label: programSum},
	}
	if i.User != "" {
		config["User"] = i.User
	}
	description := map[string]any{
		"architecture": i.Arch, "os": "linux", "created": epoch.Format(time.RFC3339), "config": config,
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{layerSum}},
		"history": []any{map[string]any{"created": epoch.Format(time.RFC3339), "created_by": "dcloud"}},
	}
	if i.Arch == "arm" {
		description["variant"] = "v7"
	}
	text, err := json.Marshal(description)
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", i.Name, err)
	}
	return text, nil
}
