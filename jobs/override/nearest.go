package override

import (
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// didYouMean is "did you mean NAME?" for the known name that is nearest to the one
// that was written, "" if none is near.
func didYouMean(name string, known []string) string {
	const longest = 64 // the distance costs length²
	if name == "" || len(name) > longest {
		return ""
	}
	best, bestDistance := "", 1+max(1, min(3, (len(name)+1)/2))
	for _, k := range slices.Sorted(slices.Values(known)) {
		if k == name || len(k) > longest {
			continue
		}
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(k), nil); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "did you mean " + best + "?"
}
