// Package assets holds what browsers load beside the pages: scripts, styles and icons.
// They are bundled from src and npm's packages (package-lock.json) by `make assets`
// into dist, under names that carry their content's hash, and embedded. A program that
// was built without them (Built) works all the same, and its pages say so.
//
// It depends on nothing else of ours. Start reading at URL; the icons of apps are at
// Icon.
package assets

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

//go:embed all:dist
var embedded embed.FS

// Base is where Handler serves.
const Base = "/assets/"

// bundle is what `make assets` left in a folder.
type bundle struct {
	files fs.FS
	names map[string]string // panel.css → panel.HASH.css
	build string            // differs whenever a file does
}

var built = load(embedded, "dist")

func load(files fs.FS, dir string) *bundle {
	b := &bundle{files: files, build: "none"}
	sub, err := fs.Sub(files, dir)
	if err != nil {
		return b
	}
	b.files = sub
	manifest, err := fs.ReadFile(sub, "manifest.json")
	if err != nil || json.Unmarshal(manifest, &b.names) != nil {
		b.names = nil
		return b
	}
	index, err := fs.ReadFile(sub, "brands.idx")
	if err != nil {
		return b
	}
	sum := sha256.Sum256(append(manifest, index...))
	b.build = hex.EncodeToString(sum[:5])
	return b
}

// Built tells whether `make assets` ran before this program was built.
func Built() bool { return len(built.names) > 0 }

// Build is short and differs between programs whose assets differ.
func Build() string { return built.build }

// URL is where a file is served: "panel.css" is at /assets/panel.HASH.css. One that
// there is not gets an address at which nothing is.
func URL(name string) string {
	if hashed, ok := built.names[name]; ok {
		return Base + hashed
	}
	return Base + "missing/" + name
}

// Open opens a file by the name that it has in src: "sw.js".
func Open(name string) (fs.File, error) {
	hashed, ok := built.names[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return built.files.Open(hashed)
}

// Handler serves /assets/: for ever, since a file of other content has another name.
func Handler() http.Handler { return http.StripPrefix(strings.TrimSuffix(Base, "/"), built) }

// types by extension: of the system's own table nobody knows what is in it.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

func (b *bundle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	kind, known := types[path.Ext(name)]
	if !known || !b.serves(name) || r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	file, suffix := b.best(name, r.Header.Values("Accept-Encoding"))
	if file == nil {
		http.NotFound(w, r)
		return
	}
	defer file.Close()
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("ETag", `"`+name+suffix+`"`)
	if suffix != "" {
		h.Set("Content-Encoding", encodings[suffix])
		if info, err := file.Stat(); err == nil {
			h.Set("Content-Length", strconv.FormatInt(info.Size(), 10))
		}
		r = withoutRange(r)
	}
	http.ServeContent(w, r, "", time.Time{}, file.(io.ReadSeeker))
}

// serves tells whether a file is one that has a name of its own, and not the manifest.
func (b *bundle) serves(name string) bool {
	for _, hashed := range b.names {
		if hashed == name {
			return true
		}
	}
	return false
}

// withoutRange is the request without a range: one of compressed bytes helps nobody.
func withoutRange(r *http.Request) *http.Request {
	if r.Header.Get("Range") == "" {
		return r
	}
	r = r.Clone(r.Context())
	r.Header.Del("Range")
	return r
}
