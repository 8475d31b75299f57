package jobs

import (
	"strings"
	"unicode/utf8"

	"github.com/dentropy/dcloud/catalog"
)

// loopback is where the services of one app reach each other: they share one
// network namespace.
const loopback = "127.0.0.1"

// scope is what the names in the entry's expressions stand for.
func scope(in Input) catalog.Scope {
	s := catalog.Scope{
		Settings:  in.Intent.Settings,
		Passwords: map[string]string{},
		Services:  map[string]catalog.Endpoint{},
		AppName:   in.Intent.Name,
		AppURL:    AppURL(in),
		AppHost:   appHost(in),
		Domain:    in.Pool.Domain,
		Timezone:  in.Pool.Timezone,
	}
	for _, setting := range in.Entry.Settings {
		if setting.Type == "password" {
			s.Passwords[setting.Name] = in.Intent.Passwords[setting.Name]
		}
	}
	for _, secret := range in.Entry.Secrets {
		s.Secrets = append(s.Secrets, secret.Name)
	}
	for _, service := range in.Entry.Services {
		s.Services[service.Name] = catalog.Endpoint{Host: loopback, Port: service.MainPort()}
	}
	return s
}

// appHost is the host of the app's first exposed port, or, where none is
// exposed, the one that it would have.
func appHost(in Input) string {
	if hosts := Hosts(in); len(hosts) > 0 {
		return hosts[0]
	}
	return Host(in, catalog.Expose{})
}

// plain joins the literals of a text.
func plain(t catalog.Text) string {
	var b strings.Builder
	for _, p := range t {
		b.WriteString(p.Literal)
	}
	return b.String()
}

// checkLiterals refuses what no environment, argument or JSON can carry.
func checkLiterals(t catalog.Text) error {
	s := plain(t)
	if strings.ContainsRune(s, 0) {
		return errorf("take the NUL byte out of the value", "the value holds a NUL byte")
	}
	if !utf8.ValidString(s) {
		return errorf("give the value in UTF-8", "the value is not valid UTF-8")
	}
	return nil
}
