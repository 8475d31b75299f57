package peer

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strconv"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/agent/pool"
)

// nomadLabel is on each container that Nomad started (its Docker driver's only label
// unless extra_labels says more), and on none of the machine's owner.
const nomadLabel = "com.hashicorp.nomad.alloc_id"

const dockerTime = 10 * time.Second

// dockerDoor leads to the local Docker, for what is allowed, and to containers that
// Nomad started alone.
type dockerDoor struct {
	log   *slog.Logger
	http  *http.Client
	proxy *httputil.ReverseProxy
}

func newDocker(socket string, log *slog.Logger) http.Handler {
	if socket == "" {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			e := agent.Errorf(agent.CodeNotFound, "this machine's Docker is not open to others")
			dockerError(w, e.HTTPStatus(), e.Message)
		})
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			dialer := net.Dialer{Timeout: dockerTime}
			return dialer.DialContext(ctx, "unix", socket)
		},
		DisableCompression: true, MaxIdleConns: 8, IdleConnTimeout: time.Minute,
	}
	d := &dockerDoor{log: log, http: &http.Client{Transport: transport}}
	d.proxy = &httputil.ReverseProxy{
		Transport:     transport,
		FlushInterval: -1, // logs that are followed
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", "docker", "docker"
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() != nil {
				return // the caller is gone
			}
			var large *http.MaxBytesError
			if errors.As(err, &large) {
				dockerError(w, http.StatusRequestEntityTooLarge, "the request is too large")
				return
			}
			log.Error("ask Docker for another machine", "path", r.URL.Path, "error", err)
			dockerError(w, http.StatusServiceUnavailable, "Docker does not answer on this machine")
		},
	}
	return d
}

// dockerError answers as Docker does, so that its client tells the text.
func dockerError(w http.ResponseWriter, status int, text string) {
	write(w, status, map[string]string{"message": text})
}

func (s *Server) serveDocker(w http.ResponseWriter, r *http.Request, m pool.Member) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.o.Log.Info("docker for another machine", "from", m.Name, "method", r.Method, "path", r.URL.Path)
	}
	s.docker.ServeHTTP(w, r)
	return nil
}

func (d *dockerDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, ok := allow(r.Method, r.URL.EscapedPath())
	if !ok {
		dockerError(w, http.StatusForbidden, "this is not open to other machines")
		return
	}
	if !a.upgrade {
		r.Header.Del("Upgrade")
		r.Header.Del("Connection")
	}
	out := r.Clone(r.Context())
	out.URL.Path, out.URL.RawPath = a.path, ""
	if err := d.check(w, out, a); err != nil {
		var refused *dockerRefusal
		switch {
		case errors.As(err, &refused):
			dockerError(w, refused.status, refused.text)
		case r.Context().Err() != nil: // the caller is gone
		default:
			d.log.Error("ask Docker for another machine", "path", a.path, "error", err)
			dockerError(w, http.StatusServiceUnavailable, "Docker does not answer on this machine")
		}
		return
	}
	d.proxy.ServeHTTP(w, out)
}

type dockerRefusal struct {
	status int
	text   string
}

func (r *dockerRefusal) Error() string { return r.text }

// check makes sure that a request is about Nomad's containers alone, and makes it so
// where it can.
func (d *dockerDoor) check(w http.ResponseWriter, r *http.Request, a asks) error {
	switch a.subject {
	case subjectList:
		return onlyNomads(r)
	case subjectContainer:
		return d.ours(r.Context(), a.id)
	case subjectCreate:
		if err := plainExec(w, r); err != nil {
			return err
		}
		return d.ours(r.Context(), a.id)
	case subjectPull:
		return plainPull(r)
	case subjectExec:
		var e struct{ ContainerID string }
		if err := d.get(r.Context(), "/exec/"+a.id+"/json", &e); err != nil {
			return err
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody) // before the connection is handed over
		return d.ours(r.Context(), e.ContainerID)
	}
	return nil
}

// plainPull lets an image be fetched by its name, without anybody's password. Docker
// also makes images of what is sent, or found at a URL: that stays closed.
func plainPull(r *http.Request) error {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || query.Get("fromImage") == "" {
		return &dockerRefusal{http.StatusBadRequest, "only an image's name can be fetched"}
	}
	for name, values := range query {
		if (name != "fromImage" && name != "tag") || len(values) != 1 || len(values[0]) > 300 {
			return &dockerRefusal{http.StatusForbidden, "only an image's name can be fetched"}
		}
	}
	r.URL.RawQuery = query.Encode()
	r.Header.Del("X-Registry-Auth")
	r.Body, r.ContentLength = http.NoBody, 0
	return nil
}

// ours refuses a container that Nomad did not start.
func (d *dockerDoor) ours(ctx context.Context, id string) error {
	var c struct {
		Config struct{ Labels map[string]string }
	}
	if err := d.get(ctx, "/containers/"+url.PathEscape(id)+"/json", &c); err != nil {
		return err
	}
	if c.Config.Labels[nomadLabel] == "" {
		return &dockerRefusal{http.StatusForbidden, "that container is not one of the cloud's apps"}
	}
	return nil
}

func (d *dockerDoor) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, dockerTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://docker"+path, nil)
	if err != nil {
		return fmt.Errorf("ask Docker: %w", err)
	}
	answer, err := d.http.Do(r)
	if err != nil {
		return fmt.Errorf("ask Docker: %w", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		return fmt.Errorf("ask Docker: %w", err)
	}
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return &dockerRefusal{http.StatusNotFound, "no such container or command"}
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("ask Docker for %s: status %d", path, answer.StatusCode)
	}
	return json.Unmarshal(body, into)
}

// onlyNomads adds Nomad's label to the filters of a list.
func onlyNomads(r *http.Request) error {
	query := r.URL.Query()
	args, err := filters.FromJSON(query.Get("filters"))
	if err != nil {
		return &dockerRefusal{http.StatusBadRequest, "the filters cannot be read"}
	}
	args.Add("label", nomadLabel)
	text, err := filters.ToJSON(args)
	if err != nil {
		return fmt.Errorf("write Docker's filters: %w", err)
	}
	query["filters"] = []string{text}
	r.URL.RawQuery = query.Encode()
	return nil
}

// plainExec takes the request of an exec apart and puts it together again, so that
// what was looked at is what Docker gets.
func plainExec(w http.ResponseWriter, r *http.Request) error {
	var q container.ExecOptions
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return &dockerRefusal{http.StatusRequestEntityTooLarge, "the request is too large or broke off"}
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return &dockerRefusal{http.StatusBadRequest, "the request cannot be read"}
	}
	if q.Privileged {
		return &dockerRefusal{http.StatusForbidden, "a command with all rights over the machine is not run for others"}
	}
	if body, err = json.Marshal(q); err != nil {
		return fmt.Errorf("write Docker's request: %w", err)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.TransferEncoding = nil
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}
