package assets

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"sync"
)

// AppIconSizes are those that phones ask for, in pixels.
var AppIconSizes = []int{180, 192, 512}

var appIcons = map[int]func() []byte{}

func init() {
	for _, size := range AppIconSizes {
		appIcons[size] = sync.OnceValue(func() []byte { return drawAppIcon(size) })
	}
}

// AppIcon is the panel's own icon as a PNG, without rounded corners, since phones cut
// it to their own shape; nil for a size that is not one of AppIconSizes.
func AppIcon(size int) []byte {
	if draw, ok := appIcons[size]; ok {
		return draw()
	}
	return nil
}

// drawAppIcon draws src/icon.svg within the middle that no phone cuts off: a cloud
// with three lights.
func drawAppIcon(size int) []byte {
	m := image.NewRGBA(image.Rect(0, 0, size, size))
	unit := 64 / float64(size)
	for y := range size {
		for x := range size {
			px, py := (float64(x)+0.5)*unit, (float64(y)+0.5)*unit
			t := py / 64
			c := mix(color.RGBA{0x6d, 0x74, 0xf5, 255}, color.RGBA{0x43, 0x38, 0xca, 255}, t)
			c = mix(c, color.RGBA{255, 255, 255, 255}, cover(cloud(px, py), unit))
			c = mix(c, color.RGBA{0x4f, 0x46, 0xe5, 255}, cover(lights(px, py), unit))
			m.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err) // memory cannot refuse bytes
	}
	return b.Bytes()
}

// cloud and lights are how far a point is outside of the shape, in units of 64.
func cloud(x, y float64) float64 {
	return min(circle(x, y, 23.5, 36.2, 8.500), circle(x, y, 32.8, 29.5, 11), circle(x, y, 42, 37, 7.700), box(x, y, 32.8, 40.1, 9.500, 4.600))
}

func lights(x, y float64) float64 {
	return min(circle(x, y, 26, 37, 2.100), circle(x, y, 32.8, 37, 2.100), circle(x, y, 39.6, 37, 2.100))
}

func circle(x, y, cx, cy, r float64) float64 { return math.Hypot(x-cx, y-cy) - r }

func box(x, y, cx, cy, halfWide, halfHigh float64) float64 {
	return max(math.Abs(x-cx)-halfWide, math.Abs(y-cy)-halfHigh)
}

// cover is how much of a pixel a shape covers whose edge is at the distance.
func cover(distance, pixel float64) float64 { return min(1, max(0, 0.5-distance/pixel)) }

func mix(a, b color.RGBA, t float64) color.RGBA {
	one := func(x, y uint8) uint8 { return uint8(float64(x) + (float64(y)-float64(x))*t + 0.5) }
	return color.RGBA{one(a.R, b.R), one(a.G, b.G), one(a.B, b.B), 255}
}
