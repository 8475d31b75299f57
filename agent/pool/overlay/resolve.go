package overlay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// resolveTimeout bounds how long a name server that does not answer holds up the
// peers that need none.
const resolveTimeout = 3 * time.Second

// lookup finds the addresses of a host, as net.Resolver.LookupNetIP does.
type lookup func(ctx context.Context, network, host string) ([]netip.Addr, error)

// resolve fills in the endpoints of what is wanted, from the peers that asked for
// it. A name that the peer's present endpoint is one of the addresses of leaves it
// alone, lest a name with several addresses throw the peer from one to the other.
func resolve(ctx context.Context, find lookup, peers []Peer, list []want, have []PeerStatus) error {
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	texts := make(map[[keySize]byte]string, len(peers))
	for _, p := range peers {
		if key, err := parseKey(p.Key); err == nil {
			if _, twice := texts[key]; !twice {
				texts[key] = p.Endpoint
			}
		}
	}
	now := make(map[string]netip.AddrPort, len(have))
	for _, p := range have {
		now[p.Key] = p.Endpoint
	}
	failed := make([]error, len(list))
	slots := make(chan struct{}, 16) // names asked for at once
	var wg sync.WaitGroup
	for i := range list {
		text := texts[list[i].key]
		if text == "" {
			continue
		}
		if literal, err := netip.ParseAddrPort(text); err == nil {
			list[i].endpoint, failed[i] = usable(literal)
		} else {
			wg.Go(func() {
				slots <- struct{}{}
				defer func() { <-slots }()
				list[i].endpoint, failed[i] = resolveName(ctx, find, text, now[formatKey(list[i].key)])
			})
		}
	}
	wg.Wait()
	for i, err := range failed {
		if err != nil {
			failed[i] = fmt.Errorf("peer %s: %w", formatKey(list[i].key), err)
		}
	}
	return errors.Join(failed...)
}

func resolveName(ctx context.Context, find lookup, text string, now netip.AddrPort) (netip.AddrPort, error) {
	host, portText, err := net.SplitHostPort(text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("the endpoint %.100q is not host:port", text)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || host == "" {
		return netip.AddrPort{}, fmt.Errorf("the endpoint %.100q is not host:port", text)
	}
	addrs, err := find(ctx, "ip", host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("resolve its endpoint: %w", err)
	}
	var list []netip.AddrPort
	for _, a := range addrs {
		if e, err := usable(netip.AddrPortFrom(a, uint16(port))); err == nil {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return netip.AddrPort{}, fmt.Errorf("%s has no address that can be an endpoint", host)
	}
	if slices.Contains(list, now) {
		return now, nil
	}
	return list[0], nil
}

// usable gives the endpoint in the form in which a device shows it, if it can be
// one.
func usable(e netip.AddrPort) (netip.AddrPort, error) {
	e = netip.AddrPortFrom(e.Addr().Unmap(), e.Port())
	if a := e.Addr(); e.Port() == 0 || a.IsUnspecified() || a.IsMulticast() || a.Zone() != "" && !a.IsLinkLocalUnicast() {
		return netip.AddrPort{}, fmt.Errorf("%s cannot be an endpoint", e)
	}
	return e, nil
}
