package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning/node"
)

// printUp is the answer of `up`: where things are now, and, while nobody has an
// account, the link with which the owner makes one.
func (e *env) printUp(ctx context.Context, c *api.Client, s agent.Status, n node.Node) error {
	if n.Role != pool.RoleServer {
		_, err := fmt.Fprintf(e.stdout, "%s: %s of %s\n", n.Name, n.Role, s.Domain)
		return err
	}
	apps, err := c.Apps(ctx)
	if err != nil {
		return err
	}
	welcome := ""
	for _, a := range apps {
		if a.Entry == "welcome" && a.State == agent.StateRunning {
			welcome = a.URL + "/"
		}
	}
	if welcome != "" {
		fmt.Fprintln(e.stdout, welcome)
		e.note("Your cloud is running. Open the address above, or install an app: dcloud app install miniflux")
	} else {
		fmt.Fprintf(e.stdout, "%s: ready, %d apps\n", s.Domain, s.Apps)
		e.note("See what there is to install with: dcloud app search")
	}
	link, err := c.FirstLink(ctx)
	var refused *agent.Error
	if errors.As(err, &refused) && refused.Code == agent.CodeConflict {
		e.note("The panel is at %s", s.Panel)
		return nil
	}
	if err != nil {
		return err
	}
	return e.printInvitation(link)
}
