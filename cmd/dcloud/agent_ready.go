package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/dentropy/dcloud/agent/control"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// loopback is one of our ports on this machine alone.
func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// grants are what the engines may do in Consul.
func (m *machine) grants() []control.Grant {
	s := m.input.Secrets
	return []control.Grant{
		{Name: "agent", Rules: node.ConsulAgentPolicy, Secret: s.ConsulAgent},
		{Name: "nomad", Rules: node.NomadConsulPolicy, Secret: s.ConsulNomad},
		{Name: "traefik", Rules: node.TraefikConsulPolicy, Secret: s.ConsulTraefik},
	}
}

func (m *machine) nomadAddress() control.NomadAddress {
	own := m.node.Role != pool.RoleServer
	cert := m.layout.Cert(node.CertClient)
	if own {
		cert = m.layout.Cert(node.CertPeer) // a client's too, and the only one there
	}
	return control.NomadAddress{
		Address: loopback(node.NomadHTTPPort), Region: m.node.Region, Client: own, Token: m.input.Secrets.NomadBootstrap,
		CACert: m.layout.CACert(), Cert: cert, Key: cert,
	}
}

func traefikReady(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+loopback(node.PingPort)+"/ping", nil)
	if err != nil {
		return err
	}
	res, err := loopbackClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", res.Status)
	}
	return nil
}
