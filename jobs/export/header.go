package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/nomad/api"
)

var (
	variablePath = regexp.MustCompile(`nomadVar "([^"\s]+)"`)
	variableItem = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_]*)\.Value`)
)

// header says what the text is, and what the job needs beside itself.
func header(job *api.Job) string {
	var b strings.Builder
	say := func(format string, args ...any) {
		b.WriteString(strings.TrimRight("# "+oneLine(fmt.Sprintf(format, args...)), " ") + "\n")
	}
	name := deref(job.ID)
	say("The job of the app %s, as Nomad runs it. Run it with: nomad job run FILE", name)
	if entry := job.Meta["dcloud.entry"]; entry != "" {
		say("It was generated from the entry %s, version %s.", entry, job.Meta["dcloud.version"])
	}
	say("")
	say("The job registers its services in Consul, by whose tags Traefik routes to them.")
	variables, volumes, networks, lan := needs(job)
	for _, path := range slices.Sorted(maps.Keys(variables)) {
		say("It reads secrets from the Nomad Variable %s, which holds: %s.", path, strings.Join(slices.Sorted(maps.Keys(variables[path])), ", "))
		say("No value of them is in here: nomad var put %s NAME=VALUE …", path)
	}
	for _, v := range volumes {
		say("It keeps data in the host volume %s.", v)
	}
	for _, n := range networks {
		say("Its containers are in Docker's network %s: docker network create %s", n, n)
	}
	if lan {
		say(`Ports of the machine are on the client's host_network "lan".`)
	}
	return b.String()
}

// needs collects what a job refers to.
func needs(job *api.Job) (variables map[string]map[string]bool, volumes, networks []string, lan bool) {
	variables = map[string]map[string]bool{}
	for _, g := range job.TaskGroups {
		for _, v := range g.Volumes {
			volumes = append(volumes, v.Source)
		}
		for _, n := range g.Networks {
			for _, p := range append(slices.Clone(n.ReservedPorts), n.DynamicPorts...) {
				lan = lan || p.HostNetwork == "lan"
			}
		}
		for _, t := range g.Tasks {
			if n, ok := t.Config["network_mode"].(string); ok && n != "host" && n != "bridge" && n != "none" {
				networks = append(networks, n)
			}
			for _, tmpl := range t.Templates {
				body := deref(tmpl.EmbeddedTmpl)
				for _, path := range variablePath.FindAllStringSubmatch(body, -1) {
					if variables[path[1]] == nil {
						variables[path[1]] = map[string]bool{}
					}
					for _, item := range variableItem.FindAllStringSubmatch(body, -1) {
						variables[path[1]][item[1]] = true
					}
				}
			}
		}
	}
	slices.Sort(volumes)
	slices.Sort(networks)
	return variables, slices.Compact(volumes), slices.Compact(networks), lan
}

// oneLine keeps a text within its comment.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x85 || r == 0x2028 || r == 0x2029 {
			return ' '
		}
		return r
	}, s)
}
