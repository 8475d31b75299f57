package member

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
	"github.com/dentropy/dcloud/agent/pool/join"
	"github.com/dentropy/dcloud/provisioning/node"
)

// Identity is a member as its certificates name it.
func Identity(of pool.Member) node.Identity {
	return node.Identity{ID: of.ID, Name: of.Name, Role: of.Role, Address: of.Address}
}

// watchTokens keeps the join port open exactly while a token can be used.
func (m *Member) watchTokens(ctx context.Context, c Control) error {
	var once sync.Mutex
	var stop context.CancelFunc
	var ended chan struct{}
	shut := func() {
		if stop != nil {
			stop()
			<-ended
			stop = nil
		}
	}
	defer func() {
		once.Lock()
		defer once.Unlock()
		shut()
	}()
	// One for all tokens: it counts who guesses, and knows by which token a machine came.
	server := join.NewServer(join.Options{Log: m.Log, Admitter: c, Now: m.Now, Certificates: func() (*tls.Certificate, error) {
		cert, err := node.JoinCertificate(m.Layout)
		return &cert, err
	}})
	return c.WatchTokens(ctx, func(open bool, call []string) {
		once.Lock()
		defer once.Unlock()
		shut()
		if !open {
			return
		}
		m.Open(ctx)
		var running context.Context
		running, stop = context.WithCancel(ctx)
		ended = make(chan struct{})
		go func() {
			defer close(ended)
			m.serveJoins(running, server, call)
		}()
	})
}

// reopen is how long the join port waits after it could not be opened.
const reopen = 5 * time.Second

// serveJoins serves the join port, and calls those that cannot call us.
func (m *Member) serveJoins(ctx context.Context, server *join.Server, call []string) {
	var wg sync.WaitGroup
	if len(call) > 0 {
		wg.Go(func() { server.Keep(ctx, call) })
	}
	for ctx.Err() == nil {
		l, err := net.Listen("tcp", ":"+strconv.Itoa(pool.Port))
		if err == nil {
			m.Log.Info("machines can join", "port", pool.Port)
			m.setJoinable(true)
			err = server.Serve(ctx, l)
			m.setJoinable(false)
		}
		if ctx.Err() != nil {
			break
		}
		m.Log.Error("no machine can join", "err", err)
		select {
		case <-time.After(reopen):
		case <-ctx.Done():
		}
	}
	wg.Wait()
}

// setJoinable has the others told whether machines can join here.
func (m *Member) setJoinable(can bool) {
	m.joinable.Store(can)
	select {
	case m.told <- struct{}{}:
	default:
	}
}

// letGo lets a member leave that asks to: its apps move first, and then it is told to
// go. What remains to be done needs it no more.
func (m *Member) letGo(ctx context.Context, c Control, id string, abandon bool, each func(event)) error {
	who, ok := m.Roster().Member(id)
	if !ok {
		return agent.Errorf(agent.CodeNotFound, "this machine is no member of the cloud any more")
	}
	ctx = agent.WithActor(ctx, "node:"+who.Name)
	plan, err := c.NodePlan(ctx, who.Name)
	if err != nil {
		return err
	}
	for _, s := range plan.Stays {
		if s.Data && !abandon {
			return agent.Errorf(agent.CodeConflict, "%s holds data: %s", who.Name, s.App+": "+s.Reason).
				WithHint("remove the app with its data, or give the data up with --abandon")
		}
	}
	if err := drained(ctx, c, who.Name, each); err != nil {
		return err
	}
	// It ends its engines as soon as it has the answer.
	if err := c.DismissServer(ctx, who); err != nil {
		return err
	}
	// The answer still has to reach the member, over the network that it is leaving.
	m.leaving.Go(func() {
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
		defer cancel()
		if _, err := c.RemoveNode(ctx, who.Name, agent.NodeRemove{Abandon: abandon}); err != nil {
			m.Log.Error("a machine that has left cannot be removed", "node", who.Name, "err", err)
		}
	})
	return nil
}

// drained drains a machine and follows that to its end.
func drained(ctx context.Context, c Control, name string, each func(event)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	events, err := c.Events(ctx, "", 0)
	if err != nil {
		return err
	}
	op, err := c.Drain(ctx, name)
	if err != nil {
		return err
	}
	for ev := range events {
		if ev.Op != op.ID {
			continue
		}
		final := ev.Final
		ev.Final = false // for whoever leaves it is not the end
		each(ev)
		if final && ev.Error != nil {
			return ev.Error
		}
		if final {
			return nil
		}
	}
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("wait until the machine is drained: %w", err)
	}
	return agent.Errorf(agent.CodeUnavailable, "the server stopped while the machine was drained").WithHint("try again in a moment")
}
