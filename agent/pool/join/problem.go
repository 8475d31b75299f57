package join

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// each lists the addresses with why they did not lead to the pool.
func (a *asking) each() string {
	var list []string
	for i, err := range a.errs {
		list = append(list, fmt.Sprintf("%s (%s)", a.o.Token.Addresses[i], reason(err)))
	}
	return strings.Join(list, ", ")
}

// strangers is the end where something else has all of the token's addresses.
func (a *asking) strangers() error {
	for _, err := range a.errs {
		if errors.Is(err, errForeign) {
			return agent.Errorf(agent.CodeFailed, "the token is of another cloud than the one that answers: %s", a.each()).
				WithHint("get a token on the server of the cloud that is to be joined: dcloud node token")
		}
	}
	return agent.Errorf(agent.CodeFailed, "no cloud answers at the token's addresses: %s", a.each()).
		WithHint("check that the router forwards TCP and UDP port %d to the cloud's server; "+
			"get a token with the right address there: dcloud node token --address NAME-OR-ADDRESS", pool.Port)
}

// ended is the error where ctx ended before there was an answer.
func (a *asking) ended(ctx context.Context) error {
	if errors.Is(context.Cause(ctx), context.Canceled) {
		return fmt.Errorf("join the cloud: %w", ctx.Err())
	}
	if a.pending && a.failed == "" && len(a.errs) > 0 {
		return agent.Errorf(agent.CodeUnavailable, "nobody accepted this machine, and the cloud cannot be reached any more: %s", a.each()).
			WithHint("%s", a.reachHint())
	}
	if a.failed != "" {
		return agent.Errorf(agent.CodeUnavailable, "the cloud was found and did not let this machine in: %s", a.failed).
			WithHint("look at it on the cloud's server: dcloud status; then again here: dcloud node join TOKEN")
	}
	if len(a.errs) == 0 && len(a.o.Token.Addresses) > 0 {
		return agent.Errorf(agent.CodeUnavailable, "the cloud did not answer in time: %s", strings.Join(a.o.Token.Addresses, ", ")).
			WithHint("%s", a.reachHint())
	}
	if len(a.errs) == 0 {
		return agent.Errorf(agent.CodeUnavailable, "the cloud did not call this machine").WithHint("%s", a.reachHint())
	}
	called := ""
	if a.waits {
		called = "; and it did not call this machine"
	}
	return agent.Errorf(agent.CodeUnavailable, "the cloud cannot be reached: %s%s", a.each(), called).WithHint("%s", a.reachHint())
}

// nobodyAccepted is the end where the token's time is over.
func nobodyAccepted() error {
	return agent.Errorf(agent.CodeUnauthorized, "nobody accepted this machine while its token was good").
		WithHint("on the cloud's server, get a new one: dcloud node token")
}

func (a *asking) reachHint() string {
	reach := fmt.Sprintf("forward TCP and UDP port %d to the cloud's server, or let it call this machine; on the server: dcloud node token --call THIS-MACHINE", pool.Port)
	for _, err := range a.errs {
		if errors.Is(err, syscall.ECONNREFUSED) {
			// The port is open only while a token waits to be used.
			return "the token may have ended or been used; on the cloud's server: dcloud node token. If it is new: " + reach
		}
	}
	return reach
}
