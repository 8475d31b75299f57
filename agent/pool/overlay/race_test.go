//go:build race

package overlay_test

// memoryTells is whether a process has the memory that the program needs. One that
// looks for races has many times that, and never gives it back.
const memoryTells = false
