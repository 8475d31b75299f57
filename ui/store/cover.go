package store

import "hash/fnv"

// shape is a circle in a picture of 320 by 120.
type shape struct{ X, Y, R int }

// cover is a picture for an entry, which the panel loads from nowhere else: soft shapes
// over the colours of its icon, the same each time.
func cover(entry string) []shape {
	h := fnv.New64a()
	_, _ = h.Write([]byte(entry))
	n := h.Sum64()
	take := func(below uint64) int {
		v := n % below
		n = n/below ^ n<<7
		return int(v)
	}
	var out []shape
	for range 5 {
		out = append(out, shape{X: take(320), Y: take(120), R: 20 + take(60)})
	}
	return out
}
