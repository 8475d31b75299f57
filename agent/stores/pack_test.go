package stores

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestAFolderIsPackedWithoutWhatIsNotWantedAndWithoutFollowingLinks(t *testing.T) {
	top := filepath.Join(t.TempDir(), "mine")
	outside := filepath.Join(t.TempDir(), "secret.yml")
	check(t, os.WriteFile(outside, []byte("hunter2"), 0o600))
	for name, text := range map[string]string{"a/docker-compose.yml": "a", "a/icon.png": "x", ".git/config.yml": "x", "b/app.hcl": "b", "b/large.json": strings.Repeat("x", 1<<20+1)} {
		full := filepath.Join(top, name)
		check(t, os.MkdirAll(filepath.Dir(full), 0o755))
		check(t, os.WriteFile(full, []byte(text), 0o644))
	}
	check(t, os.Symlink(outside, filepath.Join(top, "a", "link.yml")))
	check(t, os.Symlink(filepath.Dir(outside), filepath.Join(top, "linked")))
	first, err := Pack(top, Defaults())
	check(t, err)
	again, err := Pack(top+"/", Defaults())
	check(t, err)
	if !bytes.Equal(first, again) {
		t.Error("the same files make other bytes")
	}
	got, err := unpack(t, first, Defaults())
	check(t, err)
	if len(got.Files) != 2 || got.Files[0].Path != "mine/a/docker-compose.yml" || got.Files[1].Path != "mine/b/app.hcl" {
		t.Errorf("%+v", got)
	}
	one, err := Pack(filepath.Join(top, "a", "docker-compose.yml"), Defaults())
	check(t, err)
	if got, err := unpack(t, one, Defaults()); err != nil || len(got.Files) != 1 || got.Files[0].Path != "a/docker-compose.yml" {
		t.Errorf("a single manifest: %+v, %v", got, err)
	}
	archive := filepath.Join(t.TempDir(), "x.tgz")
	check(t, os.WriteFile(archive, first, 0o644))
	if same, err := Pack(archive, Defaults()); err != nil || !bytes.Equal(same, first) {
		t.Errorf("an archive is not taken as it is: %v", err)
	}
}

func TestWhatCannotBePackedSaysWhy(t *testing.T) {
	dir := t.TempDir()
	check(t, os.WriteFile(filepath.Join(dir, "x.png"), []byte("\x89PNG"), 0o644))
	few := Defaults()
	few.Entries = 1
	for _, c := range []struct {
		path   string
		limits Limits
		code   string
	}{{filepath.Join(dir, "none"), Defaults(), agent.CodeNotFound}, {dir, Defaults(), agent.CodeNotFound}, {filepath.Join(dir, "x.png"), Defaults(), agent.CodeInvalid},
		{dir, few, agent.CodeInvalid}, {"/dev/null", Defaults(), agent.CodeInvalid}, {"", Defaults(), agent.CodeInvalid}} {
		if _, err := Pack(c.path, c.limits); agent.AsError(err) == nil || agent.AsError(err).Code != c.code {
			t.Errorf("%s: %v; want %s", c.path, err, c.code)
		}
	}
}
