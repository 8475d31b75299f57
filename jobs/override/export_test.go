package override

import "strings"

// DockerOptions are the options of Docker's driver that have a rule.
func DockerOptions() []string {
	var names []string
	for key := range rules {
		if name, ok := strings.CutPrefix(key, "docker."); ok {
			names = append(names, name)
		}
	}
	return names
}
