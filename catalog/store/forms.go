package store

import "strings"

// lists and words are the keys of a service whose values are lists, and those whose
// values are single words: anything else behind them is told instead of passed over.
var (
	lists = []string{"command", "entrypoint", "ports", "expose", "volumes", "volumes_from", "cap_add", "cap_drop", "devices", "tmpfs", "links", "profiles",
		"configs", "secrets", "security_opt"}
	words = []string{"image", "user", "working_dir", "network_mode", "pid", "ipc", "stop_signal", "stop_grace_period", "platform", "shm_size",
		"mem_limit", "mem_reservation", "cpus", "container_name", "hostname", "restart", "runtime", "privileged", "read_only", "init"}
)

// forms tells of values that are not of the form that their key takes.
func (im *importer) forms(s *service) {
	for _, key := range lists {
		if n := s.v.get(key); n != nil && n.kind == mapping {
			im.note(Dropped, s.name, key, "it is a map, and has to be a list")
		}
	}
	for _, key := range words {
		if n := s.v.get(key); n != nil && n.kind != scalar {
			im.note(Dropped, s.name, key, "it is a list or a map, and has to be one word")
		}
	}
	for _, key := range []string{"healthcheck", "deploy"} {
		if n := s.v.get(key); n != nil && n.kind != mapping {
			im.note(Dropped, s.name, key, "it has to be a map")
		}
	}
	for i, key := range s.v.n.keys {
		if strings.HasPrefix(key, "x-") && !s.v.used[key] {
			s.v.ignore(key)
			if !s.v.n.items[i].null {
				im.note(Info, s.name, short(key), "it is an extension of its own store")
			}
		}
	}
}
