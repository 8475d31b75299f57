package assets

import (
	"compress/flate"
	"errors"
	"fmt"
	"hash/fnv"
	"html"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
)

// maxShape bounds what a compressed shape may unpack to; the longest that simple-icons
// has is about 40 kB.
const maxShape = 256 << 10

// entryName is how catalog entries are named; nothing else has an icon.
var entryName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// IconURL is where an app's icon is served. It changes with the icons, so that
// browsers may keep what they have.
func IconURL(entry string) string { return "/icons/" + entry + ".svg?v=" + built.build }

// ServeIcon answers with the icon of an app by its entry's name: its own shape on a
// tile of its own colour, or letters on one of ours. Everything that could be a name
// has one.
func ServeIcon(w http.ResponseWriter, r *http.Request, entry string) {
	if !entryName.MatchString(entry) {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", types[".svg"])
	h.Set("X-Content-Type-Options", "nosniff")
	etag := `"` + built.build + "-" + entry + `"`
	h.Set("ETag", etag)
	h.Set("Cache-Control", "public, max-age=86400")
	if r.URL.Query().Get("v") == built.build {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = io.WriteString(w, Icon(entry)) // an error is the browser's having gone
}

// Icon draws the icon of an app: an SVG of 64 by 64.
func Icon(entry string) string {
	if s, err := built.brand(entry); err == nil {
		return s.draw()
	}
	return letters(entry)
}

// shape is what a brand's icon is drawn of, in a square of 24.
type shape struct {
	kind   string // fill: the data of a path; line: elements to stroke
	colour colour // of the tile
	data   string
}

var errNoBrand = errors.New("there is no icon of this name")

// brand finds a shape by its name without unpacking any other: a search in the sorted
// lines of brands.idx, then one piece of brands.bin.
func (b *bundle) brand(name string) (shape, error) {
	line, err := b.indexLine(name)
	if err != nil {
		return shape{}, err
	}
	var s shape
	var found, hex string
	var offset, length int64
	if _, err := fmt.Sscanf(line, "%s %s %s %d %d", &found, &s.kind, &hex, &offset, &length); err != nil {
		return shape{}, fmt.Errorf("icon %s: %w", name, err)
	}
	if s.colour, err = parseColour(hex); err != nil {
		return shape{}, err
	}
	file, err := b.files.Open("brands.bin")
	if err != nil {
		return shape{}, err
	}
	defer file.Close()
	at, ok := file.(io.ReaderAt)
	if !ok {
		return shape{}, fmt.Errorf("icon %s: brands.bin cannot be read in parts", name)
	}
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(io.NewSectionReader(at, offset, length)), maxShape))
	if err != nil {
		return shape{}, fmt.Errorf("icon %s: %w", name, err)
	}
	s.data = string(data)
	return s, nil
}

// indexLine searches brands.idx by halves, reading about 256 bytes at each step.
func (b *bundle) indexLine(name string) (string, error) {
	file, err := b.files.Open("brands.idx")
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	at, ok := file.(io.ReaderAt)
	if !ok {
		return "", fs.ErrInvalid
	}
	low, high := int64(0), info.Size() // the line begins at or after low, and before high
	for low < high {
		middle := (low + high) / 2
		start, line := lineAt(at, middle)
		found, _, _ := strings.Cut(line, " ")
		switch {
		case found == name:
			return line, nil
		case line == "" || found > name:
			high = min(middle, start)
		default:
			low = start + int64(len(line)) + 1
		}
	}
	return "", errNoBrand
}

// maxLine is longer than any line of brands.idx.
const maxLine = 128

// lineAt is the line that the byte at an offset is in.
func lineAt(file io.ReaderAt, offset int64) (start int64, line string) {
	from := max(0, offset-maxLine)
	piece := make([]byte, offset-from+maxLine)
	n, _ := file.ReadAt(piece, from) // less at the end of the file
	text, at := string(piece[:n]), int(offset-from)
	if at > len(text) {
		return offset, ""
	}
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	rest := text[begin:]
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	return from + int64(begin), rest
}

// tile begins an icon: a rounded square with a little light, and an edge that shows
// where the background has its colour. The light falls so that the glyph gains by it.
func tile(c, glyph colour, inner string) string {
	shade, edge := "#000", "#fff"
	if glyph.luminance() < 0.5 {
		shade, edge = "#fff", "#000"
	}
	return `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64" viewBox="0 0 64 64">` +
		`<defs><linearGradient id="l" x1="0" y1="0" x2="0" y2="1"><stop stop-color="` + shade + `" stop-opacity="0"/><stop offset="1" stop-color="` + shade + `" stop-opacity=".16"/></linearGradient></defs>` +
		`<rect width="64" height="64" rx="15" fill="` + c.String() + `"/><rect width="64" height="64" rx="15" fill="url(#l)"/>` +
		`<rect x=".5" y=".5" width="63" height="63" rx="14.500" fill="none" stroke="` + edge + `" stroke-opacity=".14"/>` + inner + `</svg>`
}

func (s shape) draw() string {
	glyph := s.colour.ink()
	const place = `transform="translate(14 14) scale(1.500)"`
	if s.kind == "line" {
		return tile(s.colour, glyph, `<g `+place+` fill="none" stroke="`+glyph.String()+`" stroke-width="1.800" stroke-linecap="round" stroke-linejoin="round">`+s.data+`</g>`)
	}
	return tile(s.colour, glyph, `<path `+place+` fill="`+glyph.String()+`" d="`+html.EscapeString(s.data)+`"/>`)
}

// tones are the tiles of apps that have no icon; white is at 4.5:1 on each.
var tones = []string{"4f46e5", "1d63d8", "0e7490", "0b7470", "1b7a3d", "8f5a00", "b3450e", "be123c", "a21caf", "7c3aed", "475569", "57534e"}

// letters draws the first letters of a name's first two words.
func letters(entry string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(entry))
	c, err := parseColour(tones[h.Sum32()%uint32(len(tones))])
	if err != nil {
		panic(err) // one of tones is no colour
	}
	var text strings.Builder
	for word := range strings.SplitSeq(entry, "-") {
		if word != "" && text.Len() < 2 {
			text.WriteString(strings.ToUpper(word[:1]))
		}
	}
	size := "30"
	if text.Len() == 2 {
		size = "25"
	}
	glyph := c.ink()
	return tile(c, glyph, `<text x="32" y="32" dy=".35em" text-anchor="middle" font-family="system-ui,-apple-system,'Segoe UI',Roboto,sans-serif" font-weight="600" font-size="`+size+`" fill="`+glyph.String()+`">`+html.EscapeString(text.String())+`</text>`)
}
