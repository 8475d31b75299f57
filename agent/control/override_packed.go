package control

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Packed is a text that a record holds compressed, where that makes it shorter: Consul
// takes no value above 512 KiB, and JSON makes more of a text than it is.
type Packed string

const (
	packedMark = "flate:"
	packedFrom = 1024     // bytes; shorter texts can be read in the record
	packedMost = 16 << 20 // bytes that a text may have: a record may be hostile
)

// MarshalJSON writes the text, or packedMark and its bytes compressed in base64.
func (p Packed) MarshalJSON() ([]byte, error) {
	text := string(p)
	if len(text) < packedFrom && !strings.HasPrefix(text, packedMark) {
		return json.Marshal(text)
	}
	var b bytes.Buffer
	b.WriteString(packedMark)
	enc := base64.NewEncoder(base64.StdEncoding, &b)
	w, err := flate.NewWriter(enc, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	if err := errors.Join(w.Close(), enc.Close()); err != nil {
		return nil, err
	}
	return json.Marshal(b.String())
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (p *Packed) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	coded, is := strings.CutPrefix(text, packedMark)
	if !is {
		*p = Packed(text)
		return nil
	}
	r := flate.NewReader(base64.NewDecoder(base64.StdEncoding, strings.NewReader(coded)))
	out, err := io.ReadAll(io.LimitReader(r, packedMost+1))
	if err != nil {
		return fmt.Errorf("unpack a text: %w", err)
	}
	if len(out) > packedMost {
		return errors.New("unpack a text: it is too long")
	}
	*p = Packed(out)
	return nil
}
