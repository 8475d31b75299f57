package catalog

import (
	"embed"
	"sync"
)

//go:embed all:apps
var apps embed.FS

// Embedded is the catalog that comes with the binary. It is read once, when it is
// first asked for.
func Embedded() (*Catalog, Problems) { return embedded() }

var embedded = sync.OnceValues(func() (*Catalog, Problems) { return LoadFS(apps, "apps") })
