// Package settings is one's own account, and the settings of the cloud.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package settings

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
