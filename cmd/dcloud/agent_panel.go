package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/control"
	"github.com/dentropy/dcloud/agent/people"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/ui"
	"github.com/dentropy/dcloud/ui/web"
)

// people are those who may sign in to this cloud.
func (m *machine) people(log *slog.Logger, c clients, svc *control.Service) *people.Service {
	return people.New(people.Options{
		Store: control.Records{Consul: c.Consul}, Log: log, Now: time.Now, Rand: rand.Reader,
		Host: func() (string, []string) { return m.node.Domain, m.origins() },
		Link: func(path string) string { return m.panel() + path },
		Note: svc.Note,
	})
}

// origins are the panel's as browsers name them, where the front door's ports are left
// out if they are HTTP's own.
func (m *machine) origins() []string {
	host := m.panelHost()
	at := func(scheme string, port, usual int) string {
		u := url.URL{Scheme: scheme, Host: host}
		if port != usual {
			u.Host = net.JoinHostPort(host, strconv.Itoa(port))
		}
		return u.String()
	}
	return []string{at("http", m.node.HTTPPort, 80), at("https", m.node.HTTPSPort, 443)}
}

func (m *machine) panelHost() string { return "panel." + m.node.Domain }

// panelOf is what people see in a browser. The front doors of other machines speak for
// their visitors from the pool's addresses.
func (m *machine) panelOf(log *slog.Logger, cloud web.Cloud, who *people.Service) *web.Kernel {
	return ui.New(web.Options{
		Cloud: cloud, Accounts: who, Log: log, Version: version, Host: m.panelHost(),
		Doors: []netip.Prefix{m.node.Pool}, Now: time.Now,
	})
}

// errAnew ends an agent that is to begin anew.
var errAnew = errors.New("the agent begins anew")

// setDomain gives the cloud another name: it is written down, and the agent begins
// anew once those who ask have their answers.
func (m *machine) setDomain(log *slog.Logger) func(context.Context, string) error {
	return func(_ context.Context, domain string) error {
		n, changed, err := node.Init(m.layout, node.Options{Domain: domain})
		if err != nil {
			return agent.Errorf(agent.CodeInvalid, "%q cannot be the cloud's domain: %w", domain, err).
				WithHint("choose a name such as ada.xyz")
		}
		if !changed {
			return nil
		}
		log.Info("the domain is another; the agent begins anew", "domain", n.Domain)
		m.again(errAnew)
		return nil
	}
}
