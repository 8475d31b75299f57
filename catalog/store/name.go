package store

import (
	"strconv"
	"strings"
)

// appName makes a name of the catalog's alphabet for apps, services and volumes:
// a-z, 0-9 and -, starting with a letter, not ending with -, at most 40 characters.
func appName(s string) string { return fitName(s, '-', "app") }

// settingName is likewise for settings and secrets, with _ for -.
func settingName(s string) string { return fitName(s, '_', "value") }

func fitName(s string, joint byte, fallback string) string {
	var b []byte
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b = append(b, byte(r))
		case len(b) > 0 && b[len(b)-1] != joint:
			b = append(b, joint)
		}
		if len(b) > 4*maxName {
			break
		}
	}
	name := strings.Trim(string(b), string(joint))
	if name == "" {
		return fallback
	}
	if name[0] >= '0' && name[0] <= '9' {
		name = fallback + string(joint) + name
	}
	if len(name) > maxName {
		name = strings.TrimRight(name[:maxName], string(joint))
	}
	return name
}

// distinctName adds a number where a name is taken.
func distinctName(name string, taken map[string]bool) string {
	return distinct(name, '-', taken)
}

func distinct(name string, joint byte, taken map[string]bool) string {
	if !taken[name] {
		return name
	}
	for i := 2; ; i++ {
		end := string(joint) + strconv.Itoa(i)
		n := strings.TrimRight(name[:min(len(name), maxName-len(end))], string(joint)) + end
		if !taken[n] {
			return n
		}
	}
}
