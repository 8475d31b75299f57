package engines

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/run"
)

// modules holds each engine's go.mod and go.sum. They end in .txt because a
// folder with a go.mod is a module of its own, which is never embedded.
//
//go:embed modules
var modules embed.FS

// lowMemoryMB is the memory under which one package is compiled at a time.
const lowMemoryMB = 3000

// module is what is compiled: the files of a Go module and the package in it.
type module struct {
	files    map[string]string // name -> content
	pkg      string
	ldflags  string
	requires int // modules that may have to be downloaded, for the progress
}

// compiled builds an engine from its pinned Go module: go.sum holds the
// checksum of every module that goes into it.
func compiled() Source {
	return Source{Name: "compiled from its Go module", Fetch: func(ctx context.Context, e Engine, dir string, progress Progress) (string, error) {
		m, err := engineModule(e)
		if err != nil {
			return "", err
		}
		return compile(ctx, m, e.Name, dir, progress)
	}}
}

func engineModule(e Engine) (module, error) {
	m := module{files: map[string]string{}, pkg: packages[e.Name], ldflags: "-s -w"}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := fs.ReadFile(modules, e.moduleDir()+"/"+name+".txt")
		if err != nil {
			return module{}, err
		}
		m.files[name] = string(text)
	}
	m.requires = strings.Count(m.files["go.mod"], "\n\t")
	if v := versionVariable[e.Name]; v != "" {
		m.ldflags += " -X " + v + "=" + e.Version
	}
	return m, nil
}

func compile(ctx context.Context, m module, name, dir string, progress Progress) (string, error) {
	goTool, err := findGo()
	if err != nil {
		return "", err
	}
	for file, text := range m.files {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	env, err := goEnvironment(ctx, goTool, dir)
	if err != nil {
		return "", err
	}
	c := compileProgress{meter: newMeter(progress), requires: m.requires}
	listed, err := run.Output(ctx, run.Command{
		Args: []string{goTool, "list", "-mod=readonly", "-deps", "-f", "{{.ImportPath}}", m.pkg},
		Dir:  dir, Env: env, Line: c.listed,
	})
	if err != nil {
		return "", err
	}
	c.total = strings.Count(listed, "\n")
	binary := filepath.Join(dir, name+".built")
	args := []string{goTool, "build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-v", "-ldflags", m.ldflags, "-o", binary}
	if memoryMB() < lowMemoryMB {
		args = append(args, "-p", "1")
	}
	err = run.Do(ctx, run.Command{Args: append(args, m.pkg), Dir: dir, Env: env, Line: c.built})
	if err != nil {
		return "", err
	}
	return binary, nil
}

// findGo looks in PATH and where Go's own archive and Debian put it: sudo and
// systemd give a PATH without /usr/local/go/bin.
func findGo() (string, error) {
	for _, name := range []string{"go", "/usr/local/go/bin/go", "/usr/lib/go/bin/go"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("go is not installed")
}

// goEnvironment is a clean one, with Go's own settings. CGO_ENABLED=0: no C
// compiler is needed, and the result runs on any C library.
func goEnvironment(ctx context.Context, goTool, dir string) ([]string, error) {
	env := append(run.Environment("GO*"), "CGO_ENABLED=0", "GO111MODULE=on", "GOWORK=off", "GOFLAGS=",
		"GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	if os.Getenv("HOME") == "" { // a systemd unit, cron
		env = append(env, "HOME="+dir)
	}
	proxies, err := run.Output(ctx, run.Command{Args: []string{goTool, "env", "GOPROXY"}, Dir: dir, Env: env})
	if err != nil {
		return nil, err
	}
	if !reachable(ctx, strings.TrimSpace(proxies)) {
		// What is in Go's module cache still serves, and what is not there fails
		// at once instead of after a time-out for each module.
		env = append(env, "GOPROXY=off")
	}
	return env, nil
}

// reachable says whether the first proxy of a GOPROXY list takes a connection.
// One that cannot be tried so (direct, a file, behind an HTTP proxy) counts as reachable.
func reachable(ctx context.Context, proxies string) bool {
	first := strings.FieldsFunc(proxies, func(r rune) bool { return r == ',' || r == '|' })
	if len(first) == 0 {
		return true
	}
	u, err := url.Parse(first[0])
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || proxied(u) {
		return true
	}
	port := u.Port()
	if port == "" {
		port = u.Scheme
	}
	conn, err := (&net.Dialer{Timeout: reachTime}).DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func memoryMB() int {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return lowMemoryMB
	}
	mb, err := provisioning.ParseMeminfo(string(text))
	if err != nil {
		return lowMemoryMB
	}
	return mb
}
