package main

import (
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/provisioning/node"
	"golang.org/x/term"
)

// env is what a command knows of its surroundings. Making one costs nothing:
// what needs work is done when it is asked for.
type env struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	getenv func(string) string

	json    bool   // --json: answers, events and errors as JSON
	dataDir string // --data-dir

	keeper *background // of the agent, once this command has started it
}

func newEnv(stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) *env {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv, dataDir: node.DefaultDataDir}
	if dir := getenv("DCLOUD_DATA_DIR"); dir != "" {
		e.dataDir = dir
	}
	return e
}

// isTerminal says whether a stream is one that a person sits at.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// color says whether a stream gets colour and moving lines: only a terminal does,
// and not one that cannot (TERM=dumb) or whose owner does not want it (NO_COLOR,
// https://no-color.org).
func (e *env) color(stream any) bool {
	return isTerminal(stream) && e.getenv("NO_COLOR") == "" && e.getenv("TERM") != "dumb"
}

// socket is the agent's Unix socket on this machine.
func (e *env) socket() string {
	return node.Layout{Data: e.dataDir}.Socket()
}

// cacheDir holds what can be fetched again: the engines.
func (e *env) cacheDir() string {
	if dir := e.getenv("DCLOUD_CACHE"); dir != "" {
		return dir
	}
	return node.DefaultCacheDir
}

// remote says whether the cloud is reached over the network (DCLOUD_ADDR).
func (e *env) remote() bool { return e.getenv("DCLOUD_ADDR") != "" }

// connect returns a client of the cloud: the one that DCLOUD_ADDR names, else the
// one on this machine. It does not talk to the agent yet: the first call does, and
// says so where nobody answers.
func (e *env) connect() (*api.Client, error) {
	if e.remote() {
		return api.Dial(e.getenv("DCLOUD_ADDR"), e.getenv("DCLOUD_TOKEN"))
	}
	path, err := filepath.Abs(e.socket())
	if err != nil {
		return nil, err
	}
	// As a URL, so that a path with a space or a percent sign survives.
	return api.Dial((&url.URL{Scheme: "unix", Path: path}).String(), "")
}
