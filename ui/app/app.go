// Package app is an app's page: its state, what it uses, its logs, terminal, settings and history.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package app

import "github.com/dentropy/dcloud/ui/web"

// Routes are the pages of this package.
func Routes() []web.Route { return nil }
