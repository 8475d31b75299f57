package store

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dentropy/dcloud/catalog/effort"
)

func importText(t *testing.T, manifest string) Result {
	t.Helper()
	read := func(text string) []Result {
		return Import(Compose, Files{{Path: "x/compose.yml", Bytes: []byte(text)}})
	}
	var results []Result
	effort.Within(t, 30, func() { read(large()) }, func() { results = read(manifest) })
	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}
	return results[0]
}

// large is a good manifest with more in it than those of real stores have.
var large = sync.OnceValue(func() string {
	var b strings.Builder
	b.WriteString("services:\n")
	for i := range 20 {
		fmt.Fprintf(&b, "  s%d:\n    image: nginx:1.27\n    environment:\n", i)
		for k := range 100 {
			fmt.Fprintf(&b, "      - A%d=b\n", k)
		}
	}
	return b.String()
})

func TestABrokenManifestIsRefusedWithItsReasonAndItsLine(t *testing.T) {
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 12; i++ {
		refs := strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10)
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(refs, ", "))
	}
	for name, c := range map[string]struct {
		text, want string
		line       int
	}{
		"an empty file":         {"", "the file is empty", 0},
		"no services":           {"version: '3'\n", "the manifest has no services", 0},
		"no map":                {"- services\n", "the manifest is not a map with services in it", 0},
		"no YAML":               {"services:\n  web: [\n", "it is not YAML: did not find expected node content", 2},
		"tabs":                  {"services:\n\tweb:\n", "it is not YAML: found character that cannot start any token", 2},
		"a key twice":           {"services:\n  web:\n    image: a:1\n    image: b:1\n", `the key "image" stands twice`, 4},
		"two documents":         {"services:\n  web:\n    image: a:1\n---\nservices: {}\n", "the file has more than one document", 4},
		"an alias bomb":         {bomb + "services: *a11\n", "it comes to more than 100000 values once its aliases are followed", 0},
		"a circle of aliases":   {"services: &s\n  web: *s\n", "the alias *s stands within what it names", 2},
		"bytes that are none":   {"services: \xff\xfe\n", "the file is not UTF-8 text", 0},
		"nesting":               {"services: " + strings.Repeat("[", 5000), "brackets are nested too deep", 1},
		"nesting in flow":       {"services: " + strings.Repeat("[", 200) + strings.Repeat("]", 200) + "\n", "maps and lists are nested more than 40 deep", 1},
		"a build":               {"services:\n  web:\n    build: .\n", "the service web is built from source, and has no image", 3},
		"no image":              {"services:\n  web:\n    restart: always\n", "the service web has no image", 3},
		"no name of an image":   {"services:\n  web:\n    image: 'A B'\n", "the service web has the image A B, which is not the name of one", 3},
		"a service of nothing":  {"services:\n  web: x\n", "the service web is not a map", 2},
		"extends of a file":     {"services:\n  web:\n    extends: {file: a.yml, service: b}\n", "the service web extends one of the file a.yml", 3},
		"extends of itself":     {"services:\n  web:\n    extends: web\n", "the service web extends web, which is not there", 3},
		"one port of two":       {"services:\n  a: {image: 'nginx:1', ports: ['80:80']}\n  b: {image: 'httpd:2', ports: ['81:80']}\n", "the services a and b both listen on port 80, and an app's services share one address", 0},
		"two processors":        {"services:\n  a: {image: 'x:1', platform: linux/amd64}\n  b: {image: 'y:1', platform: linux/arm64}\n", "its services are held to different processors: amd64, arm64", 0},
		"only behind a profile": {"services:\n  a: {image: 'x:1', profiles: [debug]}\n", "no service of it would run", 0},
	} {
		t.Run(name, func(t *testing.T) {
			r := importText(t, c.text)
			if r.Err == nil || r.Err.Message != c.want || c.line != 0 && r.Err.Line != c.line || r.Err.Unsound || r.Entry != nil {
				t.Errorf("got %+v, want %q at line %d", r.Err, c.want, c.line)
			}
		})
	}
}

func TestWhatIsUnusualButGoodIsRead(t *testing.T) {
	for name, text := range map[string]string{
		"a byte order mark":        "\xef\xbb\xbfservices:\n  web:\n    image: nginx:1.27\n    ports: ['8080:80']\n",
		"lines that end as DOS":    "services:\r\n  web:\r\n    image: nginx:1.27\r\n    ports: ['8080:80']\r\n",
		"a comment and a document": "# x\n---\nservices:\n  web:\n    image: nginx:1.27\n    ports: ['8080:80']\n",
		"JSON":                     `{"services": {"web": {"image": "nginx:1.27", "ports": ["8080:80"]}}}`,
		"merge keys":               "x: &x {image: 'nginx:1.27'}\nservices:\n  web:\n    <<: [*x]\n    ports: ['8080:80']\n",
		"a registry's port":        "services:\n  web:\n    image: registry.example.org:5000/nginx:1.27\n    ports: ['8080:80']\n",
	} {
		t.Run(name, func(t *testing.T) {
			r := importText(t, text)
			if r.Err != nil {
				t.Fatal(r.Err)
			}
			s := r.App.Services[0]
			if !strings.HasSuffix(s.Image, "nginx:1.27") || len(s.Exposes) != 1 || s.Exposes[0].Port != 80 {
				t.Errorf("%+v", s)
			}
		})
	}
}

func TestATerribleManyIsRefused(t *testing.T) {
	var files Files
	for i := range maxApps + 1 {
		files = append(files, File{Path: fmt.Sprintf("a%05d/compose.yml", i), Bytes: []byte("x")})
	}
	results := Import(Compose, files)
	refused := 0
	for _, r := range results {
		if r.Err != nil {
			refused++
		}
	}
	if len(results) != maxApps+1 || refused != len(results) {
		t.Errorf("%d results, %d refused", len(results), refused)
	}
}
