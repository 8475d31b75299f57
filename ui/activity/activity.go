// Package activity is what happened: every change with who made it, when, and what came of it.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package activity

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
