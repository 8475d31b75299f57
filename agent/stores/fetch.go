package stores

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// Fetcher fetches stores.
type Fetcher struct {
	Limits Limits
	// Allow says whether an address may be fetched from, see Guard.
	Allow func(netip.Addr) error
	// Temp is the folder for a .zip while it is read, "" for the system's.
	Temp string
	// Within bounds a fetch in time; five minutes unless said.
	Within time.Duration
}

// userAgent is what servers are told of us. Some of git's send a web page to what does
// not begin like this.
const userAgent = "git/2.0 (dcloud)"

// Fetch reads the store at a source: an archive, or a git repository's newest commit.
// What an address without .git leads to is found out.
func (f Fetcher) Fetch(ctx context.Context, src Source) (Files, error) {
	within := f.Within
	if within == 0 {
		within = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	client := browser(f.Allow)
	defer client.CloseIdleConnections()
	if src.Git {
		return f.clone(ctx, client, src)
	}
	files, err := f.archive(ctx, client, src)
	if errors.Is(err, errNoArchive) {
		// A page of a forge, say. It may be a repository under the same address.
		if files, err := f.clone(ctx, client, src); !errors.Is(err, errNoGit) {
			return files, err
		}
	}
	return files, err
}

func (f Fetcher) archive(ctx context.Context, client *http.Client, src Source) (Files, error) {
	resp, err := ask(ctx, client, http.MethodGet, src.URL.String(), nil, nil)
	if err != nil {
		return Files{}, err
	}
	defer resp.Body.Close()
	if resp.ContentLength > f.Limits.Wire {
		return Files{}, hostile("it is larger than %d MiB", f.Limits.Wire>>20)
	}
	return Unpack(ctx, resp.Body, f.Limits, f.Temp)
}

// ask makes a request; what is no success is an error.
func ask(ctx context.Context, client *http.Client, method, address string, body []byte, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, agent.Errorf(agent.CodeInvalid, "that is no address of a web server")
	}
	for name := range header {
		req.Header.Set(name, header.Get(name))
	}
	req.Header.Set("User-Agent", userAgent)
	resp, err := client.Do(req)
	if err != nil {
		return nil, unreached(req.URL.Host, err)
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	resp.Body.Close()
	failed := agent.Errorf(agent.CodeFailed, "%s answers %d %s", resp.Request.URL.Host, resp.StatusCode, http.StatusText(resp.StatusCode))
	switch resp.StatusCode {
	case http.StatusNotFound, http.StatusGone:
		return nil, failed.WithHint("is the address right? A browser shows what is there")
	case http.StatusUnauthorized, http.StatusForbidden:
		return nil, failed.WithHint("a store that asks for a password is fetched by yourself; then give its folder: dcloud catalog store add PATH")
	}
	return nil, failed.WithHint("try again later")
}

// unreached says in words why a server could not be asked.
func unreached(host string, err error) error {
	var known *agent.Error
	var dns *net.DNSError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &dns) && dns.IsNotFound:
		return agent.Errorf(agent.CodeFailed, "there is no machine called %s", shown(dns.Name)).WithHint("is the address right?")
	case errors.Is(err, context.DeadlineExceeded):
		return agent.Errorf(agent.CodeFailed, "%s took too long to answer", host).WithHint("try again later")
	case errors.Is(err, context.Canceled):
		return agent.Errorf(agent.CodeFailed, "the store was not fetched: it was called off")
	}
	return agent.Errorf(agent.CodeFailed, "%s cannot be reached: %s", host, bare(err)).
		WithHint("is the address right, and is this machine connected?")
}

// bare is an error without the address that was asked for, which the message names.
func bare(err error) string {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return op.Err.Error()
	}
	if next := errors.Unwrap(err); next != nil {
		return next.Error()
	}
	return err.Error()
}

// answer reads an answer of a git server of up to that many bytes.
func answer(ctx context.Context, resp *http.Response, most int64) *bufio.Reader {
	return bufio.NewReaderSize(&meter{ctx: ctx, r: resp.Body, most: most}, 64<<10)
}
