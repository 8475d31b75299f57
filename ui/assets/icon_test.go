package assets

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryEntryOfTheCatalogHasAnIconOfItsOwn(t *testing.T) {
	b := bundled(t)
	entries, err := os.ReadDir(filepath.Join("..", "..", "catalog", "apps"))
	if err != nil || len(entries) == 0 {
		t.Fatalf("the catalog's entries: %v", err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), filepath.Ext(e.Name()))
		if _, err := b.brand(name); err != nil {
			t.Errorf("%s: %v: name one in src/icons.json", name, err)
		}
	}
}

func TestEveryBrandIsFoundByItsNameAndStandsOutFromItsTile(t *testing.T) {
	b := bundled(t)
	index, err := os.ReadFile("dist/brands.idx")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(index)), "\n")
	if len(lines) < 3000 {
		t.Errorf("only %d brands", len(lines))
	}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, " ")
		if len(line) >= maxLine {
			t.Errorf("%s: its line is longer than a search reads", name)
		}
		s, err := b.brand(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if c := contrast(s.colour, s.colour.ink()); c < 3 {
			t.Errorf("%s: %s on %s is at %.1f:1", name, s.colour.ink(), s.colour, c)
		}
		if len(s.data) == maxShape {
			t.Errorf("%s: its shape is cut off", name)
		}
	}
	for _, name := range []string{"", "0", "zzzzzz", "gite", "giteaa", " ", "~"} {
		if _, err := b.brand(name); err == nil {
			t.Errorf("%q is a brand", name)
		}
	}
}

func TestBrandsTakeLessThanTwoAndAHalfMegabytes(t *testing.T) {
	bundled(t)
	sum := int64(0)
	for _, name := range []string{"dist/brands.idx", "dist/brands.bin"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		sum += info.Size()
	}
	if sum > 2_500_000 {
		t.Errorf("%d bytes", sum)
	}
}

func TestAnIconIsAnSVGThatRunsNothing(t *testing.T) {
	for _, name := range []string{"gitea", "miniflux", "pocketbase", "unknown-thing", "x", "a-b-c", "7zip", "0-0"} {
		d := xml.NewDecoder(strings.NewReader(Icon(name)))
		for {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if e, ok := token.(xml.StartElement); ok {
				for _, a := range e.Attr {
					if e.Name.Local == "script" || strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "href" {
						t.Errorf("%s: <%s %s>", name, e.Name.Local, a.Name.Local)
					}
				}
			}
		}
	}
}

func TestLettersAreOfTheFirstTwoWordsAndAlwaysOnTheSameTile(t *testing.T) {
	for name, want := range map[string]string{"zzz": "Z", "my-app": "MA", "a-b-c": "AB", "x--y": "XY"} {
		if svg := letters(name); !strings.Contains(svg, ">"+want+"</text>") || svg != letters(name) {
			t.Errorf("%s: %s", name, svg)
		}
	}
	for _, tone := range tones {
		c, err := parseColour(tone)
		if err != nil {
			t.Fatal(err)
		}
		if got := contrast(c, white); got < 4.5 {
			t.Errorf("white on #%s is at %.2f:1", tone, got)
		}
	}
}

func TestAnIconIsKeptForEverOnlyAtTheAddressThatChangesWithIt(t *testing.T) {
	get := func(url, etag string) *http.Response {
		r := httptest.NewRequest(http.MethodGet, url, nil)
		if etag != "" {
			r.Header.Set("If-None-Match", etag)
		}
		w := httptest.NewRecorder()
		ServeIcon(w, r, "miniflux")
		return w.Result()
	}
	if got := get(IconURL("miniflux"), ""); got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("%v", got.Header)
	}
	plain := get("/icons/miniflux.svg", "")
	if plain.Header.Get("Cache-Control") != "public, max-age=86400" {
		t.Errorf("without the mark: %v", plain.Header)
	}
	if again := get("/icons/miniflux.svg", plain.Header.Get("Etag")); again.StatusCode != http.StatusNotModified {
		t.Errorf("asked again: %d", again.StatusCode)
	}
}

func TestThePanelsOwnIconIsAPictureOfTheSizeAskedFor(t *testing.T) {
	for _, size := range AppIconSizes {
		m, err := png.Decode(bytes.NewReader(AppIcon(size)))
		if err != nil || m.Bounds().Dx() != size || m.Bounds().Dy() != size {
			t.Errorf("%d: %v", size, err)
		}
	}
	if AppIcon(31337) != nil {
		t.Error("a size that nobody asks for is drawn")
	}
}

func FuzzIcon(f *testing.F) {
	for _, s := range []string{"gitea", "../../etc/passwd", "a\nb", `"><script>`, "ä", strings.Repeat("a", 1000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, entry string) {
		w := httptest.NewRecorder()
		ServeIcon(w, httptest.NewRequest(http.MethodGet, "/icons/x.svg", nil), entry)
		if w.Code == http.StatusOK && !entryName.MatchString(entry) {
			t.Errorf("%q has an icon", entry)
		}
		if w.Code == http.StatusOK && strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%q runs a script", entry)
		}
	})
}
