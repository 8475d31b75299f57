package overlay

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// askTimeout bounds one exchange with the overlay's process, which answers within
// milliseconds.
const askTimeout = 5 * time.Second

// Dial is the device of the process that Run is in another process. Nothing is
// connected until it is asked, and then anew each time, so that it may end and
// start as it likes.
func Dial(socket string) Device {
	return &client{socket: socket, find: net.DefaultResolver.LookupNetIP}
}

type client struct {
	socket string
	find   lookup
	mu     sync.Mutex // two at once would each plan on what the other changes
}

func (c *client) Peers(ctx context.Context) ([]PeerStatus, error) {
	a, err := c.get(ctx)
	return a.peers, err
}

func (c *client) SetPeers(ctx context.Context, peers []Peer) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, err := c.get(ctx)
	if err != nil {
		return err
	}
	list, wrong := checkPeers(peers, a.self)
	unresolved := resolve(ctx, c.find, peers, list, a.peers)
	if changes := plan(a.peers, list); len(changes) > 0 {
		if err := c.ask(ctx, setText(changes), readResult); err != nil {
			return err
		}
	}
	return errors.Join(wrong, unresolved)
}

func (c *client) get(ctx context.Context) (a answer, err error) {
	err = c.ask(ctx, "get=1\n\n", func(r io.Reader) error {
		a, err = parseAnswer(r)
		return err
	})
	return a, err
}

// readResult reads the answer to a request that is answered with its result alone.
func readResult(r io.Reader) error {
	_, err := parseAnswer(r)
	return err
}

func (c *client) ask(ctx context.Context, request string, read func(io.Reader) error) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", c.socket)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return agent.Errorf(agent.CodeUnavailable, "the pool's network is not running: %w", err).
			WithHint("dcloud doctor says why")
	}
	if err != nil {
		return agent.Errorf(agent.CodeUnavailable, "reach the pool's network: %w", err).WithHint("dcloud doctor says why")
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	// The answer is read while the request is still written: a long one would else
	// wait for us as we for it.
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(conn, request)
		sent <- err
	}()
	err = read(conn)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		conn.Close() // so that the writer ends too
		<-sent
		return agent.Errorf(agent.CodeFailed, "ask the pool's network: %w", err).WithHint("dcloud doctor says how it is")
	}
	return <-sent
}
