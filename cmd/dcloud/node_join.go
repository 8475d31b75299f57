package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/member"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/provisioning"
	"github.com/dentropy/dcloud/provisioning/engines"
	"github.com/dentropy/dcloud/provisioning/node"
)

func newNodeJoinCommand(e *env) *cobra.Command {
	var name string
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "join TOKEN",
		Short: "Make this machine a part of a cloud",
		Long: `Makes this machine a part of the cloud that the token is of: installs what is missing,
asks the cloud to let it in, and ends when it can run apps there.

"dcloud node token" on a server of the cloud makes the token. Run again it changes
nothing; broken off anywhere, it leaves nothing half joined.`,
		Args: exactly("TOKEN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			j := &joining{e: e, name: name, wait: wait, token: args[0]}
			return j.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what to call this machine (its host name unless said)")
	cmd.Flags().DurationVar(&wait, "wait", 10*time.Minute, "how long to try to reach the cloud")
	return cmd
}

// joining is one run of `node join`.
type joining struct {
	e     *env
	l     node.Layout
	name  string
	wait  time.Duration
	token string
	parse pool.Token // of token
	id    string     // of this machine, once it has asked
	asked string     // the name that it asked for, if it has
}

// joinMark is there while this machine has been let in and has not told that it
// works: what is broken off then is finished or taken back by the next run.
func joinMark(l node.Layout) string { return filepath.Join(l.Pool(), "unconfirmed") }

func (j *joining) run(ctx context.Context) (err error) {
	began := time.Now()
	if j.parse, err = pool.ParseToken(j.token); err != nil {
		return err
	}
	if os.Geteuid() != 0 {
		return notRoot("dcloud node join")
	}
	if j.l, err = j.e.layout(); err != nil {
		return err
	}
	unlock, err := lockSetup(j.l)
	if err != nil {
		return err
	}
	defer unlock()
	if err := j.checkOwnCloud(); err != nil {
		return err
	}
	changed, err := j.e.runActions(ctx, j.actions())
	if err != nil {
		return j.takeBack(ctx, err)
	}
	return j.told(ctx, changed, time.Since(began))
}

// checkOwnCloud refuses a machine that has a cloud of its own, or is in another.
func (j *joining) checkOwnCloud() error {
	n, err := node.Load(j.l)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if n.First {
		return agent.Errorf(agent.CodeConflict, "this machine has a cloud of its own, %s", n.Domain).
			WithHint("to give that up with all of its apps and data, and then join: dcloud down --purge")
	}
	_, _, fingerprint, err := node.Authority(j.l)
	if err != nil {
		return err
	}
	if fingerprint != j.parse.Fingerprint {
		return agent.Errorf(agent.CodeConflict, "this machine is part of another cloud, %s", n.Domain).
			WithHint("leave that first: dcloud node leave")
	}
	_, err = node.EnsureSecrets(j.l, rand.Reader) // those of this machine alone, should an earlier run have ended before them
	return err
}

// actions are the steps from a blank machine to a member that can run apps.
func (j *joining) actions() []provisioning.Action {
	e, l := j.e, j.l
	cache := engines.Cache{Dir: l.Cache}
	actions := []provisioning.Action{e.preflight(l, upOptions{joining: true})}
	actions = append(actions, provisioning.DockerSettings(e.getenv("DOCKER_HOST")))
	actions = append(actions, provisioning.Packages()...)
	actions = append(actions, provisioning.Kernel()...)
	actions = append(actions, provisioning.Docker(e.getenv("DOCKER_HOST"), l.Logs()))
	// Before the token is used: a slow line must not use up its time. Whether this
	// machine is a front door too, it knows only when it has been let in.
	actions = append(actions, engines.Actions(cache, []engines.Engine{engines.Consul, engines.Nomad})...)
	return append(actions,
		j.asking(),
		onlyDoors(l, engines.Actions(cache, []engines.Engine{engines.Traefik})),
		privateNetwork(l),
		ownBinary(l),
		e.ownImages(l),
		e.agentRuns(l),
		j.confirming(),
	)
}

// onlyDoors carries an engine's step out where the machine's role needs it.
func onlyDoors(l node.Layout, steps []provisioning.Action) provisioning.Action {
	step := steps[0]
	return provisioning.Action{
		Name: step.Name,
		Check: func(ctx context.Context) (bool, string, error) {
			n, err := node.Load(l)
			if err != nil {
				return false, "", err
			}
			if !pool.HasDoor(n.Role) {
				return true, "not needed by a " + n.Role, nil
			}
			return step.Check(ctx)
		},
		Apply: step.Apply,
	}
}

// told is the answer of a join that went well.
func (j *joining) told(ctx context.Context, changed int, took time.Duration) error {
	c, err := j.e.connect()
	if err != nil {
		return err
	}
	nodes, err := c.Nodes(ctx)
	if err != nil {
		return err
	}
	for _, n := range nodes {
		if !n.Self {
			continue
		}
		if j.e.json {
			return j.e.printJSONLine(n)
		}
		took = took.Round(100 * time.Millisecond)
		if changed == 0 {
			j.e.note("Nothing was to be changed (%s).", took)
		} else {
			j.e.note("Joined in %s.", took)
		}
		if why := j.otherName(n.Name, nodes); why != "" {
			j.e.note("%s", why)
		}
		fmt.Fprintf(j.e.stdout, "%s: %s, %s at %s\n", n.Name, n.State, n.Role, n.Address)
		return nil
	}
	return agent.Errorf(agent.CodeFailed, "the cloud does not list this machine").WithHint("see what it lists with: dcloud node list")
}

// otherName says why this machine is not called what was asked for, "" if it is.
func (j *joining) otherName(got string, nodes []agent.Node) string {
	want := j.asked
	if want == "" {
		want = j.name // it had joined before
	}
	if want == "" || want == got {
		return ""
	}
	if slices.ContainsFunc(nodes, func(n agent.Node) bool { return n.Name == want }) {
		return fmt.Sprintf("There is a machine called %s already, so this one is called %s.", clean(want), got)
	}
	return fmt.Sprintf("This machine is called %s since it joined. For another name let it leave and join again.", got)
}

// takeBack undoes a join that did not work, on both sides. A machine that is a member
// stays one, whatever has failed now: apps may have data here.
func (j *joining) takeBack(ctx context.Context, cause error) error {
	_, err := os.Stat(joinMark(j.l))
	if err != nil && j.id == "" { // nothing was asked for, or all had been joined before
		if _, err := node.Load(j.l); err == nil && agent.AsError(cause).Code == agent.CodeUnavailable {
			return withHints(agent.AsError(cause), wasRemoved)
		}
		return cause
	}
	told := agent.AsError(cause)
	if why := j.stays(nil); why != "" { // nothing is to be declined either
		return withHints(told, why)
	}
	ctx = context.WithoutCancel(ctx)
	var left []string
	declining, cancel := context.WithTimeout(ctx, time.Minute)
	err = j.decline(declining)
	cancel()
	if why := j.stays(err); why != "" {
		return withHints(told, why)
	}
	if err != nil {
		// It takes the machine back by itself in a while.
		left = append(left, "the cloud could not be told ("+agent.AsError(err).Message+")")
	}
	// Time of its own: a cloud that does not answer has used up the other.
	cleaning, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if err := j.e.forget(cleaning, j.l); err != nil {
		left = append(left, "this machine was not cleaned up ("+agent.AsError(err).Message+"): dcloud down --purge --yes")
	}
	if len(left) == 0 {
		j.e.note("The join was taken back; nothing is left of it.")
		return cause
	}
	return withHints(told, left...)
}

// wasRemoved is what to do about a cloud that does not answer its own machine any more.
// Nobody tells a machine that it was removed: its way to the others is gone with that.
const wasRemoved = "if this machine was removed from the cloud: dcloud down --purge, and then join again"

// withHints adds to what an error says is to be done next.
func withHints(e *agent.Error, more ...string) *agent.Error {
	if e.Hint != "" {
		more = append([]string{e.Hint}, more...)
	}
	return e.WithHint("%s", strings.Join(more, "; "))
}

// stays says why this machine must not be cleaned up, "" where it may be. declined is
// what the cloud said to its giving up. A run that was killed after the cloud had
// confirmed the machine left the mark behind, so the mark alone says nothing.
func (j *joining) stays(declined error) string {
	const member = "this machine is a member of the cloud all the same: see how it is with dcloud status"
	if declined != nil && agent.AsError(declined).Code == agent.CodeConflict {
		return member
	}
	n, err := node.Load(j.l)
	if err != nil {
		return ""
	}
	if _, roster, err := localPeers(j.l); err == nil {
		if m, in := roster.Member(n.ID); in && !m.Joining {
			return member
		}
	}
	if data, err := os.ReadDir(j.l.Volumes()); err == nil && len(data) > 0 {
		return "this machine was not cleaned up, since there is data of apps in " + j.l.Volumes() + "; to delete that too: dcloud down --purge"
	}
	return ""
}

// forget removes what a join has made on this machine.
func (e *env) forget(ctx context.Context, l node.Layout) error {
	if _, err := node.Load(l); !errors.Is(err, fs.ErrNotExist) {
		return e.downLocked(ctx, l, true)
	}
	if err := node.Abandon(l); err != nil {
		return err
	}
	for _, path := range []string{member.RosterFile(l), joinMark(l)} { // the mark last: it says that there is something to do
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
