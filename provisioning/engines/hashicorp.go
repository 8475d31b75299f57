package engines

import (
	"context"
	"net/http"
	"time"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// downloadTime is the longest that a download may take in all: 100 MB over the
// slowest line that is of use.
const downloadTime = 2 * time.Hour

// hashicorpArchive is HashiCorp's release site. Their own library verifies the
// signature of the checksums with their key, and the archive with the checksums.
func hashicorpArchive() Source {
	return hashicorpSource(&releases.ExactVersion{}, newTransport(nil))
}

func hashicorpSource(template *releases.ExactVersion, t *transport) Source {
	return Source{Name: "official archive", Fetch: func(ctx context.Context, e Engine, dir string, progress Progress) (string, error) {
		v, err := version.NewVersion(e.Version)
		if err != nil {
			return "", err
		}
		watched := *t
		watched.onBody = newMeter(progress).download(".zip")
		install := *template
		install.Product = product.Product{Name: e.Name, BinaryName: func() string { return e.Name }}
		install.Version = v
		install.InstallDir = dir
		install.Timeout = downloadTime
		// A client of ours, because theirs tries again for a minute where there is no network.
		install.HTTPClient = &http.Client{Transport: &watched}
		return install.Install(ctx)
	}}
}
