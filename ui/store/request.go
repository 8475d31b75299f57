package store

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/agent"
)

// values are what somebody typed into the form of an install.
type values struct {
	Name, Subdomain, Access, Node string
	Read                          bool              // what there is to know of an entry of a store
	Settings                      map[string]string // by the setting's name; none where it was not sent
}

// read takes them from a form. A switch that is off sends nothing, which is a "false"
// here: forms are always sent whole.
func read(e agent.Entry, f url.Values) values {
	v := values{
		Name: strings.TrimSpace(f.Get(fieldName)), Subdomain: strings.TrimSpace(f.Get(fieldAddress)),
		Access: f.Get(fieldAccess), Node: f.Get(fieldNode), Read: f.Get(fieldRead) == "true", Settings: map[string]string{},
	}
	for _, s := range e.Settings {
		text := f.Get(setting + s.Name)
		if s.Type == "bool" && text == "" {
			text = "false"
		}
		v.Settings[s.Name] = text
	}
	return v
}

// fresh are the values of a form that nobody has touched.
func fresh(e agent.Entry, apps []agent.App) values {
	return values{Name: freeName(baseName(e.Name), apps), Access: e.Access, Settings: map[string]string{}}
}

// before are those of an install that was asked for earlier.
func before(r agent.InstallRequest, e agent.Entry, apps []agent.App) values {
	v := fresh(e, apps)
	if r.Name != "" {
		v.Name = r.Name
	}
	if r.Access != "" {
		v.Access = r.Access
	}
	if r.Subdomain != r.Name {
		v.Subdomain = r.Subdomain
	}
	v.Node = r.Node
	for name, text := range r.Settings {
		v.Settings[name] = text
	}
	return v
}

// request is the install that the values ask for. What is as the entry has it is left
// out, so that it follows the entry.
func (v values) request(e agent.Entry) agent.InstallRequest {
	r := agent.InstallRequest{Entry: e.Name, Name: v.Name, Subdomain: v.Subdomain, Access: v.Access, Node: v.Node, Settings: map[string]string{}}
	if r.Access == e.Access {
		r.Access = ""
	}
	for _, s := range e.Settings {
		if text := v.Settings[s.Name]; text != "" && text != s.Default && (s.Type != "bool" || text != "false" || s.Default == "true") {
			r.Settings[s.Name] = text
		}
	}
	return r
}

// freeName is the entry's name, or with a number where there is an app of that name.
func freeName(name string, apps []agent.App) string {
	taken := map[string]bool{}
	for _, a := range apps {
		taken[a.Name] = true
	}
	free := name
	for n := 2; taken[free]; n++ {
		end := "-" + strconv.Itoa(n)
		free = strings.TrimRight(name[:min(len(name), 40-len(end))], "-") + end
	}
	return free
}
