package api

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"github.com/dentropy/dcloud/agent"
	"golang.org/x/sys/unix"
)

// peer is who is at the other end of a Unix socket, as the kernel says it.
type peer struct {
	uid uint32
	err error
}

type peerKey struct{}

// withPeer is an http.Server's ConnContext: it notes who connects.
func withPeer(ctx context.Context, conn net.Conn) context.Context {
	u, ok := conn.(*net.UnixConn)
	if !ok {
		return ctx
	}
	uid, err := peerUID(u)
	return context.WithValue(ctx, peerKey{}, peer{uid: uid, err: err})
}

// peerUID asks the kernel for the user that connected: SO_PEERCRED, unix(7).
func peerUID(conn *net.UnixConn) (uint32, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, fmt.Errorf("peer of the socket: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return 0, fmt.Errorf("peer of the socket: %w", err)
	}
	if credErr != nil {
		return 0, fmt.Errorf("peer of the socket: %w", credErr)
	}
	return cred.Uid, nil
}

// actor returns who the peer is to us. Only root and the agent's own user may
// come in: whoever runs apps on this machine is as good as root.
func (p peer) actor() (string, error) {
	switch {
	case p.err != nil:
		return "", p.err
	case p.uid == 0:
		return "unix:root", nil
	case int(p.uid) == os.Getuid():
		return "unix:" + strconv.Itoa(int(p.uid)), nil
	}
	return "", agent.Errorf(agent.CodeUnauthorized, "user %d may not talk to the cloud on this machine", p.uid).
		WithHint("run it again with sudo")
}
