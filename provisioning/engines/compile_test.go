package engines

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/provisioning"
)

func tiny(main string) module {
	return module{
		files: map[string]string{"go.mod": "module tiny.test\n\ngo 1.21\n", "main.go": main},
		pkg:   ".", ldflags: "-s -w -X main.version=9.8.7",
	}
}

const tinyMain = `package main

import "os"

var version = "unset"

func main() { os.Stdout.WriteString("tiny " + version + "\n") }
`

func moduleSource(m module) Source {
	return Source{Name: "compiled", Fetch: func(ctx context.Context, e Engine, dir string, p Progress) (string, error) {
		return compile(ctx, m, e.Name, dir, p)
	}}
}

func TestModuleIsCompiledIntoTheCache(t *testing.T) {
	t.Setenv("GOCACHE", t.TempDir()) // so that there is something to compile, and to tell
	var told []provisioning.Progress
	c, e := Cache{Dir: t.TempDir()}, Engine{"tiny", "9.8.7"}
	path, err := ensure(t.Context(), c, e, HostArch(), []Source{moduleSource(tiny(tinyMain))}, collect(&told))
	if err != nil {
		t.Fatal(err)
	}
	if err := starts(t.Context(), e, path); err != nil {
		t.Error(err)
	}
	if len(told) == 0 || !strings.Contains(told[0].Message, "package 1 of ") || told[0].Percent < 0 {
		t.Errorf("progress: %+v", told)
	}
	if files := left(t, c); len(files) != 3 {
		t.Errorf("left behind: %q", files)
	}
}

func TestCompilersComplaintIsTold(t *testing.T) {
	_, err := compile(t.Context(), tiny("package main\n\nfunc main() { nonsense() }\n"), "tiny", t.TempDir(), func(provisioning.Progress) {})
	if err == nil || !strings.Contains(err.Error(), "undefined: nonsense") {
		t.Errorf("%v", err)
	}
}

func TestUnreachableModuleProxyFailsFast(t *testing.T) {
	t.Setenv("GOPROXY", "http://127.0.0.1:1")
	t.Setenv("GOMODCACHE", t.TempDir())
	m, err := engineModule(Consul)
	if err != nil {
		t.Fatal(err)
	}
	_, err = compile(t.Context(), m, "consul", t.TempDir(), func(provisioning.Progress) {})
	if err == nil || !strings.Contains(err.Error(), "GOPROXY=off") {
		t.Errorf("%v", err)
	}
}

func TestEachEngineHasItsModuleAtItsVersion(t *testing.T) {
	for _, e := range All() {
		m, err := engineModule(e)
		if err != nil {
			t.Fatal(err)
		}
		root, _, _ := strings.Cut(m.pkg, "/cmd/")
		if !strings.Contains(m.files["go.mod"], root+" v"+e.Version+" ") || m.requires < 100 {
			t.Errorf("%s: go.mod does not require %s v%s", e, root, e.Version)
		}
		if !strings.Contains(m.files["go.sum"], root+" v"+e.Version+" h1:") {
			t.Errorf("%s: go.sum holds no checksum of it", e)
		}
	}
}

func TestGoIsFoundWithoutPath(t *testing.T) {
	want, err := findGo()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", filepath.Dir(want)+string(os.PathListSeparator)+"/nowhere")
	if got, err := findGo(); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
}
