package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
)

// upOptions are what `dcloud up` was asked for; zero values keep what is.
type upOptions struct {
	domain    string
	httpPort  int
	httpsPort int
	noWelcome bool
	joining   bool // it is `node join` that asks
}

func newUpCommand(e *env) *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Set this machine up and start the cloud",
		Long: `Sets this machine up and starts the cloud: Docker, the engines, this machine's
keys and private network, the agent. What is there already is left as it is, so it
can be run again at any time: after an upgrade, with other options, to repair.`,
		Example: `  dcloud up
  dcloud up --domain ada.xyz
  dcloud up --http-port 8080 --https-port 8443`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return e.up(cmd.Context(), o) },
	}
	f := cmd.Flags()
	f.StringVar(&o.domain, "domain", "", "the name under which apps get theirs ("+node.DefaultDomain+")")
	f.IntVar(&o.httpPort, "http-port", 0, "port of the front door ("+strconv.Itoa(node.DefaultHTTPPort)+")")
	f.IntVar(&o.httpsPort, "https-port", 0, "port of the front door with TLS ("+strconv.Itoa(node.DefaultHTTPSPort)+")")
	f.BoolVar(&o.noWelcome, "no-welcome", false, "do not install the welcome app on a new cloud")
	return cmd
}

// up turns this machine into a running cloud of one.
func (e *env) up(ctx context.Context, o upOptions) error {
	began := time.Now()
	l, err := e.layout()
	if err != nil {
		return err
	}
	unlock, err := lockSetup(l)
	if err != nil {
		return err
	}
	defer unlock()
	changed, err := e.runActions(ctx, e.upActions(l, o))
	if err != nil {
		return err
	}
	c, err := e.connect()
	if err != nil {
		return err
	}
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	if e.json {
		return e.printJSONLine(status)
	}
	took := time.Since(began).Round(100 * time.Millisecond)
	if changed == 0 {
		e.note("Nothing was to be changed (%s).", took)
	} else {
		e.note("Done in %s.", took)
	}
	n, err := node.Load(l)
	if err != nil {
		return err
	}
	return e.printUp(ctx, c, status, n)
}

// upActions are the steps from a blank machine to a running cloud, in order.
func (e *env) upActions(l node.Layout, o upOptions) []provisioning.Action {
	actions := []provisioning.Action{e.preflight(l, o)}
	actions = append(actions, provisioning.DockerSettings(e.getenv("DOCKER_HOST")))
	actions = append(actions, provisioning.Packages()...)
	actions = append(actions, provisioning.Kernel()...)
	actions = append(actions, provisioning.Docker(e.getenv("DOCKER_HOST"), l.Logs()))
	actions = append(actions, engines.Actions(engines.Cache{Dir: l.Cache}, engines.All())...)
	actions = append(actions,
		e.identity(l, o),
		privateNetwork(l),
		ownBinary(l),
		e.ownImages(l),
		e.agentRuns(l),
	)
	if _, err := os.Stat(joinMark(l)); err == nil { // a join was killed before it had told the cloud
		actions = append(actions, (&joining{e: e, l: l}).confirming())
	}
	return append(actions, e.welcome(l, o))
}

// identity makes what this machine is: its name, keys, certificates and secrets.
func (e *env) identity(l node.Layout, o upOptions) provisioning.Action {
	pending := func() (string, error) {
		n, err := node.Load(l)
		switch {
		case errors.Is(err, os.ErrNotExist):
			return "a new node", nil
		case err != nil:
			return "", err
		case o.domain != "" && node.CleanDomain(o.domain) != n.Domain:
			return "the domain changes to " + node.CleanDomain(o.domain), nil
		case o.httpPort != 0 && o.httpPort != n.HTTPPort, o.httpsPort != 0 && o.httpsPort != n.HTTPSPort:
			return "the ports change", nil
		}
		if _, err := node.LoadSecrets(l); err != nil {
			return "some secrets are missing", nil
		}
		stale, err := node.StalePKI(l, n, time.Now())
		if err != nil {
			return "", err
		}
		if stale != "" {
			return stale, nil
		}
		return "", nil
	}
	return provisioning.Action{
		Name: "Identity",
		Check: func(context.Context) (bool, string, error) {
			why, err := pending()
			if err != nil || why != "" {
				return false, why, err
			}
			n, err := node.Load(l)
			return err == nil, fmt.Sprintf("%s, %s", n.Name, n.Domain), err
		},
		Apply: func(context.Context, func(provisioning.Progress)) error {
			if err := node.Prepare(l); err != nil {
				return err
			}
			host, err := os.Hostname()
			if err != nil {
				return fmt.Errorf("ask for the machine's name: %w", err)
			}
			taken, err := node.Routes(node.Interface)
			if err != nil {
				return err
			}
			n, _, err := node.Init(l, node.Options{
				Domain: o.domain, HTTPPort: o.httpPort, HTTPSPort: o.httpsPort, Timezone: systemTimezone(),
				Hostname: host, Taken: taken, Now: time.Now(), Rand: rand.Reader,
			})
			if err != nil {
				return err
			}
			if _, err := node.EnsureSecrets(l, rand.Reader); err != nil {
				return err
			}
			_, err = node.EnsurePKI(l, n, time.Now())
			return err
		},
	}
}

// systemTimezone is this machine's, as an IANA name; "" where it cannot be told.
func systemTimezone() string {
	if target, err := filepath.EvalSymlinks("/etc/localtime"); err == nil {
		if name, err := filepath.Rel("/usr/share/zoneinfo", target); err == nil && filepath.IsLocal(name) {
			if _, err := time.LoadLocation(name); err == nil {
				return name
			}
		}
	}
	return ""
}

// privateNetwork makes the interface with the address that this node has for life,
// and closes the engines' ports on it to everybody else.
func privateNetwork(l node.Layout) provisioning.Action {
	return provisioning.Action{
		Name: "Private network",
		Check: func(ctx context.Context) (bool, string, error) {
			n, err := node.Load(l)
			if err != nil {
				return false, "", err
			}
			if missing, err := networkReady(ctx, n); err != nil || missing != "" {
				return false, missing, err
			}
			return true, fmt.Sprintf("%s on %s", n.Address, node.Interface), nil
		},
		Apply: func(ctx context.Context, _ func(provisioning.Progress)) error {
			n, err := node.Load(l)
			if err != nil {
				return err
			}
			return makeNetworks(ctx, n)
		},
	}
}

// welcome installs the first app on a new cloud. Whoever removes it is not given
// it again.
func (e *env) welcome(l node.Layout, o upOptions) provisioning.Action {
	mark := welcomeMark(l)
	return provisioning.Action{
		Name: "Welcome app",
		Check: func(context.Context) (bool, string, error) {
			if o.noWelcome {
				return true, "not wanted", nil
			}
			if n, err := node.Load(l); err == nil && !n.First {
				return true, "not wanted on a machine that has joined", nil
			}
			if _, err := os.Stat(mark); err == nil {
				return true, "was installed", nil
			}
			return false, "installing", nil
		},
		Apply: func(ctx context.Context, progress func(provisioning.Progress)) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			op, err := c.Install(ctx, agent.InstallRequest{Entry: "welcome"})
			if err == nil {
				_, err = c.Wait(ctx, op, func(ev agent.Event) {
					progress(provisioning.Progress{Message: ev.Message, Percent: ev.Percent})
				})
			}
			var told *agent.Error
			if errors.As(err, &told) && told.Code == agent.CodeConflict {
				err = nil // a run that was broken off has installed it
			}
			if err != nil {
				return err
			}
			return os.WriteFile(mark, nil, 0o600)
		},
	}
}
