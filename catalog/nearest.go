package catalog

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// nearest returns the candidate that was probably meant by name, "" if none is near.
func nearest(name string, candidates []string) string {
	const longest = 64 // no name of ours is longer, and the distance costs length²
	if name == "" || len(name) > longest {
		return ""
	}
	lower := strings.ToLower(name)
	best, bestDistance := "", 1+max(1, min(3, len(name)/2))
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if c == name {
			continue
		}
		if gap := len(c) - len(name); gap >= bestDistance || -gap >= bestDistance {
			continue // the distance is no less than that
		}
		if d := levenshtein.Distance(lower, strings.ToLower(c), nil); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}
