package web

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/assets"
)

// Kernel serves routes.
type Kernel struct {
	Options
	echo   *echo.Echo
	routes []Route
	beat   time.Duration
	// stopping ends streams when Run ends.
	stopping context.Context
	stop     context.CancelFunc
	trust    []echo.TrustOption
	opened   opened
}

// New returns a kernel that serves the routes, and those that the panel has as an app
// on a phone.
func New(o Options, routes []Route) *Kernel {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	routes = append(slices.Clone(routes), ownRoutes()...)
	k := &Kernel{Options: o, echo: echo.New(), routes: routes, beat: beat}
	k.stopping, k.stop = context.WithCancel(context.Background())
	k.trust = []echo.TrustOption{echo.TrustLoopback(true), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range o.Doors {
		k.trust = append(k.trust, echo.TrustIPRange(ipNet(p)))
	}
	e := k.echo
	e.HTTPErrorHandler = k.handleError
	e.IPExtractor = echo.ExtractIPFromXFFHeader(k.trust...)
	e.Use(k.prepared, k.secured, k.recovered, k.rightHost)
	load := echo.WrapHandler(assets.Handler())
	e.GET("/assets/*", load)
	e.HEAD("/assets/*", load)
	for _, r := range routes {
		h := k.handler(r)
		if !r.Stream {
			h = compressed(h)
		}
		e.Add(r.Method, r.Path, h)
		if r.Method == http.MethodGet && !r.Stream {
			e.HEAD(r.Path, h)
		}
	}
	return k
}

// Handler serves the panel.
func (k *Kernel) Handler() http.Handler { return k.echo }

// Routes is the table of all that is served, for the test that walks it.
func (k *Kernel) Routes() []Route { return slices.Clone(k.routes) }

// Run follows the control service until the context ends; then it ends the streams of
// the pages that are open.
func (k *Kernel) Run(ctx context.Context) error {
	defer k.stop()
	defer context.AfterFunc(ctx, k.stop)()
	return k.Live.Run(ctx)
}

// handler is a route behind the checks that its row asks for.
func (k *Kernel) handler(r Route) echo.HandlerFunc {
	return func(ec echo.Context) error {
		c := k.ctx(ec)
		defer c.bounded(r)()
		if err := checkAddress(ec.Request().URL); err != nil {
			return err
		}
		if err := c.whoAsks(); err != nil && r.Action != Open {
			return err
		}
		if c.Session.User != "" {
			ctx := agent.WithActor(c.Context(), c.Session.Actor())
			c.withContext(agent.WithRole(ctx, c.Session.Role))
		}
		if r.Action != Open && c.Session.User == "" {
			return c.signInFirst()
		}
		if r.Action != Open && !c.May(r.Action) {
			return errNotYours()
		}
		if r.Method != http.MethodGet {
			if err := c.readForm(r.Upload); err != nil {
				return err
			}
			if err := c.ours(); err != nil {
				return err
			}
		}
		if r.Sudo && !k.Now().Before(c.Session.Sudo) {
			return c.sudoFirst()
		}
		if r.Stream {
			return c.whileSignedIn(r.Handle)
		}
		return r.Handle(c)
	}
}

const ctxKey = "dcloud.ctx"

// prepared makes the Ctx of a request.
func (k *Kernel) prepared(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ec echo.Context) error {
		ec.Set(ctxKey, &Ctx{Echo: ec, Kernel: k, lang: k.languageOf(ec.Request())})
		return next(ec)
	}
}

// ctx of a request, also where it failed before its handler.
func (k *Kernel) ctx(ec echo.Context) *Ctx {
	if c, ok := ec.Get(ctxKey).(*Ctx); ok {
		return c
	}
	return &Ctx{Echo: ec, Kernel: k, lang: k.languageOf(ec.Request())}
}

func ipNet(p netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
}
