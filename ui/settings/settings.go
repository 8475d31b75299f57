// Package settings is one's own account, and the settings of the cloud.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package settings

import (
	"embed"
	"slices"

	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route { return slices.Concat(accountRoutes(), cloudRoutes(), storeRoutes()) }
