package catalog

import (
	"fmt"
	"slices"
)

// Service returns the service of that name, nil if there is none.
func (a *App) Service(name string) *Service {
	for i := range a.Services {
		if a.Services[i].Name == name {
			return &a.Services[i]
		}
	}
	return nil
}

// MainPort is where other services of the app reach this one, and what those that
// come after it wait for: its port, else the first that it exposes, else its first
// extra TCP port, else 0.
func (s *Service) MainPort() int {
	switch {
	case s.Port != 0:
		return s.Port
	case len(s.Exposes) > 0:
		return s.Exposes[0].Port
	}
	for _, p := range s.Ports {
		if p.Protocol == "tcp" {
			return p.Port
		}
	}
	return 0
}

// Memory is what all services that stay reserve together, in MiB.
func (a *App) Memory() int {
	sum := 0
	for _, s := range a.Services {
		if !s.Once {
			sum += s.Resources.Memory
		}
	}
	return sum
}

// Images are the images of all services, each once, in file order.
func (a *App) Images() []string {
	var images []string
	for _, s := range a.Services {
		if !slices.Contains(images, s.Image) {
			images = append(images, s.Image)
		}
	}
	return images
}

// Risks are what is unusual about the app, in words that follow "this app": what it
// may do to the machine and who can reach it.
func (a *App) Risks() []string { return a.RisksBehind(func(e Expose) string { return e.Access }) }

// RisksBehind are the risks where who passes the door of an exposed port is as access
// says, and not as the entry does.
func (a *App) RisksBehind(access func(Expose) string) []string {
	var risks []string
	for _, s := range a.Services {
		for _, c := range s.Capabilities {
			risks = append(risks, fmt.Sprintf("may %s (%s, service %s)", capabilities[c], c, s.Name))
		}
		for _, d := range s.Devices {
			risks = append(risks, fmt.Sprintf("uses the machine's device %s (service %s)", d, s.Name))
		}
		for _, p := range s.Ports {
			what := ""
			if p.Title != "" {
				what = ", " + p.Title
			}
			risks = append(risks, fmt.Sprintf("opens port %d/%s of the machine to its network (service %s%s)", p.Host, p.Protocol, s.Name, what))
		}
		for _, e := range s.Exposes {
			door := access(e)
			if door == "public" {
				risks = append(risks, fmt.Sprintf("is open to everyone who can reach the machine, without signing in (service %s)", s.Name))
			}
			for _, path := range e.Public {
				if door == "public" || door == "app" {
					break // all paths are
				}
				risks = append(risks, fmt.Sprintf("leaves the path %s open to everyone (service %s)", path, s.Name))
			}
		}
	}
	return risks
}
