package provisioning

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ParseMeminfo returns the machine's memory in MiB, from the text of
// /proc/meminfo; see proc_meminfo(5), whose "kB" are KiB.
func ParseMeminfo(text string) (totalMB int, err error) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(line, "MemTotal:")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			break
		}
		kib, err := strconv.ParseUint(fields[0], 10, 50)
		if err != nil {
			return 0, fmt.Errorf("MemTotal in /proc/meminfo: %w", err)
		}
		return int(kib / 1024), nil
	}
	return 0, errors.New("/proc/meminfo has no MemTotal")
}
