package store

import "hash/fnv"

// cover is a picture for an entry that has none: soft shapes in a colour of its own, the
// same each time.
type cover struct {
	Hue    int // 0 to 359, in steps of 30: one of twelve classes of the style sheet
	Shapes []shape
}

// shape is a circle in a picture of 320 by 120.
type shape struct{ X, Y, R int }

func coverOf(entry string) cover {
	h := fnv.New64a()
	_, _ = h.Write([]byte(entry))
	n := h.Sum64()
	take := func(below uint64) int {
		v := n % below
		n = n/below ^ n<<7
		return int(v)
	}
	c := cover{Hue: take(12) * 30}
	for range 5 {
		c.Shapes = append(c.Shapes, shape{X: take(320), Y: take(120), R: 20 + take(60)})
	}
	return c
}
