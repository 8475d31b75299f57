package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/dentropy/dcloud/agent/api"
	"github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
	"github.com/dentropy/dcloud/provisioning/lab"
)

const (
	panelURL      = "http://panel.dcloud.localhost"
	panelOwner    = "ada"
	panelPassword = "seven brass kettles on the moor"
	sessionCookie = "dcloud_session"
)

// panelRun is a cloud of one machine whose catalog has thousands of entries, with its
// owner signed in to the panel.
type panelRun struct {
	*cloud
	client  *api.Client
	token   string   // of the owner's session
	entries []string // that can be installed here: those that are whoami under other names
	apps    []string // installed
}

// needPanel gives the cloud that all parts share, and makes it the one of b.
func (b *bench) needPanel(ctx context.Context) (*panelRun, error) {
	if b.panel != nil {
		return b.panel, nil
	}
	if err := b.closeSingle(); err != nil {
		return nil, err
	}
	bin, entries, err := b.buildStore(ctx)
	if err != nil {
		return nil, err
	}
	p, err := b.newPanel(ctx, bin)
	if p != nil {
		p.entries = entries
		b.cloud, b.panel = p.cloud, p // closed with all else, however much of it there is
	}
	return p, err
}

// newPanel makes a cloud of a program, without apps, whose owner is signed in. It may
// return one that is to be closed with an error.
func (b *bench) newPanel(ctx context.Context, bin string) (*panelRun, error) {
	images, err := lab.Images(ctx, b.cache, "provisioning/images", func(line string) { b.detail("images: %s", line) }, "whoami", "miniflux", "postgres")
	if err != nil {
		return nil, err
	}
	host, err := lab.NewHost(ctx, "panelbench", lab.Options{Cache: b.own})
	if err != nil {
		return nil, err
	}
	p := &panelRun{cloud: newCloud(host, bin)}
	if err := host.LoadImages(ctx, images); err != nil {
		return p, err
	}
	if _, err := p.must(ctx, "up", "--no-welcome"); err != nil {
		return p, err
	}
	if p.client, err = api.Dial("unix://"+filepath.Join(host.Data, "run", "agent.sock"), ""); err != nil {
		return p, err
	}
	return p, p.begin(ctx)
}

// begin makes the first owner, as a browser without scripts does.
func (p *panelRun) begin(ctx context.Context) error {
	link, err := p.client.FirstLink(ctx)
	if err != nil {
		return err
	}
	v := p.visitor("")
	if _, err := v.get(ctx, link.Link); err != nil {
		return err
	}
	_, err = v.post(ctx, "/welcome", url.Values{"name": {panelOwner}, "password": {panelPassword}, "cloud": {"Bench"}, "where": {"here"}})
	if err != nil {
		return err
	}
	u, err := url.Parse(panelURL)
	if err != nil {
		return err
	}
	for _, c := range v.http.Jar.Cookies(u) {
		if c.Name == sessionCookie {
			p.token = c.Value
			return nil
		}
	}
	return errors.New("the owner was made, and is not signed in")
}

// visitor is a browser without scripts.
type visitor struct {
	http *http.Client
	csrf string // of the page that was read last
}

// visitor returns one that is signed in with a token, or with none.
func (p *panelRun) visitor(token string) *visitor {
	jar, _ := cookiejar.New(nil)
	if u, err := url.Parse(panelURL); err == nil && token != "" {
		jar.SetCookies(u, []*http.Cookie{{Name: sessionCookie, Value: token, Path: "/"}})
	}
	return &visitor{http: &http.Client{Jar: jar, Timeout: time.Minute, Transport: &http.Transport{DialContext: p.host.Dial, MaxIdleConnsPerHost: 64}}}
}

var csrfField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// get reads a page; what is no link is a path of the panel's.
func (v *visitor) get(ctx context.Context, link string) (string, error) {
	if strings.HasPrefix(link, "/") {
		link = panelURL + link
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return "", err
	}
	return v.do(req)
}

// post sends a form with the token of the page that was read last.
func (v *visitor) post(ctx context.Context, path string, form url.Values) (string, error) {
	form.Set("csrf", v.csrf)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, panelURL+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", panelURL)
	return v.do(req)
}

func (v *visitor) do(req *http.Request) (string, error) {
	req.Header.Set("Accept-Encoding", "identity")
	res, err := v.http.Do(req)
	if err != nil {
		return "", err
	}
	text, err := readAll(res)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		// Not the address: that of the first page has the key in it.
		return "", fmt.Errorf("the panel answered %s to a %s: %s", res.Status, req.Method, cloudtest.Clip(text))
	}
	if found := csrfField.FindStringSubmatch(text); found != nil {
		v.csrf = found[1]
	}
	return text, nil
}

// tab opens a browser of its own on the machine, signed in, with a blank page. It ends
// with stop.
func (p *panelRun) tab(ctx context.Context, width, height int64, o ...chromedp.ExecAllocatorOption) (page context.Context, stop func(), err error) {
	m := &cloudtest.Machine{Host: p.host, Bin: p.bin}
	ctx, cancel := context.WithCancel(ctx)
	page, err = m.StartBrowser(ctx, o...)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	stop = func() { chromedp.Cancel(page); cancel() }
	if _, err = chromedp.Call(page, network.SetCookie, network.SetCookieParams{Name: sessionCookie, Value: p.token, URL: panelURL}); err == nil {
		err = chromedp.Do(page, chromedp.EmulateViewport(width, height))
	}
	if err != nil {
		stop()
	}
	return page, stop, err
}

// loadAverage is the machine's load average over the last minute: what else went on.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	one, _, _ := strings.Cut(string(text), " ")
	return one
}
