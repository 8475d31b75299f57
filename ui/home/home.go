// Package home is the first page: the apps as icons, the machines in a line, and what needs somebody's attention.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package home

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
