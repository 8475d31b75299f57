package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/mdp/qrterminal/v3"
	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
)

func newNodeTokenCommand(e *env) *cobra.Command {
	var req agent.TokenRequest
	var ttl time.Duration
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Make a token with which a machine can join, and show the line to paste there",
		Long: `Makes a token with which another machine can join this cloud, and shows the line to
paste there. It is good for one machine and one hour unless said otherwise.

A machine that cannot reach this cloud, because this one stands behind a home
router and the other does not, is called from here with --call.

With --ask nobody gets in by the token alone: each machine that comes with it waits
until somebody accepts it. One who got hold of the line can then do nothing with it.`,
		Example: `  dcloud node token
  dcloud node token --role ingress --call vps.example.org
  dcloud node token --address home.example.org:51820 --ttl 24h --uses 3`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			req.TTL = ttl
			if ttl <= 0 || req.Uses <= 0 { // to the cloud nothing means: as usual
				return agent.Errorf(agent.CodeInvalid, "a token is good for some time and for at least one machine").
					WithHint("leave out --ttl and --uses for one hour and one machine")
			}
			c, err := e.connect()
			if err != nil {
				return err
			}
			token, err := c.NodeToken(cmd.Context(), req)
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(token)
			}
			return e.printToken(token, req)
		},
	}
	f := cmd.Flags()
	f.DurationVar(&ttl, "ttl", time.Hour, "how long it can be used, such as 30m or 24h")
	f.IntVar(&req.Uses, "uses", 1, "how many machines can join with it")
	f.StringVar(&req.Role, "role", "worker", "what the machine will be: worker, ingress, server")
	f.StringArrayVar(&req.Addresses, "address", nil, "where this cloud can be met from there, HOST or HOST:PORT; may be repeated")
	f.StringVar(&req.Call, "call", "", "HOST or HOST:PORT of a machine that cannot reach this cloud: it is called from here")
	f.BoolVar(&req.Ask, "ask", false, "let each machine wait until somebody accepts it, in the panel or with: dcloud node accept NAME")
	cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions([]string{"worker", "ingress", "server"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// printToken shows the line to paste: it alone on stdout, all else beside it.
func (e *env) printToken(t agent.Token, req agent.TokenRequest) error {
	e.note("On the new machine, paste this line (good for %s, until %s):", machines(t.Uses), t.Expires.Local().Format("2006-01-02 15:04"))
	if _, err := fmt.Fprintln(e.stdout, t.Command); err != nil {
		return err
	}
	if req.Call != "" {
		e.note("It is called from here at %s: run the line there while this machine is on.", clean(req.Call))
	} else {
		e.note("It will look for this cloud at %s.", clean(strings.Join(t.Addresses, ", ")))
	}
	if req.Ask {
		e.note("It then waits until somebody accepts it: in the panel, or with dcloud node accept NAME.")
	}
	if isTerminal(e.stdout) {
		// For a machine with a camera, or a phone that types for one without.
		qrterminal.GenerateHalfBlock(t.Command, qrterminal.L, e.stdout)
	}
	return nil
}

func machines(n int) string {
	if n == 1 {
		return "one machine"
	}
	return fmt.Sprintf("%d machines", n)
}
