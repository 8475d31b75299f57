package assets

import (
	"io/fs"
	"strconv"
	"strings"
)

// encodings by the ending of a file's compressed form.
var encodings = map[string]string{".br": "br", ".gz": "gzip"}

// best opens the smallest form of a file that the browser takes; nil where there is
// none.
func (b *bundle) best(name string, accept []string) (file fs.File, suffix string) {
	for _, suffix := range []string{".br", ".gz"} {
		if accepts(strings.Join(accept, ","), encodings[suffix]) {
			if file, err := b.files.Open(name + suffix); err == nil {
				return file, suffix
			}
		}
	}
	file, err := b.files.Open(name)
	if err != nil {
		return nil, ""
	}
	return file, ""
}

// accepts reads an Accept-Encoding header (RFC 9110, 12.5.3): what is named with a
// weight of zero is refused.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), encoding) {
			continue
		}
		weight, given := strings.CutPrefix(strings.TrimSpace(strings.ToLower(params)), "q=")
		if !given {
			return true
		}
		q, err := strconv.ParseFloat(weight, 64)
		return err == nil && q > 0
	}
	return false
}
