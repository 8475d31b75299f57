package agent

import "time"

// Formats of a store of entries.
const (
	StoreDcloud  = "dcloud" // folders with an app.hcl each
	StoreCompose = "compose"
	StoreCasaOS  = "casaos"
	StoreCoolify = "coolify"
	StoreRuntipi = "runtipi"
	StoreUmbrel  = "umbrel"
)

// StoreFormats lists the formats.
func StoreFormats() []string {
	return []string{StoreDcloud, StoreCompose, StoreCasaOS, StoreCoolify, StoreRuntipi, StoreUmbrel}
}

// MaxStoreArchive bounds, in bytes, an archive of a store that somebody sends.
const MaxStoreArchive = 20 << 20

// Store is a source of entries beside the catalog that comes with dcloud. Its entries
// are called STORE/ENTRY and never stand for one of the catalog's own.
type Store struct {
	Name   string `json:"name"`
	Source string `json:"source"` // its address; "upload" where somebody sent the files
	Format string `json:"format"`
	// Entries is how many can be installed, Refused how many could not be taken over.
	Entries  int       `json:"entries"`
	Refused  int       `json:"refused"`
	Added    time.Time `json:"added"`
	Synced   time.Time `json:"synced"`
	Revision string    `json:"revision,omitempty"` // the commit, or the sum of the archive
	Actor    string    `json:"actor"`
	// Failure is why the last sync did not work; what was there before is still there.
	Failure string `json:"failure,omitempty"`
}

// StoreDetail is a store with what became of each of its apps.
type StoreDetail struct {
	Store
	Apps  []StoreApp `json:"apps"`
	Notes []string   `json:"notes,omitempty"` // on files that were left out: links, say
}

// StoreApp is what became of an app of a store.
type StoreApp struct {
	Name    string      `json:"name"`              // as it is installed: STORE/ENTRY
	Refused string      `json:"refused,omitempty"` // why it could not be taken over
	Notes   []StoreNote `json:"notes,omitempty"`
}

// StoreNote is what taking an app over changed, dropped or found risky.
type StoreNote struct {
	Kind    string `json:"kind"` // changed, dropped, risky, info
	Service string `json:"service,omitempty"`
	Text    string `json:"text"`
}

// StoreAdd asks for a new store. The files come from URL, or as Archive.
type StoreAdd struct {
	Name   string `json:"name,omitempty"`   // made from the source unless said
	URL    string `json:"url,omitempty"`    // https://…/x.tar.gz, .zip, or a git repository
	Format string `json:"format,omitempty"` // found out unless said
	// Archive is a .tar.gz or .zip of a folder on the asker's own machine.
	Archive []byte `json:"archive,omitempty"`
}

// StoreSync asks for a store to be read anew: from where it came, or from Archive.
type StoreSync struct {
	Archive []byte `json:"archive,omitempty"`
}
