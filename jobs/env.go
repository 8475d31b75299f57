package jobs

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// envFile is where Nomad renders the variables that go through a template; the
// secrets directory is memory, and never on a disk.
const envFile = "secrets/dcloud.env"

// maxTemplated is how many bytes a variable may take in the rendered file. Nomad
// reads it line by line with a bufio.Scanner, which ends at 64 KiB a line.
const maxTemplated = 60 << 10

// envKey is what Nomad's parser of rendered variables takes
// (hashicorp/go-envparse), less the slash that no shell knows.
var envKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

// environment splits the variables of a service: those that Nomad may know go to
// the first result, the others through a template, nil if there are none.
//
// A template takes those with a secret in them, and those with "${", which
// Nomad would otherwise interpolate; it does not look into what was rendered.
func environment(app string, vars []catalog.EnvVar, sc catalog.Scope) (map[string]string, *api.Template, error) {
	env := map[string]string{}
	var lines []string
	secret := false
	for _, v := range vars {
		if !envKey.MatchString(v.Name) {
			return nil, nil, errorf(hintEntry, "env %q: a variable's name is letters, digits and underscores", v.Name)
		}
		text, set, err := v.Eval(sc)
		if err == nil {
			err = checkLiterals(text)
		}
		if err != nil {
			return nil, nil, at(err, "env %s", v.Name)
		}
		if !set {
			continue
		}
		if !text.HasSecret() && !strings.Contains(plain(text), "${") {
			env[v.Name] = plain(text)
			continue
		}
		if quoted, _ := json.Marshal(plain(text)); len(quoted) > maxTemplated {
			return nil, nil, errorf("put it into a file block instead", "env %s: the value is longer than %d KiB", v.Name, maxTemplated>>10)
		}
		secret = secret || text.HasSecret()
		lines = append(lines, envLine(v.Name, text))
	}
	if len(env) == 0 {
		env = nil
	}
	if len(lines) == 0 {
		return env, nil, nil
	}
	body := strings.Join(lines, "\n") + "\n"
	if secret {
		body = withSecrets(app, "\n"+body)
	}
	t := newTemplate(envFile, body, "0600")
	t.Envvars = ptr(true)
	return env, t, nil
}

// envLine renders to KEY="value" with the value as a JSON string: go-envparse
// reads JSON's escapes, so any value comes through, whatever is in it.
func envLine(key string, text catalog.Text) string {
	args := make([]string, len(text))
	for i, p := range text {
		args[i] = templateArg(p)
	}
	return key + "={{ printf " + strconv.Quote(strings.Repeat("%s", len(args))) + " " + strings.Join(args, " ") + " | toJSON }}"
}

// withSecrets makes the items of the app's Nomad Variable the dot of a template.
// A task may read this one path by its own workload identity
// (https://developer.hashicorp.com/nomad/docs/concepts/variables).
func withSecrets(app, body string) string {
	return `{{ with nomadVar "` + SecretsPath(app) + `" }}` + body + `{{ end }}`
}

// SecretsPath is the Nomad Variable that holds an app's secrets, an item each.
func SecretsPath(app string) string { return "nomad/jobs/" + app }

// templateArg is a part as an operand of a Go template's action. strconv.Quote
// writes what text/template reads back with strconv.Unquote, on one line; in a
// quoted string its delimiters mean nothing.
func templateArg(p catalog.Part) string {
	switch {
	case p.Secret == "":
		return strconv.Quote(p.Literal)
	case p.Encode == "url":
		// urlquery is for query strings and writes a space as "+", which only
		// they read back; a plus sign itself has become %2B by then.
		return "(." + p.Secret + `.Value | urlquery | replaceAll "+" "%20")`
	}
	return "." + p.Secret + ".Value"
}

// newTemplate is one that Nomad renders before the task starts. A new value does not
// touch the running task: the new SecretsRevision replaces the allocation, and
// a restart by the template would only come on top of that.
func newTemplate(dest, body, perms string) *api.Template {
	return &api.Template{
		DestPath: ptr(dest), EmbeddedTmpl: ptr(body), Perms: ptr(perms),
		ChangeMode: ptr("noop"), ErrMissingKey: ptr(true),
	}
}
