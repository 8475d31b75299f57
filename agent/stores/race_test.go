//go:build race

package stores

// allocatesTimes is how much more a program allocates that looks for races: what is kept
// on the stack otherwise, and what a sync.Pool would have kept.
const allocatesTimes = 3
