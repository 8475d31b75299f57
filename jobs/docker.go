package jobs

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

const (
	// LabelApp and LabelService are the labels by which a container and its logs
	// are found in Docker.
	LabelApp     = "dcloud.app"
	LabelService = "dcloud.service"

	// pidsLimit stops a fork bomb; it counts threads too, of which a media
	// server or PHP under load has hundreds.
	pidsLimit = 2048
)

// dockerConfig is the config of Nomad's Docker driver for a service, without
// its ports and files (https://developer.hashicorp.com/nomad/docs/drivers/docker).
func dockerConfig(app string, s catalog.Service, args []string) map[string]any {
	c := map[string]any{
		"image":      escapeHCL(s.Image), // how long its pull may take, the node says
		"pids_limit": pidsLimit,
		"labels":     []map[string]any{{LabelApp: app, LabelService: s.Name}},
		"logging":    logging(),
	}
	if len(s.Entrypoint) > 0 {
		c["entrypoint"] = escapeAll(s.Entrypoint)
	}
	if len(args) > 0 {
		c["args"] = escapeAll(args)
	}
	if s.Workdir != "" {
		c["work_dir"] = escapeHCL(s.Workdir)
	}
	if len(s.Capabilities) > 0 {
		c["cap_add"] = escapeAll(s.Capabilities)
	} else {
		// Programs that start as root and step down (gosu, su-exec) are not
		// hindered; sudo and other setuid programs are. An entry that asks for a
		// capability goes without, since a user other than root gets one only
		// by the file capabilities that this turns off.
		c["security_opt"] = []string{"no-new-privileges"}
	}
	if s.ReadOnly {
		c["readonly_rootfs"] = true
	}
	if s.Init {
		c["init"] = true
	}
	if s.ShmSize > 0 {
		c["shm_size"] = s.ShmSize << 20
	}
	if len(s.Devices) > 0 {
		var devices []map[string]any
		for _, d := range s.Devices {
			devices = append(devices, map[string]any{"host_path": escapeHCL(d), "container_path": escapeHCL(d)})
		}
		c["devices"] = devices
	}
	return c
}

// logging says that Docker keeps the logs, and rotates them: at most 30 MB a
// container. Nomad's own collection is off, since it takes two processes a
// container.
func logging() []map[string]any {
	return []map[string]any{{
		"type":   "json-file",
		"config": []map[string]any{{"max-size": "10m", "max-file": "3"}},
	}}
}

func tmpfsMounts(s catalog.Service) []map[string]any {
	var mounts []map[string]any
	for _, t := range s.Tmpfs {
		mounts = append(mounts, map[string]any{"type": "tmpfs", "target": escapeHCL(t)})
	}
	return mounts
}

var inHCLTemplates = regexp.MustCompile(`[$%]\{|\r`)

// escapeHCL writes a string so that the driver's config means it literally: Nomad
// reads every string in there as an HCL template. What could be read as more than
// a literal becomes one expression, a quoted string with its signs escaped. (HCL's
// "$${" does not do: it cannot write "$${" itself, nor what follows a lone
// carriage return.)
func escapeHCL(s string) string {
	if !inHCLTemplates.MatchString(s) {
		return s
	}
	var b strings.Builder
	b.WriteString(`${"`)
	for _, r := range s {
		if r < ' ' || r == '$' || r == '%' || r == '"' || r == '\\' {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	b.WriteString(`"}`)
	return b.String()
}

func escapeAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = escapeHCL(s)
	}
	return out
}
