//go:build !race

package stores

const allocatesTimes = 1
