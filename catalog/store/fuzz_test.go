package store

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/rogpeppe/go-internal/txtar"
)

func FuzzCompose(f *testing.F) { fuzzFormat(f, Compose) }
func FuzzCasaOS(f *testing.F)  { fuzzFormat(f, CasaOS) }
func FuzzCoolify(f *testing.F) { fuzzFormat(f, Coolify) }
func FuzzRuntipi(f *testing.F) { fuzzFormat(f, Runtipi) }
func FuzzUmbrel(f *testing.F)  { fuzzFormat(f, Umbrel) }

// fuzzFormat takes a text for the manifest, and one for what stands beside it:
// whatever they are, each app is refused with a reason, or becomes an entry that
// the catalog takes, and each key of its services is in it or told.
func fuzzFormat(f *testing.F, format string) {
	names := map[string][2]string{
		Compose: {"app/compose.yml", "app/.env"}, CasaOS: {"app/docker-compose.yml", "app/conf"}, Coolify: {"app.yaml", "conf"},
		Runtipi: {"app/docker-compose.json", "app/config.json"}, Umbrel: {"app/docker-compose.yml", "app/umbrel-app.yml"},
	}[format]
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		f.Fatal(err)
	}
	about := map[string]string{Compose: "A=1\nB='x'\n", Runtipi: `{"tipi_version": 1, "port": 80}`, Umbrel: "id: x\nport: 80\n"}[format]
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		second := about
		for _, file := range archive.Files {
			if filepath.Base(file.Name) == filepath.Base(names[1]) {
				second = string(file.Data)
			}
		}
		for _, file := range archive.Files {
			if !strings.HasPrefix(file.Name, "want/") {
				f.Add(string(file.Data), second)
			}
		}
	}
	f.Add("services: {a: {image: x, command: '${A:-${B}}', volumes: ['/:/x', 'a:b:c:d'], ports: ['1-9:1-9', '[::1]:1:2/udp']}}", about)
	f.Fuzz(func(t *testing.T, manifest, beside string) {
		files := Files{{Path: names[0], Bytes: []byte(manifest)}, {Path: names[1], Bytes: []byte(beside)}}
		Detect(files)
		for _, r := range Import(format, files) {
			if (r.Err == nil) != (r.Entry != nil) || (r.Err == nil) != (r.App != nil) {
				t.Fatalf("neither an entry nor a refusal, or both: %+v", r)
			}
			if r.Err != nil {
				if r.Err.Unsound || r.Err.Message == "" {
					t.Errorf("refused by the catalog's rules alone: %v", r.Err)
				}
				continue
			}
			app, problems := catalog.Check("app.hcl", r.Entry)
			if app == nil || app.Name != r.Name {
				t.Errorf("%v\n%s", problems, r.Entry)
			}
			if app != nil && len(catalog.Hardcoded(app)) > 0 {
				t.Errorf("a secret is left: %v", catalog.Hardcoded(app))
			}
			for _, n := range r.Notes {
				if n.What == "" || n.Why == "" || strings.ContainsAny(n.String(), "\n\r\x00") {
					t.Errorf("a note that cannot be read: %q", n)
				}
			}
		}
	})
}
