package settings

import "github.com/dentropy/dcloud/ui/web"

// cloudRoutes are the pages of the cloud's own settings.
func cloudRoutes() []web.Route { return nil }
