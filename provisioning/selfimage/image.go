// Package selfimage builds, on the machine and from nothing but our own binary,
// the images that we need ourselves: the pause program that holds a group's
// network namespace, and dcloud itself for the welcome app and for helper tasks.
// Nothing is pulled.
//
// It depends on Docker's client and on nothing else of ours. Start reading at
// Ensure (ensure.go); archive.go writes an image as `docker load` reads it, and
// pause.go makes the pause program.
package selfimage

// Names of the images, and the label by which an image is found to be current.
const (
	PauseName = "dcloud.local/pause:1"
	SelfName  = "dcloud.local/self:1"
	Label     = "dcloud.sha256" // of the program in the image, in hex
)

// user runs our own binary in containers: nobody, with no name on any machine.
const user = "65532:65532"
