package jobs

import (
	"net"
	"slices"
	"strconv"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// WaitTask is the name of the task that waits for ports. No service can have it:
// their names hold no underscore.
const WaitTask = "wait_for"

// order says how the services of an app start: those that others wait for are
// prestart sidecars, and start first; then a task waits until their ports
// accept connections; then the rest start.
//
// Nomad knows these two levels and no more. In a deeper chain (web after api
// after db) db and api start together, api fails and is started again until
// db is up, and web starts when both accept connections.
type order struct {
	first map[string]bool // services that others wait for
	ports []int           // what to wait for, sorted
}

func startOrder(services []catalog.Service) (order, error) {
	o := order{first: map[string]bool{}}
	byName := map[string]catalog.Service{}
	for _, s := range services {
		byName[s.Name] = s
	}
	for _, s := range services {
		for _, after := range s.After {
			needed, known := byName[after]
			if !known {
				return order{}, errorf(hintEntry, "service %s starts after %q, which is no service of this app", s.Name, after)
			}
			port := needed.MainPort()
			if port == 0 {
				return order{}, errorf("give service "+after+" its port: port = 5432", "service %s starts after %s, which has no port to wait for", s.Name, after)
			}
			if !o.first[after] {
				o.first[after] = true
				o.ports = append(o.ports, port)
			}
		}
	}
	slices.Sort(o.ports)
	return o, nil
}

// lifecycle is nil for a main task.
func (o order) lifecycle(service string) *api.TaskLifecycle {
	if !o.first[service] {
		return nil
	}
	return &api.TaskLifecycle{Hook: "prestart", Sidecar: true}
}

// waitTask ends when every port accepts a connection. It costs the group no
// memory: Nomad reserves for a prestart task only what the main tasks do not.
func (o order) waitTask(in Input) *api.Task {
	args := []string{"internal", "wait"}
	for _, port := range o.ports {
		args = append(args, net.JoinHostPort(loopback, strconv.Itoa(port)))
	}
	return &api.Task{
		Name:      WaitTask,
		Driver:    "docker",
		Lifecycle: &api.TaskLifecycle{Hook: "prestart"},
		Config: map[string]any{
			"image":        escapeHCL(in.Pool.SelfImage),
			"args":         args,
			"pids_limit":   64,
			"security_opt": []string{"no-new-privileges"},
			"labels":       []map[string]any{{LabelApp: in.Intent.Name, LabelService: WaitTask}},
			"logging":      logging(),
		},
		Resources: &api.Resources{CPU: ptr(20), MemoryMB: ptr(32), MemoryMaxMB: ptr(64)},
		LogConfig: noNomadLogs(),
	}
}
