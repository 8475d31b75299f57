package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/provisioning/lab"
	"github.com/dentropy/dcloud/provisioning/run"
)

type options struct {
	dcloud  string
	out     string
	runs    int
	apps    int
	verbose bool
	only    []string
}

// bench is one run of the benchmark.
type bench struct {
	options
	report *report
	dir    string // of its own files
	cache  string // where the engines lie, shared with others
	own    string // the same engines in files that nothing else maps
	images string // tarball

	cloud   *cloud      // dcloud, on a host of its own
	compose *composeRun // docker-compose, on another
	pool    *poolRun    // several machines, in a world of the lab
	panel   *panelRun   // a cloud with a large catalog, signed in to
}

func newBench(ctx context.Context, o options) (b *bench, err error) {
	if o.runs < 1 {
		return nil, errors.New("-runs must be 1 or more")
	}
	if o.dcloud, err = filepath.Abs(o.dcloud); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath("docker-compose"); err != nil {
		return nil, fmt.Errorf("the peer of the comparison is missing: %w; install it with: apt-get install docker-compose", err)
	}
	b = &bench{options: o, report: &report{}, cache: os.Getenv("DCLOUD_CACHE")}
	if b.cache == "" {
		b.cache = "/var/cache/dcloud"
	}
	made := b // b is nil where an error is returned
	defer func() {
		if err != nil {
			err = errors.Join(err, made.close())
		}
	}()
	version, err := run.Output(ctx, run.Command{Args: []string{o.dcloud, "version"}})
	if err != nil {
		return nil, err
	}
	if err := b.report.describe(version); err != nil {
		return nil, err
	}
	b.say("engines, images")
	if err := run.Do(ctx, run.Command{Args: []string{o.dcloud, "internal", "engines"}, Env: append(run.Environment("GO*"), "DCLOUD_CACHE="+b.cache)}); err != nil {
		return nil, err
	}
	b.images, err = lab.Images(ctx, b.cache, "provisioning/images", func(line string) { b.detail("images: %s", line) }, "whoami")
	if err != nil {
		return nil, err
	}
	// Beneath the cache, since the temporary directory may be in memory.
	if b.dir, err = os.MkdirTemp(b.cache, "bench-*"); err != nil {
		return nil, err
	}
	return b, b.copyPrograms(ctx)
}

// copyPrograms makes copies of the engines and of Docker's programs for this run
// alone. The PSS of a process counts its program's pages in full only as long as
// no other process on the machine maps the same file, and another cloud or another
// Docker may well run here.
func (b *bench) copyPrograms(ctx context.Context) error {
	b.own = filepath.Join(b.dir, "cache")
	docker := filepath.Join(b.dir, "docker")
	for _, dir := range []string{b.own, docker} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
	}
	args := []string{"cp", "-a", "--reflink=never", filepath.Join(b.cache, "engines"), b.own}
	if err := run.Do(ctx, run.Command{Args: args}); err != nil {
		return err
	}
	// Of dcloud too, which may be built anew meanwhile.
	program := filepath.Join(b.dir, "dcloud")
	if err := run.Do(ctx, run.Command{Args: []string{"cp", "-L", "--reflink=never", b.options.dcloud, program}}); err != nil {
		return err
	}
	b.options.dcloud = program
	for _, name := range []string{"dockerd", "docker-proxy", "containerd", "containerd-shim-runc-v2", "runc"} {
		path, err := exec.LookPath(name)
		if err != nil {
			return err
		}
		if err := run.Do(ctx, run.Command{Args: []string{"cp", "-L", "--reflink=never", path, docker}}); err != nil {
			return err
		}
	}
	return os.Setenv("PATH", docker+":"+os.Getenv("PATH"))
}

func (b *bench) close() error {
	errs := []error{b.closeSingle()}
	if b.pool != nil {
		errs = append(errs, b.pool.world.Close())
	}
	if b.dir != "" {
		errs = append(errs, os.RemoveAll(b.dir))
	}
	return errors.Join(errs...)
}

// closeSingle removes the machines that are by themselves.
func (b *bench) closeSingle() error {
	var errs []error
	if b.compose != nil {
		errs = append(errs, b.compose.close())
		b.compose = nil
	}
	if b.cloud != nil {
		errs = append(errs, b.cloud.host.Close())
		b.cloud, b.panel = nil, nil
	}
	return errors.Join(errs...)
}

func (b *bench) wants(name string) bool {
	return len(b.only) == 0 || slices.ContainsFunc(b.only, func(wanted string) bool { return partOf(name, wanted) })
}

// partOf tells whether a section is the one asked for, or a part of it.
func partOf(section, wanted string) bool {
	return section == wanted || strings.HasPrefix(section, wanted+".")
}

// fewer is how often a thing is measured that takes a minute.
func (b *bench) fewer() int { return min(b.runs, max(3, b.runs/3)) }

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...)
}

func (b *bench) detail(format string, args ...any) {
	if b.verbose {
		b.say("  "+format, args...)
	}
}

// newHost makes a host with the image of the app that is measured.
func (b *bench) newHost(ctx context.Context, name string) (*lab.Host, error) {
	h, err := lab.NewHost(ctx, name, lab.Options{Cache: b.own})
	if err != nil {
		return nil, err
	}
	if err := h.LoadImages(ctx, b.images); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// needCloud gives the cloud that all sections share, fresh and without apps.
func (b *bench) needCloud(ctx context.Context) (*cloud, error) {
	if b.cloud != nil {
		return b.cloud, nil
	}
	host, err := b.newHost(ctx, "bench")
	if err != nil {
		return nil, err
	}
	b.cloud = newCloud(host, b.options.dcloud)
	_, err = b.cloud.must(ctx, "up", "--no-welcome")
	return b.cloud, err
}

// needCompose gives the peer: a host with Docker and Traefik and nothing else.
func (b *bench) needCompose(ctx context.Context) (*composeRun, error) {
	if b.compose != nil {
		return b.compose, nil
	}
	host, err := b.newHost(ctx, "peer")
	if err != nil {
		return nil, err
	}
	b.compose = &composeRun{host: host, dir: filepath.Join(b.dir, "compose")}
	traefik, err := filepath.Glob(filepath.Join(b.cache, "engines", "traefik", "*", "*", "traefik"))
	if err != nil || len(traefik) == 0 {
		return nil, fmt.Errorf("no traefik in %s (%v)", b.cache, err)
	}
	slices.Sort(traefik)
	b.compose.traefikPath = traefik[len(traefik)-1]
	return b.compose, b.compose.start(ctx)
}

// imageName is the image that everybody runs, as the tarball has it.
const imageName = "traefik/whoami:v1.12.0"

// appArgs are its arguments in the catalog's entry.
func appArgs(name string) []string { return []string{"--port", "8080", "--name", name} }

func quoteAll(args []string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		quoted[i] = fmt.Sprintf("%q", a)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
