// Package catalog holds the promises of the catalog against the real engines: each
// entry can be placed by Nomad, and those whose images can be built here
// (provisioning/images) are installed, used, restarted with their data and removed.
//
// Tests only, as in the folder above; they run in the order of the files' names and
// share one cloud. Start reading at app (run_test.go): each app_*_test.go is one app.
package catalog

import (
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// cloud is shared by all tests.
var cloud *Machine

func TestMain(m *testing.M) {
	RunOne(m, "catalog", images(), func(one One) { cloud = one.Cloud })
}

// lan is the machine's address in its home, at which an app's own ports are.
const lan = "192.168.77.2"
