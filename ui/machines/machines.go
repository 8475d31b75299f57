// Package machines is the pages about machines: the pool as a picture, one machine, letting a new one in.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package machines

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
