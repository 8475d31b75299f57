package node

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dentropy/dcloud/provisioning/engines"
)

// start runs an engine until the test ends, or stop is called, in the way that
// EngineSpec says; behind a command such as nsenter's if one is given.
func start(t *testing.T, s EngineSpec, behind ...string) (stop func()) {
	stderr, err := os.Create(s.ErrorPath)
	check(t, err)
	args := append(append(behind, s.Path), s.Args...)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env, cmd.Dir, cmd.Stderr = s.Env, s.Dir, stderr
	var early bytes.Buffer
	cmd.Stdout = &early
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	check(t, cmd.Start())
	stop = sync.OnceFunc(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	t.Cleanup(func() {
		stop()
		text, _ := os.ReadFile(s.ErrorPath)
		if t.Failed() || os.Getenv("DCLOUD_TEST_LOGS") != "" {
			t.Logf("%s said:\n%s%s", s.Name, early.String(), text)
			logs, _ := filepath.Glob(filepath.Join(filepath.Dir(s.LogPath), s.Name+"*.log"))
			t.Logf("its logs: %v", logs)
		}
	})
	return stop
}

// findEngines looks for the executables in the cache of `dcloud internal engines`, at the
// versions that are pinned.
func findEngines(t *testing.T) map[string]Binary {
	cache := engines.Cache{Dir: os.Getenv("DCLOUD_CACHE")}
	found := map[string]Binary{}
	for _, e := range engines.All() {
		path, err := cache.Lookup(e, engines.HostArch())
		if err != nil {
			t.Fatalf("%v: run `dcloud internal engines`, or set DCLOUD_CACHE", err)
		}
		found[e.Name] = Binary{Version: e.Version, Path: path}
	}
	return found
}

func roots(t *testing.T, l Layout) *x509.CertPool {
	text, err := os.ReadFile(l.CACert())
	check(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatal("no certificate in ca.pem")
	}
	return pool
}

// answerTime is how long one answer of an engine may take, whose disk others use too.
const answerTime = 30 * time.Second

func nomadClient(t *testing.T, l Layout) *http.Client {
	cert, err := tls.LoadX509KeyPair(l.Cert(CertClient), l.Cert(CertClient))
	check(t, err)
	return &http.Client{Timeout: answerTime, Transport: &http.Transport{TLSClientConfig: &tls.Config{
		RootCAs: roots(t, l), Certificates: []tls.Certificate{cert}}}}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// caller speaks to one HTTP API.
type caller struct {
	t      *testing.T
	client *http.Client
	base   string
	header string // that carries the token
}

func (c caller) call(method, path, token string, body any) (int, []byte, error) {
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		check(c.t, err)
		in = bytes.NewReader(text)
	}
	ctx := context.Background()
	if strings.HasPrefix(c.base, "http:") {
		ctx = context.WithValue(ctx, plain{}, true)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, in)
	check(c.t, err)
	if token != "" {
		req.Header.Set(c.header, token)
	}
	res, err := c.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

func (c caller) once(want int, method, path, token string, body any) {
	c.t.Helper()
	if got, text, err := c.call(method, path, token, body); got != want {
		c.t.Fatalf("%s %s: %d (%v), want %d: %s", method, path, got, err, want, text)
	}
}

func (c caller) eventually(want int, method, path, token string, body any) {
	c.t.Helper()
	c.retry(method+" "+path, func() (bool, string) {
		got, text, err := c.call(method, path, token, body)
		return got == want, fmt.Sprintf("%d (%v), want %d: %s", got, err, want, text)
	})
}

func (c caller) until(method, path, token string, ok func([]byte) bool) {
	c.t.Helper()
	c.retry(method+" "+path, func() (bool, string) {
		got, text, err := c.call(method, path, token, nil)
		return err == nil && got == 200 && ok(text), fmt.Sprintf("%d (%v): %s", got, err, text)
	})
}

// retry polls an engine that tells nobody when it has got there.
func (c caller) retry(what string, try func() (bool, string)) {
	c.t.Helper()
	deadline := time.Now().Add(enough)
	for {
		ok, said := try()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: %s", what, said)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
