package pool

import "time"

// Uses is what apps use on a machine, as that machine measured it.
type Uses struct {
	Containers []ContainerUse `json:"containers"` // of apps, those that run
	// Volumes is how many bytes each volume takes on the disk, by its ID, as of some
	// minutes ago; nil where that has not been looked at yet.
	Volumes map[string]int64 `json:"volumes"`
	// Devices are those of the machine that an app may be given: "/dev/dri",
	// "/dev/ttyUSB0"; nil from a machine that does not tell.
	Devices []string `json:"devices"`
}

// ContainerUse is what one container uses.
type ContainerUse struct {
	ID     string    `json:"id"`
	App    string    `json:"app"`
	CPU    uint64    `json:"cpu_ns"` // time on all processors since it began
	At     time.Time `json:"at"`     // when, by its machine's clock
	Memory int64     `json:"memory"` // bytes without the page cache, -1 where it is not counted
}
