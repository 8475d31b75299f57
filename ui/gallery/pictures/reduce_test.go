package pictures

import (
	"image"
	"image/color"
	"math/rand/v2"
	"testing"
)

func TestAPictureOfFewColoursKeepsThemAll(t *testing.T) {
	from := image.NewRGBA(image.Rect(0, 0, 16, 16))
	for k := range 256 {
		from.SetRGBA(k%16, k/16, color.RGBA{uint8(k % colours), uint8(255 - k%colours), 7, 255})
	}
	to := reduce(from)
	for k := range 256 {
		x, y := k%16, k/16
		if got, want := at(to, x, y), from.RGBAAt(x, y); got != want {
			t.Fatalf("at %d, %d: %v instead of %v", x, y, got, want)
		}
	}
}

func TestAPictureOfManyColoursKeepsItsGroundAndComesNearTheRest(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	ground := color.RGBA{250, 250, 252, 255}
	from := image.NewRGBA(image.Rect(0, 0, 100, 100))
	for k := range 10_000 {
		c := ground
		if k%2 == 1 {
			c = color.RGBA{uint8(rnd.IntN(256)), uint8(rnd.IntN(256)), uint8(rnd.IntN(256)), 255}
		}
		from.SetRGBA(k%100, k/100, c)
	}
	to, again := reduce(from), reduce(from)
	if len(to.Palette) != colours {
		t.Errorf("%d colours", len(to.Palette))
	}
	worst := 0
	for k := range 10_000 {
		x, y := k%100, k/100
		got, want := at(to, x, y), from.RGBAAt(x, y)
		if want == ground && got != ground {
			t.Fatalf("the ground became %v", got)
		}
		if again.ColorIndexAt(x, y) != to.ColorIndexAt(x, y) {
			t.Fatal("the second time it is another")
		}
		for _, d := range []int{int(got.R) - int(want.R), int(got.G) - int(want.G), int(got.B) - int(want.B)} {
			worst = max(worst, d, -d)
		}
	}
	if worst > 130 { // a hundred boxes of a cube that is 256 wide are 55 wide
		t.Errorf("a colour is %d off", worst)
	}
}
