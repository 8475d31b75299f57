package selfimage

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/provisioning/lab"
)

// ownDocker is a Docker daemon for one test, on a host of its own: this machine's
// may be away, and is its owner's.
func ownDocker(t *testing.T) *client.Client {
	t.Helper()
	host, err := lab.NewHost(t.Context(), "image", lab.Options{Cache: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	docker, err := Dial(host.Docker)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { docker.Close() })
	return docker
}

func TestImagesRunInDockerAndStopAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Docker")
	}
	docker := ownDocker(t)
	img, err := pauseImage(runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	// A name of its own: the images of a cloud on this machine stay as they are.
	img.Name = fmt.Sprintf("dcloud.local/pause-test:%d", os.Getpid())
	ctx := t.Context()
	t.Cleanup(func() { docker.ImageRemove(context.Background(), img.Name, image.RemoveOptions{Force: true}) })
	for i, want := range []bool{true, false} {
		built, err := img.ensure(ctx, docker, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		if built != want {
			t.Errorf("time %d: built = %v", i+1, built)
		}
	}
	c, err := docker.ContainerCreate(ctx, &container.Config{Image: img.Name}, &container.HostConfig{NetworkMode: "none"}, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer docker.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
	if err := docker.ContainerStart(ctx, c.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	// Docker starts it and does not wait for its first instructions, before which it, being
	// the first process there, would not even notice a signal.
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		running, err := docker.ContainerInspect(ctx, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		if running.State.Pid > 0 && waitsForSignals(running.State.Pid) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("it does not wait: %+v", running.State)
		}
	}
	patience := 120 // s; one that does not stop is killed then, and shows it by its exit code
	if err := docker.ContainerStop(ctx, c.ID, container.StopOptions{Timeout: &patience}); err != nil {
		t.Fatal(err)
	}
	res, err := docker.ContainerInspect(ctx, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if res.State.ExitCode != 0 || res.Config.User != user {
		t.Errorf("exit code %d, user %q", res.State.ExitCode, res.Config.User)
	}
}

func TestAnImageOfARealGoProgramRunsInDocker(t *testing.T) {
	if testing.Short() {
		t.Skip("needs Docker")
	}
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() { fmt.Print(os.Getuid()) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(dir, "dcloud")
	build := exec.Command("go", "build", "-o", binary, source)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	docker := ownDocker(t)
	img, err := selfImage(binary, runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	img.Name = fmt.Sprintf("dcloud.local/self-test:%d", os.Getpid())
	ctx := t.Context()
	if _, err := img.ensure(ctx, docker, func(string) {}); err != nil {
		t.Fatal(err)
	}
	defer docker.ImageRemove(ctx, img.Name, image.RemoveOptions{Force: true})
	if said := run(t, docker, img.Name); said != "65532" {
		t.Errorf("it said %q", said)
	}
}

// run starts a container of the image and returns what it wrote until it ended.
func run(t *testing.T, docker *client.Client, name string) string {
	t.Helper()
	ctx := t.Context()
	c, err := docker.ContainerCreate(ctx, &container.Config{Image: name, Tty: true}, &container.HostConfig{NetworkMode: "none"}, nil, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	defer docker.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
	if err := docker.ContainerStart(ctx, c.ID, container.StartOptions{}); err != nil {
		t.Fatal(err)
	}
	ended, failed := docker.ContainerWait(ctx, c.ID, container.WaitConditionNotRunning)
	select {
	case <-ended:
	case err := <-failed:
		t.Fatal(err)
	}
	log, err := docker.ContainerLogs(ctx, c.ID, container.LogsOptions{ShowStdout: true})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	text, err := io.ReadAll(log)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
