package main

import (
	"context"
	"fmt"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/node"
	"github.com/dentropy/dcloud/provisioning/selfimage"
)

// ownImages builds the images that the cloud itself needs from the installed
// program: nothing is pulled for them.
func (e *env) ownImages(l node.Layout) provisioning.Action {
	return provisioning.Action{
		Name: "Own images",
		Check: func(ctx context.Context) (bool, string, error) {
			docker, err := selfimage.Dial(e.getenv("DOCKER_HOST"))
			if err != nil {
				return false, "", err
			}
			defer docker.Close()
			current, err := selfimage.Current(ctx, docker, agentBinary(l))
			if err != nil || !current {
				return false, "to be built", err
			}
			return true, "built", nil
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			docker, err := selfimage.Dial(e.getenv("DOCKER_HOST"))
			if err != nil {
				return err
			}
			defer docker.Close()
			_, err = selfimage.Ensure(ctx, docker, agentBinary(l), func(line string) {
				progress(provisioning.Progress{Message: line, Percent: -1})
			})
			return err
		},
	}
}

// note tells something beside the answer.
func (e *env) note(format string, args ...any) {
	if !e.json {
		fmt.Fprintf(e.stderr, format+"\n", args...)
	}
}

// printUp is the answer of `up`: where things are now.
func (e *env) printUp(ctx context.Context, c *api.Client, s agent.Status, n node.Node) error {
	if n.Role != pool.RoleServer {
		_, err := fmt.Fprintf(e.stdout, "%s: %s of %s\n", n.Name, n.Role, s.Domain)
		return err
	}
	apps, err := c.Apps(ctx)
	if err != nil {
		return err
	}
	for _, a := range apps {
		if a.Entry == "welcome" && a.State == agent.StateRunning {
			fmt.Fprintln(e.stdout, a.URL+"/")
			e.note("Your cloud is running. Open the address above, or install an app: dcloud app install miniflux")
			return nil
		}
	}
	fmt.Fprintf(e.stdout, "%s: ready, %d apps\n", s.Domain, s.Apps)
	e.note("See what there is to install with: dcloud app search")
	return nil
}
