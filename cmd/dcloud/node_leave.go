package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

func newNodeLeaveCommand(e *env) *cobra.Command {
	var abandon, yes bool
	cmd := &cobra.Command{
		Use:   "leave",
		Short: "Take this machine out of its cloud",
		Long: `Moves the apps that run here to the other machines, takes this machine out of the
cloud, and deletes what it had of it. Docker and other software stay.

A machine that holds apps' data stays, unless --abandon gives that data up.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if os.Geteuid() != 0 {
				return notRoot("dcloud node leave")
			}
			l, err := e.layout()
			if err != nil {
				return err
			}
			n, err := leavable(l)
			if err != nil {
				return err
			}
			if !yes && isTerminal(e.stdin) && !e.confirm(cmd.Context(), "Take this machine out of its cloud?") {
				return agent.Errorf(agent.CodeFailed, "this machine is still part of its cloud").
					WithHint("to leave it without a question: dcloud node leave --yes")
			}
			return e.leave(cmd.Context(), l, n, abandon)
		},
	}
	cmd.Flags().BoolVar(&abandon, "abandon", false, "give up the apps' data that lies here")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// leavable is this machine, if there is a cloud that it can leave.
func leavable(l node.Layout) (node.Node, error) {
	n, err := node.Load(l)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return n, agent.Errorf(agent.CodeNotFound, "this machine is part of no cloud").WithHint("nothing is to be done")
	case err == nil && n.First:
		return n, agent.Errorf(agent.CodeConflict, "this is the machine that the cloud began with").
			WithHint("to delete its cloud with all apps and data: dcloud down --purge")
	}
	return n, err
}

func (e *env) leave(ctx context.Context, l node.Layout, n node.Node, abandon bool) error {
	peers, roster, err := localPeers(l)
	if err != nil {
		return err
	}
	p := e.newProgress()
	last := agent.Errorf(agent.CodeUnavailable, "no server of the cloud answers").
		WithHint("if the cloud is gone for good: dcloud down --purge; on the server, this machine is removed with: dcloud node remove %s", n.Name)
	for _, m := range roster.Members {
		if m.Role != pool.RoleServer || m.ID == n.ID {
			continue
		}
		err = peers.Leave(ctx, m.Address, abandon, func(ev agent.Event) {
			if e.json {
				e.printJSONLine(ev)
				return
			}
			p.event(ev)
		})
		p.end()
		if err == nil {
			return e.down(ctx, l, true)
		}
		told := agent.AsError(err)
		if told.Code != agent.CodeUnavailable && told.Code != agent.CodeInternal {
			return told
		}
		last = told.WithHint("%s", last.Hint)
	}
	return last
}

// peerCertificate reads this machine's certificate towards other members, anew each
// time: it is renewed while we run.
func peerCertificate(l node.Layout) func() (*tls.Certificate, error) {
	return func() (*tls.Certificate, error) {
		cert, err := node.PeerCertificate(l)
		return &cert, err
	}
}
