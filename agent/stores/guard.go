package stores

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// never are addresses that nothing is fetched from, whoever asks for it: what answers
// there is this machine, its neighbours' boot services, or many at once. A machine of
// the LAN may have somebody's Gitea, and is not among them.
// Sources: RFC 6890, RFC 4291, RFC 6052 and 8215 (64:ff9b::, which holds an IPv4 address).
var never = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/128"), netip.MustParsePrefix("::1/128"), netip.MustParsePrefix("fe80::/10"), netip.MustParsePrefix("ff00::/8"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

// Guard says which addresses may be fetched from: all but this machine's own, those
// that only the neighbours on a link have, and the given ones, such as the pool's
// network.
func Guard(closed ...netip.Prefix) func(netip.Addr) error {
	return func(a netip.Addr) error {
		a = a.Unmap().WithZone("")
		for _, list := range [][]netip.Prefix{never, closed} {
			for _, p := range list {
				if p.Contains(a) {
					return errClosed(a)
				}
			}
		}
		return nil
	}
}

func errClosed(a netip.Addr) error {
	return agent.Errorf(agent.CodeInvalid, "nothing is fetched from %s: it is this machine, or the cloud's own network", a).
		WithHint("send the files instead: dcloud catalog store add PATH")
}

// maxRedirects is how often a server may send us elsewhere.
const maxRedirects = 5

// browser makes the client that fetches. Each address is checked when it is dialled,
// after its name was resolved, so that a name which leads elsewhere the second time
// (DNS rebinding) leads nowhere. There is no proxy, which would dial for us.
func browser(allow func(netip.Addr) error) *http.Client {
	dialer := &net.Dialer{Timeout: 15 * time.Second, KeepAlive: 15 * time.Second, ControlContext: func(_ context.Context, network, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%s is no address: %w", address, err)
		}
		return allow(at.Addr())
	}}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    15 * time.Second,
			ResponseHeaderTimeout:  time.Minute, // a forge packs an archive first
			MaxResponseHeaderBytes: 64 << 10,
			DisableCompression:     true, // what comes is counted as it comes
			ForceAttemptHTTP2:      true,
			IdleConnTimeout:        10 * time.Second,
			MaxIdleConns:           2,
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > maxRedirects {
				return agent.Errorf(agent.CodeFailed, "%s sends us from one address to the next", before[0].URL.Host)
			}
			if before[len(before)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
				return agent.Errorf(agent.CodeFailed, "%s sends us to an address without TLS", before[0].URL.Host)
			}
			return checkURL(next.URL)
		},
	}
}

// checkURL refuses what is not fetched from.
func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return agent.Errorf(agent.CodeInvalid, "a store is fetched over https:// or http://, not %s", shown(u.Scheme+"://")).
			WithHint("give its address as a browser has it, or a folder of this machine")
	case u.User != nil:
		return agent.Errorf(agent.CodeInvalid, "the address holds a name or a password, which would be kept where others can read it").
			WithHint("fetch the store yourself and give its folder: dcloud catalog store add PATH")
	case u.Hostname() == "":
		return agent.Errorf(agent.CodeInvalid, "the address names no machine").WithHint("for example https://git.example.org/me/apps.git")
	case u.Opaque != "":
		return agent.Errorf(agent.CodeInvalid, "that is no address of a web server").WithHint("for example https://git.example.org/me/apps.git")
	}
	return nil
}
