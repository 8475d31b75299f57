package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// callTimeout bounds a call that is not a stream. A plan asks Nomad and may be
// slow on a Pi; a change returns at once with its operation.
const callTimeout = 30 * time.Second

// maxAnswer bounds what is read of an answer that is not a stream.
const maxAnswer = 64 << 20

// Client is the Service of a cloud that runs elsewhere: behind the agent's Unix
// socket or an HTTP address. It is safe for concurrent use.
type Client struct {
	addr  string // as given, for messages
	base  string // scheme and host of requests
	unix  bool
	token string
	http  *http.Client
	retry backoff
}

var _ Service = (*Client)(nil)

// Dial returns a client of the cloud at addr: "unix:///run/dcloud/agent.sock",
// "http://HOST:PORT" or "https://HOST:PORT". The token goes with each request
// over HTTP; the socket needs none.
//
// Dial reads addr but does not connect yet: the first call does, and its error is
// an *agent.Error of code unavailable where nobody answers.
func Dial(addr, token string) (*Client, error) {
	c := &Client{addr: addr, token: token, retry: defaultBackoff}
	u, err := url.Parse(addr)
	if err != nil {
		return nil, badAddress(addr)
	}
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     false, // an upgrade to WebSocket needs HTTP/1.1
		MaxIdleConns:          4,
		IdleConnTimeout:       time.Minute,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		DisableCompression:    true,
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	transport.DialContext = dialer.DialContext
	switch u.Scheme {
	case "unix":
		if u.Host != "" || u.Path == "" {
			return nil, badAddress(addr)
		}
		path := u.Path
		c.unix, c.base = true, "http://dcloud"
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", path)
		}
	case "http", "https":
		if u.Host == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, badAddress(addr)
		}
		c.base = u.Scheme + "://" + u.Host
		// Names below localhost are this machine's (RFC 6761), which curl and browsers
		// know and many resolvers do not.
		if strings.HasSuffix(u.Hostname(), ".localhost") {
			transport.Proxy = nil
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				_, port, err := net.SplitHostPort(address)
				if err != nil {
					return nil, err
				}
				return dialer.DialContext(ctx, network, net.JoinHostPort("localhost", port))
			}
		}
	default:
		return nil, badAddress(addr)
	}
	if strings.ContainsAny(token, "\r\n\x00") {
		return nil, agent.Errorf(agent.CodeInvalid, "the token contains a line break").
			WithHint("copy it again, without what surrounds it, into DCLOUD_TOKEN")
	}
	c.http = &http.Client{
		Transport: transport,
		// A redirect would take the token to an address nobody named.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func badAddress(addr string) error {
	if u, err := url.Parse(addr); err != nil || u.User != nil {
		addr = "it" // it may hold a password, or be anything
	}
	return agent.Errorf(agent.CodeInvalid, "the address of the cloud is wrong: %s is not unix:///PATH, http://HOST:PORT or https://HOST:PORT", addr).
		WithHint("set DCLOUD_ADDR, for example to unix:///run/dcloud/agent.sock")
}

// Close drops idle connections. Running calls go on.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// request makes a request with what each one carries.
func (c *Client) request(ctx context.Context, method, path string, query url.Values, body io.Reader) (*http.Request, error) {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, agent.Errorf(agent.CodeInvalid, "ask the cloud: %w", err)
	}
	c.authorize(ctx, req.Header)
	return req, nil
}

// authorize says who asks: by the token and, where the context knows of somebody, in
// whose name.
func (c *Client) authorize(ctx context.Context, h http.Header) {
	if actor := agent.Actor(ctx); actor != "system" && actorPattern.MatchString(actor) {
		h.Set(headerActor, actor)
		if role := agent.Role(ctx); role != "" {
			h.Set(headerRole, role)
		}
	}
	if c.token != "" && !c.unix {
		h.Set("Authorization", "Bearer "+c.token)
	}
}

// call makes one short request. in is sent as JSON if not nil, the answer is
// decoded into out if not nil.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	return c.callWithin(ctx, callTimeout, method, path, query, in, out)
}

// callWithin is call with a limit of its own on how long it takes.
func (c *Client) callWithin(ctx context.Context, most time.Duration, method, path string, query url.Values, in, out any) error {
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return agent.Errorf(agent.CodeInvalid, "encode the request: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := c.request(bounded, method, path, query, body)
	if err != nil {
		return err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return c.failure(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		return c.refusal(resp)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)).Decode(out); err != nil {
		if isJSONError(err) {
			return c.notOurs(resp.StatusCode)
		}
		return c.failure(ctx, err)
	}
	return nil
}

// appPath is the path of an app's resource: appPath("miniflux", "logs").
func appPath(name string, more ...string) string {
	return "/v1/apps/" + url.PathEscape(name) + strings.Join(append([]string{""}, more...), "/")
}

func nodePath(name string, more ...string) string {
	return "/v1/nodes/" + url.PathEscape(name) + strings.Join(append([]string{""}, more...), "/")
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	var out T
	err := c.call(ctx, http.MethodGet, path, query, nil, &out)
	return out, err
}

func (c *Client) change(ctx context.Context, method, path string, query url.Values, in any) (agent.Operation, error) {
	var op agent.Operation
	err := c.call(ctx, method, path, query, in, &op)
	return op, err
}

// Ping asks whether an agent answers at all. It needs no token.
func (c *Client) Ping(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/v1/ping", nil, nil, &pong{})
}

func (c *Client) Status(ctx context.Context) (agent.Status, error) {
	return get[agent.Status](ctx, c, "/v1/status", nil)
}

func (c *Client) Nodes(ctx context.Context) ([]agent.Node, error) {
	return get[[]agent.Node](ctx, c, "/v1/nodes", nil)
}

func (c *Client) NodeToken(ctx context.Context, req agent.TokenRequest) (agent.Token, error) {
	var token agent.Token
	err := c.call(ctx, http.MethodPost, "/v1/nodes/tokens", nil, req, &token)
	return token, err
}

func (c *Client) NodePlan(ctx context.Context, name string) (agent.NodePlan, error) {
	return get[agent.NodePlan](ctx, c, nodePath(name, "plan"), nil)
}

func (c *Client) Drain(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, http.MethodPost, nodePath(name, "drain"), nil, nil)
}

func (c *Client) Undrain(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, http.MethodPost, nodePath(name, "undrain"), nil, nil)
}

func (c *Client) RemoveNode(ctx context.Context, name string, how agent.NodeRemove) (agent.Operation, error) {
	query := url.Values{}
	if how.Abandon {
		query.Set("abandon", "true")
	}
	return c.change(ctx, http.MethodDelete, nodePath(name), query, nil)
}

func (c *Client) Apps(ctx context.Context) ([]agent.App, error) {
	return get[[]agent.App](ctx, c, "/v1/apps", nil)
}

func (c *Client) App(ctx context.Context, name string) (agent.AppDetail, error) {
	return get[agent.AppDetail](ctx, c, appPath(name), nil)
}

func (c *Client) Plan(ctx context.Context, req agent.InstallRequest) (agent.Plan, error) {
	var plan agent.Plan
	err := c.call(ctx, http.MethodPost, "/v1/plan", nil, req, &plan)
	return plan, err
}

func (c *Client) Install(ctx context.Context, req agent.InstallRequest) (agent.Operation, error) {
	return c.change(ctx, http.MethodPost, "/v1/apps", nil, req)
}

func (c *Client) Start(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, http.MethodPost, appPath(name, "start"), nil, nil)
}

func (c *Client) Stop(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, http.MethodPost, appPath(name, "stop"), nil, nil)
}

func (c *Client) Restart(ctx context.Context, name string) (agent.Operation, error) {
	return c.change(ctx, http.MethodPost, appPath(name, "restart"), nil, nil)
}

func (c *Client) Remove(ctx context.Context, name string, purgeData bool) (agent.Operation, error) {
	query := url.Values{}
	if purgeData {
		query.Set("purge_data", "true")
	}
	return c.change(ctx, http.MethodDelete, appPath(name), query, nil)
}

func (c *Client) Config(ctx context.Context, name string) (agent.Config, error) {
	return get[agent.Config](ctx, c, appPath(name, "config"), nil)
}

func (c *Client) Configure(ctx context.Context, name string, set map[string]string) (agent.Operation, error) {
	return c.change(ctx, http.MethodPatch, appPath(name, "config"), nil, configChange{Settings: set})
}

func (c *Client) Secrets(ctx context.Context, name string) (map[string]string, error) {
	return get[map[string]string](ctx, c, appPath(name, "secrets"), nil)
}

func (c *Client) Catalog(ctx context.Context, words string) ([]agent.Entry, error) {
	query := url.Values{}
	if words != "" {
		query.Set("q", words)
	}
	return get[[]agent.Entry](ctx, c, "/v1/catalog", query)
}

func (c *Client) Entry(ctx context.Context, name string) (agent.Entry, error) {
	store, entry, isIn := strings.Cut(name, "/")
	if isIn {
		return get[agent.Entry](ctx, c, "/v1/catalog/"+url.PathEscape(store)+"/"+url.PathEscape(entry), nil)
	}
	return get[agent.Entry](ctx, c, "/v1/catalog/"+url.PathEscape(name), nil)
}

// logQuery is the query of a log request.
func logQuery(opts agent.LogOptions) url.Values {
	query := url.Values{}
	if opts.Service != "" {
		query.Set("service", opts.Service)
	}
	if opts.Tail > 0 {
		query.Set("tail", strconv.Itoa(opts.Tail))
	}
	if opts.Follow {
		query.Set("follow", "true")
	}
	return query
}
