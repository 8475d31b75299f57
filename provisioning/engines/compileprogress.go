package engines

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// How the time of a first build divides: getting the modules, compiling the
// packages, linking. Measured on two cores with a fast line.
const (
	shareDownload = 0.15
	shareLink     = 0.08
)

// compileProgress reads the output of `go list` and `go build -v`.
type compileProgress struct {
	meter    *meter
	requires int // modules, at most
	loaded   int
	total    int // packages
	done     int
}

func (c *compileProgress) listed(line string) {
	if !strings.HasPrefix(line, "go: downloading ") {
		return
	}
	c.loaded++
	of := max(c.requires, c.loaded)
	c.meter.at(fmt.Sprintf("compiling: module %d of at most %d", c.loaded, of), shareDownload*float64(c.loaded)/float64(of))
}

// built counts packages: `go build -v` prints each that it compiles, those in
// its cache not, so a second build jumps to its end.
func (c *compileProgress) built(line string) {
	if line == "" || strings.ContainsAny(line, " \t#:") {
		return
	}
	c.done++
	of := max(c.total, c.done)
	c.meter.at(fmt.Sprintf("compiling: package %d of %d", c.done, of),
		shareDownload+(1-shareDownload-shareLink)*float64(c.done)/float64(of))
}

func proxied(u *url.URL) bool {
	p, err := http.ProxyFromEnvironment(&http.Request{URL: u})
	return err != nil || p != nil
}
