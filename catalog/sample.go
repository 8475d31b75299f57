package catalog

import "github.com/zclconf/go-cty/cty"

// SampleScope is a scope in which the entry's expressions can be tried before
// anybody has chosen anything: defaults, and where there are none, a value of the
// setting's type.
func (a *App) SampleScope() Scope {
	s := Scope{
		Settings:  make(map[string]cty.Value, len(a.Settings)),
		Services:  make(map[string]Endpoint, len(a.Services)),
		Passwords: map[string]string{},
		AppName:   a.Name,
		AppURL:    "http://" + a.Name + ".dcloud.localhost",
		AppHost:   a.Name + ".dcloud.localhost",
		Domain:    "dcloud.localhost",
		Timezone:  "Etc/UTC",
	}
	for _, setting := range a.Settings {
		if setting.Type == "password" {
			s.Passwords[setting.Name] = setting.Name
			continue
		}
		s.Settings[setting.Name] = setting.sample()
	}
	for _, secret := range a.Secrets {
		s.Secrets = append(s.Secrets, secret.Name)
	}
	for i := range a.Services {
		s.Services[a.Services[i].Name] = Endpoint{Host: "127.0.0.1", Port: a.Services[i].MainPort()}
	}
	return s
}

func (s Setting) sample() cty.Value {
	switch {
	case s.Default != cty.NilVal:
		return s.Default
	case s.Type == "number" && s.Min != nil:
		return cty.NumberFloatVal(*s.Min)
	case s.Type == "number":
		return cty.NumberIntVal(1)
	case s.Type == "bool":
		return cty.False
	case s.Type == "choice" && len(s.Choices) > 0:
		return cty.StringVal(s.Choices[0])
	}
	return cty.StringVal("")
}
