package catalog

// New is a catalog of these entries, which may come from anywhere. No two may have the
// same name.
func New(entries []*App) *Catalog { return newCatalog(entries) }
