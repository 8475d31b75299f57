// Package e2e holds the promises of the command line against the real engines, on
// a host of the lab (provisioning/lab): `dcloud up` on a blank host, apps, kills.
//
// Tests only. They need root and Docker's daemon; the engines and the images of
// the apps are fetched or built where the cache does not have them. They run in
// the order of the files' names and share one cloud; each leaves it as it was.
// Start reading at TestMain, then at cloudtest.Machine.
package e2e

import (
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// images are those of the apps that the tests install.
var images = []string{"miniflux", "postgres", "whoami"}

// main cloud, shared by all tests.
var (
	cloud   *Machine
	tarball string // of the images
	binDir  string
)

func TestMain(m *testing.M) {
	RunOne(m, "e2e", images, func(one One) { cloud, tarball, binDir = one.Cloud, one.Tarball, one.BinDir })
}
