package assets

import (
	"fmt"
	"math"
	"strconv"
)

// colour is one of sRGB.
type colour struct{ r, g, b uint8 }

var (
	white = colour{255, 255, 255}
	black = colour{17, 17, 20}
)

// parseColour reads RRGGBB.
func parseColour(hex string) (colour, error) {
	n, err := strconv.ParseUint(hex, 16, 32)
	if err != nil || len(hex) != 6 {
		return colour{}, fmt.Errorf("%q is no colour of six hexadecimal digits", hex)
	}
	return colour{uint8(n >> 16), uint8(n >> 8), uint8(n)}, nil
}

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c.r, c.g, c.b) }

// luminance as WCAG 2.2 defines it, 0 to 1.
func (c colour) luminance() float64 {
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast of two colours, 1 to 21, as WCAG 2.2 defines it.
func contrast(a, b colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// ink is the colour of a glyph on a tile: white where it is at 3:1 (WCAG's bound for
// graphics), dark otherwise, which then is far above it.
func (c colour) ink() colour {
	if contrast(c, white) >= 3 {
		return white
	}
	return black
}
