package store

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariablesAreReplacedAsComposeDoes(t *testing.T) {
	values := map[string]string{"SET": "v", "EMPTY": ""}
	lookup := func(v variable) text {
		if s := values[v.name]; s != "" {
			return literal(s)
		}
		return literal(v.fallback)
	}
	for in, want := range map[string]string{
		"plain": "plain", "$SET": "v", "${SET}": "v", "a${SET}b": "avb", "$$SET": "$SET", "$${SET}": "${SET}", "${NONE:-d}": "d", "${NONE-d}": "d",
		"${EMPTY:-d}": "d", "${SET:-d}": "v", "${NONE:-${SET}}": "v", "${NONE:-${OTHER:-x}}": "x", "${SET:+yes}": "yes", "${NONE:+yes}": "",
		"${NONE}": "", "100%": "100%", "cost: 5$": "cost: 5$", "$1": "$1", "${a.b}": "${a.b}", "${SET": "${SET", "$": "$", "${}": "${}", "${NONE:-a}b}": "ab}",
		"${NONE:-a$$b}": "a$b",
	} {
		if got := expand(in, lookup).plain(); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

func TestCommandsAreSplitAsAShellDoes(t *testing.T) {
	for in, want := range map[string][]string{
		"a b  c": {"a", "b", "c"}, `sh -c "a b"`: {"sh", "-c", "a b"}, `a 'b "c"'`: {"a", `b "c"`}, `a\ b`: {"a b"}, `""`: {""},
		`a"b"c`: {"abc"}, "a\n  b": {"a", "b"}, `"a\"b"`: {`a"b`}, `'a\b'`: {`a\b`}, "": nil, "a \\\n b": {"a", "b"},
	} {
		got, ok := shellSplit(in)
		if diff := cmp.Diff(want, got); diff != "" || !ok {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
	if _, ok := shellSplit(`a "b`); ok {
		t.Error("a quote that is not closed is fine")
	}
}

func TestTextsAreWrittenSoThatTheEntryReadsThemBack(t *testing.T) {
	for _, s := range []string{"", "plain", `a"b\c`, "${x}", "$${x}", "$$${x}", "%{if}", "%%{x", "a$", "a%", "line\nline\ttab", "ü€", "$", "${", "$$", `\u0041`, "a\u2028b"} {
		r := Import(Compose, Files{{Path: "x/compose.yml", Bytes: []byte("services: {web: {image: 'a:1', environment: {A: " + yamlQuoted(s) + "}}}")}})[0]
		if r.Err != nil {
			t.Errorf("%q: %v", s, r.Err)
			continue
		}
		got, _, err := r.App.Services[0].Env[0].Eval(r.App.SampleScope())
		if err != nil || got.String() != s {
			t.Errorf("%q became %q: %v", s, got, err)
		}
	}
}

// yamlQuoted writes a text for YAML, with its dollars doubled for Compose.
func yamlQuoted(s string) string {
	out := `"`
	for _, r := range s {
		switch r {
		case '"', '\\':
			out += `\` + string(r)
		case '\n':
			out += `\n`
		case '\t':
			out += `\t`
		case '$':
			out += `$$`
		default:
			out += string(r)
		}
	}
	return out + `"`
}

func TestImagesAreNamedInFull(t *testing.T) {
	for in, want := range map[string]string{
		"nginx:1": "docker.io/library/nginx", "a/b:1": "docker.io/a/b", "ghcr.io/a/b:1": "ghcr.io/a/b", "localhost/x:1": "localhost/x",
		"host:5000/x:1": "host:5000/x", "index.docker.io/a/b:1": "docker.io/a/b",
	} {
		name, tag, _, ok := reference(in)
		if got := fullName(name); got != want || tag != "1" || !ok {
			t.Errorf("%s is %s with %q", in, got, tag)
		}
	}
}
