package override

import "github.com/hashicorp/nomad/api"

// The labels by which the cloud finds a container and its logs.
const (
	labelApp     = "dcloud.app"
	labelService = "dcloud.service"
)

// fillDefaults gives tasks and services that an override adds what generated ones
// have, where it says nothing about that: logs that the cloud finds and rotates, a
// limit of processes, no way to gain rights, the cloud's own network.
func fillDefaults(m *merger) {
	for _, g := range m.job.TaskGroups {
		group := "group" + Key(deref(g.Name))
		fillServices(m, group, g.Services)
		for _, t := range g.Tasks {
			address := group + ".task" + Key(t.Name)
			fillServices(m, address, t.Services)
			if m.created[address] && t.Driver == "docker" && len(t.Config) > 0 {
				fillTask(deref(m.job.ID), g, t)
			}
		}
		if m.created[group] && g.EphemeralDisk == nil {
			g.EphemeralDisk = &api.EphemeralDisk{SizeMB: ptr(50)} // MB; logs and data are elsewhere
		}
	}
}

func fillTask(app string, g *api.TaskGroup, t *api.Task) {
	if t.LogConfig == nil {
		t.LogConfig = &api.LogConfig{MaxFiles: ptr(1), MaxFileSizeMB: ptr(1), Disabled: ptr(true)}
	}
	labels := asMap(t.Config["labels"])
	for key, value := range map[string]string{labelApp: app, labelService: t.Name} {
		if labels[key] == nil {
			t.Config = putOption(t.Config, []string{"labels", key}, value)
		}
	}
	defaults := map[string]any{
		"pids_limit": 2048,
		"logging": []map[string]any{{
			"type":   "json-file",
			"config": []map[string]any{{"max-size": "10m", "max-file": "3"}},
		}},
	}
	if t.Config["cap_add"] == nil {
		defaults["security_opt"] = []string{"no-new-privileges"}
	}
	if networkOf(g, t) == "default" {
		defaults["network_mode"] = AppNetwork
	}
	for key, value := range defaults {
		if t.Config[key] == nil {
			t.Config[key] = value
		}
	}
}

func fillServices(m *merger, address string, services []*api.Service) {
	for _, s := range services {
		if !m.created[address+".service"+Key(s.Name)] {
			continue
		}
		if s.Provider == "" {
			s.Provider = "consul"
		}
		if s.AddressMode == "" && s.PortLabel != "" && !isNumber(s.PortLabel) {
			// Left to itself, Nomad tells of a container its own address, which other
			// machines cannot reach.
			s.AddressMode = "host"
		}
	}
}

func ptr[T any](v T) *T { return &v }
