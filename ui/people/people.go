// Package people is the pages about people: who may sign in, and as what.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package people

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
