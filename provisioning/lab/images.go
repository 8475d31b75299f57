package lab

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/dentropy/dcloud/provisioning/run"

	"github.com/vishvananda/netlink"
)

// Images builds the images of recipes (provisioning/images) as far as they are not
// built, and returns a file that holds them all, for Host.LoadImages. They are kept
// in the cache, with the Docker store that they were built in: the first build
// takes minutes, finding that there is nothing to build takes a second or two.
//
// recipes is the directory of provisioning/images; log gets what the build says.
func Images(ctx context.Context, cache, recipes string, log func(line string), names ...string) (tarball string, err error) {
	if cache == "" {
		cache = defaultCache()
	}
	dir := filepath.Join(cache, "lab")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(dir, "lock"), flock.SetPermissions(0o600))
	if ok, err := lock.TryLockContext(ctx, 200*time.Millisecond); err != nil || !ok {
		return "", fmt.Errorf("wait for another build of images: %w", err)
	}
	defer lock.Close()
	build := filepath.Join(recipes, "build.sh")
	list, err := run.Output(ctx, run.Command{Args: []string{build, "-l"}, Env: run.Environment("DCLOUD_*")})
	if err != nil {
		return "", err
	}
	tags, err := tagsOf(list, names)
	if err != nil {
		return "", err
	}

	stop, err := builder(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("start Docker to build images: %w", err)
	}
	defer func() { err = errors.Join(err, stop()) }()
	args := append([]string{build, "-H", filepath.Join(dir, "docker.sock")}, names...)
	env := append(run.Environment("GO*", "NODE_*", "NPM_*", "npm_*", "SSL_*", "DCLOUD_*", "*_PROXY"), "DCLOUD_CACHE="+cache)
	if err := run.Do(ctx, run.Command{Args: args, Env: env, Line: log}); err != nil {
		return "", err
	}
	ids, err := dockerOutput(ctx, dir, append([]string{"image", "inspect", "--format", "{{.Id}}"}, tags...)...)
	if err != nil {
		return "", err
	}
	// Named after what is in it, so that a rebuilt image makes another file.
	tarball = filepath.Join(dir, "images-"+sum(ids+list)+".tar")
	// Used now, and so not old to another run, which deletes what is.
	if err := os.Chtimes(tarball, time.Now(), time.Now()); err == nil {
		return tarball, nil
	}
	old, err := filepath.Glob(filepath.Join(dir, "*.tar*"))
	if err != nil {
		return "", err
	}
	for _, path := range old {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > 7*24*time.Hour {
			os.Remove(path)
		}
	}
	if err := docker(ctx, dir, append([]string{"save", "--output", tarball + ".new"}, tags...)...); err != nil {
		return "", err
	}
	return tarball, os.Rename(tarball+".new", tarball)
}

// tagsOf reads `build.sh -l`: RECIPE, a tab, IMAGE.
func tagsOf(list string, names []string) (tags []string, err error) {
	for _, name := range names {
		n := len(tags)
		for line := range strings.Lines(list) {
			if recipe, tag, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && recipe == name {
				tags = append(tags, tag)
			}
		}
		if len(tags) == n {
			return nil, fmt.Errorf("no recipe makes an image called %q", name)
		}
	}
	return tags, nil
}

// buildBridge names the bridge of a cache's builder: of the builder alone, since with
// "--bridge none" a daemon deletes docker0, which another daemon's containers hang on,
// and of the cache alone, since the builders of two may run at a time.
func buildBridge(dir string) string { return "dclab-" + sum(dir)[:8] }

// builderPatience is how long a builder may take to end.
const builderPatience = 2 * time.Minute

// builder starts a Docker daemon that only builds: on this machine's own network,
// since a build fetches packages, and without touching its bridges or rules.
func builder(ctx context.Context, dir string) (stop func() error, err error) {
	if err := endBuilder(ctx, dir); err != nil {
		return nil, fmt.Errorf("end the builder of a run that was killed: %w", err)
	}
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: buildBridge(dir)}}
	if err := netlink.LinkAdd(bridge); err != nil && !errors.Is(err, syscall.EEXIST) {
		return nil, fmt.Errorf("make the builder's bridge: %w", err)
	}
	ended := make(chan error, 1)
	cmd, err := launch(dir, append(dockerd(dir), "--bridge", buildBridge(dir), "--iptables=false", "--ip-masq=false"), ended)
	if err != nil {
		return nil, err
	}
	stop = func() error {
		defer func() { _ = netlink.LinkDel(bridge) }()
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
			return nil
		case <-time.After(builderPatience):
			_ = cmd.Process.Kill()
			return fmt.Errorf("dockerd does not end: %s", lastLines(filepath.Join(dir, "docker.log")))
		}
	}
	if err := awaitDocker(ctx, dir, ended); err != nil {
		return nil, errors.Join(err, stop())
	}
	return stop, nil
}

// endBuilder ends what is left of a builder whose run was killed: it outlives that. Who
// calls it has the cache's lock, so no other run's is meant.
func endBuilder(ctx context.Context, dir string) error {
	of := func(name string) []byte { return []byte(filepath.Join(dir, name)) }
	err := killAll(ctx, func(proc string) bool {
		line, err := os.ReadFile(proc + "/cmdline")
		program, rest, _ := bytes.Cut(line, []byte{0})
		name := filepath.Base(string(program))
		daemon := name == "dockerd" || strings.HasPrefix(name, "containerd")
		return err == nil && daemon && (bytes.Contains(rest, of("docker.pid")) || bytes.Contains(rest, of("exec/")))
	})
	if err != nil {
		return err
	}
	if err := killContainers(ctx, dir); err != nil {
		return err
	}
	if err := unmount(dir, nil); err != nil {
		return err
	}
	// What they say of processes would be believed, also where nobody has reaped those.
	for _, name := range []string{"exec", "docker.sock", "docker.pid"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

func sum(text string) string {
	s := sha256.Sum256([]byte(text))
	return hex.EncodeToString(s[:8])
}
