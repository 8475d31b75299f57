// Package store is the app store: search, an entry's page, and the install.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package store

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
