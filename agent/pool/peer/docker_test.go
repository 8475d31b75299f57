package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/image"
	"github.com/docker/docker/client"

	"github.com/dentropy/dcloud/agent/pool"
)

// fakeDocker speaks Docker's API on a Unix socket: a container "app" of Nomad's with
// the exec "execapp", and one "private" of the machine's owner with "execprivate".
type fakeDocker struct {
	socket string
	ended  chan struct{} // an exec's connection has ended

	mu    sync.Mutex
	calls []string
}

func newFakeDocker(t *testing.T) *fakeDocker {
	t.Helper()
	d := &fakeDocker{socket: filepath.Join(t.TempDir(), "docker.sock"), ended: make(chan struct{}, 8)}
	listener, err := net.Listen("unix", d.socket)
	check(t, err)
	mux := http.NewServeMux()
	mux.HandleFunc("/_ping", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.47") })
	labels := map[string]map[string]string{"app": {nomadLabel: "1234"}, "private": {"own": "yes"}}
	versioned := func(w http.ResponseWriter, r *http.Request) {
		rest := r.URL.Path[strings.Index(r.URL.Path[1:], "/")+1:]
		if !strings.HasPrefix(r.URL.Path, "/v1.") {
			rest = r.URL.Path
		}
		parts := strings.Split(rest, "/")
		switch {
		case rest == "/containers/json":
			fmt.Fprintf(w, `[{"Id":"app","Labels":{"filters":%q}}]`, r.URL.Query().Get("filters"))
		case rest == "/images/create":
			fmt.Fprintf(w, `{"status":%q}`, r.URL.RawQuery+" "+r.Header.Get("X-Registry-Auth"))
		case rest == "/version":
			fmt.Fprint(w, `{"Version":"28"}`)
		case len(parts) == 4 && parts[1] == "containers" && labels[parts[2]] != nil && parts[3] == "json":
			_ = json.NewEncoder(w).Encode(map[string]any{"Id": parts[2], "Config": map[string]any{"Labels": labels[parts[2]]}})
		case len(parts) == 4 && parts[1] == "containers" && parts[3] == "logs":
			fmt.Fprint(w, "first\n")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done() // followed
			d.ended <- struct{}{}
		case len(parts) == 4 && parts[1] == "containers" && parts[3] == "exec":
			fmt.Fprintf(w, `{"Id":"exec%s"}`, parts[2])
		case len(parts) == 4 && parts[1] == "exec" && parts[3] == "json" && labels[strings.TrimPrefix(parts[2], "exec")] != nil:
			fmt.Fprintf(w, `{"ID":%q,"ContainerID":%q,"ExitCode":7}`, parts[2], parts[2][4:])
		case len(parts) == 4 && parts[1] == "exec" && parts[3] == "resize":
		case len(parts) == 4 && parts[1] == "exec" && parts[3] == "start":
			d.start(w, r)
		default:
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"message":"no such thing"}`)
		}
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		d.calls = append(d.calls, r.Method+" "+r.URL.Path)
		d.mu.Unlock()
		if r.URL.Path == "/_ping" {
			mux.ServeHTTP(w, r)
			return
		}
		versioned(w, r)
	})}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return d
}

// start hands the connection over as Docker does, answers each line in capitals, and
// says goodbye when its input is closed.
func (d *fakeDocker) start(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if r.Header.Get("Upgrade") != "tcp" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { conn.Close(); d.ended <- struct{}{} }()
	fmt.Fprint(conn, "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello\n")
	lines := bufio.NewScanner(buffered)
	for lines.Scan() {
		fmt.Fprintln(conn, strings.ToUpper(lines.Text()))
	}
	fmt.Fprintln(conn, "goodbye")
}

func (d *fakeDocker) asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	calls := d.calls
	d.calls = nil
	return calls
}

func dockerOf(t *testing.T, l *lab, caller pool.Member) *client.Client {
	t.Helper()
	c, err := l.client(t, caller).Docker(l.server.Address)
	check(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

func TestAServerReachesAnotherMachinesAppsThroughItsDocker(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	c := dockerOf(t, l, l.second)
	list, err := c.ContainerList(t.Context(), container.ListOptions{All: true, Filters: filters.NewArgs(filters.Arg("label", "dcloud.app=photos"))})
	check(t, err)
	args, err := filters.FromJSON(list[0].Labels["filters"])
	check(t, err)
	if got := args.Get("label"); !slices.Contains(got, nomadLabel) || !slices.Contains(got, "dcloud.app=photos") {
		t.Errorf("Docker was asked for containers with %q", got)
	}
	got, err := c.ContainerInspect(t.Context(), "app")
	check(t, err)
	if got.Config.Labels[nomadLabel] != "1234" {
		t.Errorf("got %+v", got.Config)
	}
	created, err := c.ContainerExecCreate(t.Context(), "app", container.ExecOptions{Cmd: []string{"sh"}, AttachStdin: true})
	check(t, err)
	check(t, c.ContainerExecResize(t.Context(), created.ID, container.ResizeOptions{Width: 80, Height: 25}))
	done, err := c.ContainerExecInspect(t.Context(), created.ID)
	check(t, err)
	if done.ExitCode != 7 {
		t.Errorf("got %+v", done)
	}
}

func TestACommandsInputAndOutputFlowBothWaysAndEachEndsByItself(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	conn, err := dockerOf(t, l, l.second).ContainerExecAttach(t.Context(), "execapp", container.ExecAttachOptions{Tty: true})
	check(t, err)
	defer conn.Close()
	_ = conn.Conn.SetDeadline(time.Now().Add(3 * time.Minute))
	line := func(want string) {
		t.Helper()
		got, err := conn.Reader.ReadString('\n')
		if err != nil || got != want+"\n" {
			t.Fatalf("got %q, %v; want %q", got, err, want)
		}
	}
	line("hello")
	for _, s := range []string{"a", "b"} {
		_, err := fmt.Fprintln(conn.Conn, s)
		check(t, err)
		line(strings.ToUpper(s))
	}
	large := strings.Repeat("x", 60_000)
	_, err = fmt.Fprintln(conn.Conn, large)
	check(t, err)
	line(strings.ToUpper(large))
	check(t, conn.CloseWrite()) // the input ends, the output goes on
	line("goodbye")
	if _, err := conn.Reader.ReadByte(); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
}

func TestFollowedLogsEndWithTheCaller(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	ctx, cancel := context.WithCancel(t.Context())
	logs, err := dockerOf(t, l, l.second).ContainerLogs(ctx, "app", container.LogsOptions{ShowStdout: true, Follow: true})
	check(t, err)
	if got, err := bufio.NewReader(logs).ReadString('\n'); got != "first\n" {
		t.Fatalf("got %q, %v", got, err)
	}
	cancel()
	logs.Close()
	docker.hasEnded(t)
}

func (d *fakeDocker) hasEnded(t *testing.T) {
	t.Helper()
	select {
	case <-d.ended:
	case <-time.After(3 * time.Minute):
		t.Fatal("Docker still serves it")
	}
}

func TestACommandEndsWhenItsCallerIsRemovedFromThePool(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	conn, err := dockerOf(t, l, l.second).ContainerExecAttach(t.Context(), "execapp", container.ExecAttachOptions{})
	check(t, err)
	defer conn.Close()
	_, err = conn.Reader.ReadString('\n')
	check(t, err)
	l.remove(l.second)
	docker.hasEnded(t)
	_ = conn.Conn.SetDeadline(time.Now().Add(3 * time.Minute))
	if _, err := io.Copy(io.Discard, conn.Reader); timeout(err) {
		t.Error("the connection is still open")
	}
}

func timeout(err error) bool {
	n, ok := err.(net.Error)
	return ok && n.Timeout()
}

func TestWhatIsNotTheCloudsStaysTheOwners(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	c := dockerOf(t, l, l.second)
	c.NegotiateAPIVersion(t.Context()) // or the first request does
	docker.asked()
	ctx := t.Context()
	for name, try := range map[string]func() error{
		"inspect": func() error { _, err := c.ContainerInspect(ctx, "private"); return err },
		"logs":    func() error { _, err := c.ContainerLogs(ctx, "private", container.LogsOptions{}); return err },
		"exec":    func() error { _, err := c.ContainerExecCreate(ctx, "private", container.ExecOptions{}); return err },
		"attach": func() error {
			_, err := c.ContainerExecAttach(ctx, "execprivate", container.ExecAttachOptions{})
			return err
		},
		"resize": func() error { return c.ContainerExecResize(ctx, "execprivate", container.ResizeOptions{}) },
		"result": func() error { _, err := c.ContainerExecInspect(ctx, "execprivate"); return err },
		"privileged": func() error {
			_, err := c.ContainerExecCreate(ctx, "app", container.ExecOptions{Privileged: true})
			return err
		},
		"create": func() error {
			_, err := c.ContainerCreate(ctx, &container.Config{}, nil, nil, nil, "x")
			return err
		},
		"remove": func() error { return c.ContainerRemove(ctx, "app", container.RemoveOptions{}) },
		"stop":   func() error { return c.ContainerStop(ctx, "app", container.StopOptions{}) },
		"import": func() error {
			_, err := c.ImageImport(ctx, image.ImportSource{Source: strings.NewReader("x"), SourceName: "-"}, "x", image.ImportOptions{})
			return err
		},
		"import by URL": func() error {
			_, err := c.ImageCreate(ctx, "x?fromSrc=http", image.CreateOptions{})
			return err
		},
		"other platforms": func() error { _, err := c.ImagePull(ctx, "x", image.PullOptions{Platform: "linux/arm"}); return err },
		"delete image":    func() error { _, err := c.ImageRemove(ctx, "x", image.RemoveOptions{}); return err },
		"info":            func() error { _, err := c.Info(ctx); return err },
		"copy":            func() error { _, _, err := c.CopyFromContainer(ctx, "app", "/etc/shadow"); return err },
		"events":          func() error { _, err := c.DialHijack(ctx, "/session", "h2c", nil); return err },
		"stats":           func() error { _, err := c.ContainerStats(ctx, "app", false); return err },
		"unknown":         func() error { _, err := c.ContainerInspect(ctx, "none"); return err },
	} {
		if err := try(); err == nil {
			t.Errorf("%s is allowed", name)
		}
	}
	for _, call := range docker.asked() {
		if method, path, _ := strings.Cut(call, " "); method != "GET" || !strings.HasSuffix(path, "/json") || strings.HasPrefix(path, "/v1.") {
			t.Errorf("Docker was asked %s, which the door does not ask by itself", call)
		}
	}
}

func TestAnImageIsFetchedByItsNameWithNobodysPassword(t *testing.T) {
	docker := newFakeDocker(t)
	l := newLab(t, docker.socket)
	body, err := dockerOf(t, l, l.second).ImagePull(t.Context(), "docker.io/library/thing:1", image.PullOptions{RegistryAuth: "sesame"})
	check(t, err)
	defer body.Close()
	text, err := io.ReadAll(body)
	check(t, err)
	if want := `{"status":"fromImage=docker.io%2Flibrary%2Fthing&tag=1 "}`; string(text) != want {
		t.Errorf("Docker was asked %s, want %s", text, want)
	}
}

func TestADockerThatIsAwayIsTold(t *testing.T) {
	l := newLab(t, filepath.Join(t.TempDir(), "none.sock"))
	_, err := dockerOf(t, l, l.second).ContainerInspect(t.Context(), "app")
	if err == nil || !strings.Contains(err.Error(), "Docker does not answer") {
		t.Errorf("got %v", err)
	}
	l = newLab(t, "")
	_, err = dockerOf(t, l, l.second).ContainerInspect(t.Context(), "app")
	if err == nil || !strings.Contains(err.Error(), "not open to others") {
		t.Errorf("got %v", err)
	}
	_, err = dockerOf(t, l, l.worker).ContainerInspect(t.Context(), "app")
	if err == nil || !strings.Contains(err.Error(), "only a server may ask that") {
		t.Errorf("got %v", err)
	}
}

func FuzzAllow(f *testing.F) {
	f.Add("GET", "/docker/v1.47/containers/app/json")
	f.Add("POST", "/docker/exec/0123abcd/start")
	f.Add("POST", "/docker/v1.47/containers/create")
	f.Fuzz(func(t *testing.T, method, path string) {
		a, ok := allow(method, path)
		if !ok {
			return
		}
		if "/docker"+a.path != path || strings.ContainsAny(a.path, "%?#\\ ") || strings.Contains(a.path, "/.") || strings.Contains(a.path, "//") {
			t.Fatalf("%s %q is allowed as %+v", method, path, a)
		}
		if a.subject > subjectList && a.id == "" {
			t.Fatalf("%s %q is about nothing: %+v", method, path, a)
		}
	})
}
