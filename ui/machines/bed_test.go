package machines

import (
	"testing"
	"time"

	"github.com/dentropy/dcloud/ui/sample"
	"github.com/dentropy/dcloud/ui/web"
	"github.com/dentropy/dcloud/ui/web/webtest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// bed is a panel of this package's pages over the sample cloud.
type bed struct {
	*sample.Cloud
	*webtest.Panel
}

func newBed(t *testing.T, c *sample.Cloud) *bed {
	t.Helper()
	return &bed{c, webtest.NewPanel(t, c, c.Accounts(), Routes(), noon)}
}

// poolPicture draws what the page of a bed draws.
func poolPicture(t *testing.T, b *bed) picture {
	t.Helper()
	return pictureOf(&web.Ctx{Kernel: b.Kernel}, b.Hub.State().Nodes)
}
