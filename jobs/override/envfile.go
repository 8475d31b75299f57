package override

import (
	"slices"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// EnvFile is the template by which a generated task gets the variables that hold a
// secret, a line each. What Nomad renders there goes before what stands in env, so
// that a variable which an override writes or removes has to leave it.
const EnvFile = "secrets/dcloud.env"

// dropEnvLine takes one variable out of a task's EnvFile, and tells whether it was
// there. The file goes with its last variable.
func dropEnvLine(t *api.Task, name string) bool {
	for i, tmpl := range t.Templates {
		if tmpl == nil || tmpl.DestPath == nil || *tmpl.DestPath != EnvFile || tmpl.EmbeddedTmpl == nil {
			continue
		}
		var kept []string
		dropped, variables := false, 0
		for line := range strings.SplitSeq(*tmpl.EmbeddedTmpl, "\n") {
			key, _, isVariable := strings.Cut(line, "={{ ")
			if isVariable && key == name {
				dropped = true
				continue
			}
			if isVariable && !strings.HasPrefix(line, "{{") {
				variables++
			}
			kept = append(kept, line)
		}
		if !dropped {
			return false
		}
		if variables == 0 {
			t.Templates = slices.Delete(t.Templates, i, i+1)
			return true
		}
		body := strings.Join(kept, "\n")
		tmpl.EmbeddedTmpl = &body
		return true
	}
	return false
}

// templatedEnv are the names of the variables in a task's EnvFile.
func templatedEnv(t *api.Task) []string {
	var names []string
	for _, tmpl := range t.Templates {
		if tmpl == nil || tmpl.DestPath == nil || *tmpl.DestPath != EnvFile || tmpl.EmbeddedTmpl == nil {
			continue
		}
		for line := range strings.SplitSeq(*tmpl.EmbeddedTmpl, "\n") {
			if key, _, ok := strings.Cut(line, "={{ "); ok && !strings.HasPrefix(line, "{{") {
				names = append(names, key)
			}
		}
	}
	return names
}
