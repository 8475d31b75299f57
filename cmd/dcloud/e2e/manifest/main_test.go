// Package manifest holds the promises of the manifest that only an app which runs can
// keep: the order in which services start, their names, a person's passwords.
//
// Tests only, as in the folder above; they run in the order of the file and share one
// cloud. Start reading at testdata/chain/app.hcl.
package manifest

import (
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// cloud is shared by all tests.
var cloud *Machine

func TestMain(m *testing.M) {
	RunOne(m, "manifest", []string{"redis", "whoami"}, func(one One) { cloud = one.Cloud })
}
