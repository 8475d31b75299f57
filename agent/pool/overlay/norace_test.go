//go:build !race

package overlay_test

const memoryTells = true
