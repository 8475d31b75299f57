package api

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// besides serves another handler on the API's listeners. When the server stops, what is
// open for as long as a page is (server-sent events, WebSockets) ends at once, the rest
// after the time that short requests have.
func (s *Server) besides(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		if s.stopping.Err() != nil {
			s.mu.Unlock()
			w.Header().Set("Retry-After", "5")
			http.Error(w, errStopping().Message, http.StatusServiceUnavailable)
			return
		}
		// Shutdown does not wait for WebSockets, but for these.
		s.streams.Add(1)
		s.mu.Unlock()
		defer s.streams.Done()
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.killed, cancel)()
		if staysOpen(r) {
			defer context.AfterFunc(s.stopping, cancel)()
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// staysOpen tells whether a request asks for something without an end. A browser says
// so (EventSource and WebSocket, each in its specification).
func staysOpen(r *http.Request) bool {
	return strings.EqualFold(r.Header.Get("Upgrade"), "websocket") ||
		strings.Contains(r.Header.Get("Accept"), "text/event-stream")
}

// addressOf finds where a request comes from: loopback and the doors say for whom they
// speak, nobody else is believed.
func addressOf(doors []netip.Prefix) echo.IPExtractor {
	trust := []echo.TrustOption{echo.TrustLoopback(true), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range doors {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}
