// Package door is how people come in: the first run, invitations, signing in, and proving once more who they are.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package door

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
