package pictures

import (
	"cmp"
	"image"
	"image/color"
	"slices"
)

// colours of a palette. An index may be a byte, but letters and surfaces need fewer,
// and fewer compress better.
const colours = 112

// reduce gives a picture a palette: half the bytes or less, and on surfaces and letters
// no eye sees the difference. There is no dithering, which would be noise on both.
func reduce(from image.Image) *image.Paletted {
	bounds := from.Bounds()
	count := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(from, x, y)]++
		}
	}
	palette := paletteOf(count, colours)
	index := make(map[color.RGBA]uint8, len(count))
	for c := range count {
		index[c] = uint8(palette.Index(c))
	}
	to := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			to.SetColorIndex(x, y, index[at(from, x, y)])
		}
	}
	return to
}

func at(from image.Image, x, y int) color.RGBA {
	return color.RGBAModel.Convert(from.At(x, y)).(color.RGBA)
}

// tint is a colour and how often it is seen.
type tint struct {
	color.RGBA
	n int
}

// channel is one of a colour's three.
func (t tint) channel(k int) uint8 { return [3]uint8{t.R, t.G, t.B}[k] }

// paletteOf is at most n colours for those that were counted: by median cut, where the
// box that is cut next is the one with the most pixels far apart (Heckbert, "Color
// image quantization for frame buffer display", 1982). A box is shown as its most
// frequent colour, so that grounds and accents stay what they are.
func paletteOf(count map[color.RGBA]int, n int) color.Palette {
	all := make([]tint, 0, len(count))
	for c, k := range count {
		all = append(all, tint{c, k})
	}
	// A map has no order, and a picture is to be the same each time.
	slices.SortFunc(all, func(a, b tint) int {
		return cmp.Or(cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B), cmp.Compare(a.A, b.A))
	})
	boxes := [][]tint{all}
	for len(boxes) < n {
		widest, channel, most := -1, 0, 0
		for k, box := range boxes {
			if c, spread := spreadOf(box); spread > most {
				widest, channel, most = k, c, spread
			}
		}
		if widest < 0 {
			break // each box is one colour
		}
		left, right := cut(boxes[widest], channel)
		boxes[widest] = left
		boxes = append(boxes, right)
	}
	var palette color.Palette
	for _, box := range boxes {
		palette = append(palette, slices.MaxFunc(box, func(a, b tint) int { return cmp.Compare(a.n, b.n) }).RGBA)
	}
	return palette
}

// spreadOf is the channel in which a box is widest, and how much is lost if it is not
// cut there; 0 for one colour.
func spreadOf(box []tint) (channel, spread int) {
	pixels := 0
	for _, t := range box {
		pixels += t.n
	}
	for k := range 3 {
		low, high := 255, 0
		for _, t := range box {
			low, high = min(low, int(t.channel(k))), max(high, int(t.channel(k)))
		}
		if wide := high - low; wide*wide*pixels > spread {
			channel, spread = k, wide*wide*pixels
		}
	}
	return channel, spread
}

// cut halves a box of two colours or more, in the middle of its pixels.
func cut(box []tint, channel int) (left, right []tint) {
	slices.SortStableFunc(box, func(a, b tint) int { return cmp.Compare(a.channel(channel), b.channel(channel)) })
	pixels := 0
	for _, t := range box {
		pixels += t.n
	}
	seen, k := 0, 0
	for k < len(box)-1 && (seen < pixels/2 || k == 0) {
		seen += box[k].n
		k++
	}
	return box[:k:k], box[k:]
}
