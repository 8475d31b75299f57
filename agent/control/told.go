package control

import (
	"context"
	"errors"
	"net"
	"net/url"

	"github.com/docker/docker/client"
	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// told turns an error into what a person gets to see. What an engine that is away
// or without a leader has caused is "unavailable"; anything else that is not ours
// stays internal. nil stays nil.
func (s *Service) told(err error) *agent.Error {
	var ours *agent.Error
	if err == nil || errors.As(err, &ours) {
		return agent.AsError(err)
	}
	if engine := away(err); engine != "" {
		return agent.Errorf(agent.CodeUnavailable, "%s does not answer: %w", engine, err).
			WithHint("see what is wrong with: dcloud doctor")
	}
	return agent.AsError(err)
}

// tell is told for a function that returns to the API, to be deferred: what is
// nobody's fault (the caller left) or internal stays as it is, for the API to log.
func (s *Service) tell(err *error) {
	var own *appError
	switch {
	case *err == nil:
	case errors.As(*err, &own):
		*err = own.told
	case away(*err) != "":
		*err = s.told(*err)
	}
}

// away names the engine that did not answer as it should, "" if it was none of them.
func away(err error) string {
	var nomadSaid nomad.UnexpectedResponseError
	var consulSaid consul.StatusError
	var call *url.Error
	var network net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case client.IsErrConnectionFailed(err):
		return "Docker"
	case errors.As(err, &nomadSaid) && (nomadSaid.StatusCode() >= 500 || !nomadSaid.HasStatusCode()):
		return "Nomad"
	case errors.As(err, &consulSaid) && consulSaid.Code >= 500:
		return "Consul"
	case errors.As(err, &call):
		if to, bad := url.Parse(call.URL); bad == nil && to.Scheme == "https" { // DialNomad; Consul is spoken to in plain HTTP
			return "Nomad"
		}
		return "Consul"
	case errors.As(err, &network):
		return "an engine"
	}
	return ""
}
