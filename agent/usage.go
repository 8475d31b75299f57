package agent

import "time"

// Ranges of usage.
const (
	LastHour = "hour" // a point each 15 s
	LastDay  = "day"  // a point each 5 min
)

// UsageQuery asks what an app or a machine used. One of App and Node is set.
type UsageQuery struct {
	App   string
	Node  string
	Range string // hour unless said
}

// Usage is what something used, point by point, oldest first. Where nothing is known
// (the machine was away, the app stopped) a point is null.
type Usage struct {
	Step   time.Duration `json:"step_ns"`
	Times  []int64       `json:"times"`     // Unix seconds
	CPU    []*float64    `json:"cpu"`       // percent of one core for an app, of the whole machine for a machine
	Memory []*float64    `json:"memory_mb"` // without the page cache
	Disk   []*float64    `json:"disk_mb"`   // an app's volumes; what is used of the machine's disk
	// What there is: the machine's memory and disk; what an app reserved and may use.
	MemoryTotal int `json:"memory_total_mb"`
	DiskTotal   int `json:"disk_total_mb"` // 0 for an app
}

// Load is how busy a machine is. Numbers are -1 where they are not known.
type Load struct {
	CPU        float64 `json:"cpu_percent"` // of all cores
	MemoryUsed int     `json:"memory_used_mb"`
	DiskTotal  int     `json:"disk_total_mb"` // where apps keep their data
	DiskFree   int     `json:"disk_free_mb"`
}

// JobText is a job as it was given to the scheduler. Secrets are references in it.
type JobText struct {
	Name string `json:"name"`
	JSON string `json:"json"`          // indented, as the scheduler's API takes it
	HCL  string `json:"hcl,omitempty"` // in the scheduler's own language, as its command line takes it
}

// PendingNode is a machine that asks to be let in with a token that needs somebody to
// say yes.
type PendingNode struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Arch    string    `json:"arch"`
	Memory  int       `json:"memory_mb"`
	Role    string    `json:"role"`
	Address string    `json:"address"` // that it asks from
	Asked   time.Time `json:"asked"`
}
