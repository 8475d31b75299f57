package jobs

import (
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// WaitTask is the name of the task that waits for ports. No service can have it:
// their names hold no underscore.
const WaitTask = "wait_for"

// order says how the services of an app start. Nomad knows two steps
// (client/allocrunner/tasklifecycle/coordinator.go): its prestart tasks start
// together, and once those that end have ended well and those that stay run, the
// main ones start together. So
//
//   - what others wait for is a prestart task that stays, and WaitTask waits in the
//     same step until their ports accept connections;
//   - what runs once is a prestart task that ends;
//   - everything else is a main task, also what others wait for, if it comes after
//     something that runs once: it must not run before that has ended.
//
// What a step cannot hold back is eager: it starts beside what it needs, and is
// started again until that is there. This is so for what runs once after a
// database, and for the middle of a longer chain.
type order struct {
	first map[string]bool // prestart tasks that stay
	once  map[string]bool // prestart tasks that end
	eager map[string]bool // those that may start before what they need
	ports []int           // what to wait for, sorted
}

func startOrder(services []catalog.Service) (order, error) {
	o := order{first: map[string]bool{}, once: map[string]bool{}, eager: map[string]bool{}}
	byName := map[string]catalog.Service{}
	for _, s := range services {
		byName[s.Name] = s
		if s.Once {
			o.once[s.Name] = true
		}
	}
	needed := map[string]bool{}
	for _, s := range services {
		for _, after := range s.After {
			it, known := byName[after]
			if !known {
				return order{}, errorf(hintEntry, "service %s starts after %q, which is no service of this app", s.Name, after)
			}
			if it.MainPort() == 0 && !it.Once {
				return order{}, errorf("give service "+after+" its port: port = 5432", "service %s starts after %s, which has no port to wait for", s.Name, after)
			}
			needed[after] = true
		}
	}
	late := afterOnce(services)
	for _, s := range services {
		if needed[s.Name] && !s.Once && !late[s.Name] {
			o.first[s.Name] = true
			o.ports = append(o.ports, s.MainPort())
		}
	}
	for _, s := range services {
		prestart := o.first[s.Name] || s.Once
		for _, after := range s.After {
			// In the first step nothing is held back; in the second, all but its own.
			if prestart || !o.first[after] && !o.once[after] {
				o.eager[s.Name] = true
			}
		}
	}
	slices.Sort(o.ports)
	return o, nil
}

// afterOnce are the services that stay and come, directly or not, after one that
// runs once.
func afterOnce(services []catalog.Service) map[string]bool {
	late := map[string]bool{}
	once := map[string]bool{}
	for _, s := range services {
		once[s.Name] = s.Once
	}
	for range services { // as long as the longest chain can be
		for _, s := range services {
			late[s.Name] = late[s.Name] || !s.Once && slices.ContainsFunc(s.After, func(name string) bool { return once[name] || late[name] })
		}
	}
	return late
}

// lifecycle is nil for a main task.
func (o order) lifecycle(service string) *api.TaskLifecycle {
	if !o.first[service] && !o.once[service] {
		return nil
	}
	return &api.TaskLifecycle{Hook: "prestart", Sidecar: o.first[service]}
}

// restarts is the policy of a task, nil for the group's. One that may start before
// what it needs is tried more often: it is not broken, only early.
func (o order) restarts(service string) *api.RestartPolicy {
	if !o.eager[service] {
		return nil
	}
	return &api.RestartPolicy{
		Attempts: ptr(eagerAttempts), Interval: ptr(time.Minute), Delay: ptr(5 * time.Second), Mode: ptr("delay"),
		RenderTemplates: ptr(false),
	}
}

// eagerAttempts is how often a minute a task is started again that may be early. At
// 5 s and a quarter more from one to the next they fill the minute.
const eagerAttempts = 9

// Eager says whether a task may start before what it needs is there, so that its
// first ends mean nothing.
func Eager(t *api.Task) bool {
	return t.RestartPolicy != nil && t.RestartPolicy.Attempts != nil && *t.RestartPolicy.Attempts == eagerAttempts
}

// What the task that waits reserves: MHz and MiB.
const (
	waitCPU    = 20
	waitMemory = 32
)

// waitTask ends when every port accepts a connection. It costs the group no
// memory: Nomad reserves for a prestart task only what the main tasks do not.
func (o order) waitTask(in Input) *api.Task {
	args := []string{"internal", "wait"}
	for _, port := range o.ports {
		args = append(args, net.JoinHostPort(loopback, strconv.Itoa(port)))
	}
	config := map[string]any{
		"image":        escapeHCL(in.Pool.SelfImage),
		"args":         args,
		"pids_limit":   64,
		"security_opt": []string{"no-new-privileges"},
		"labels":       []map[string]any{{LabelApp: in.Intent.Name, LabelService: WaitTask}},
		"logging":      logging(),
	}
	if hosts := extraHosts(in.Entry.Services); len(hosts) > 0 {
		config["extra_hosts"] = hosts
	}
	return &api.Task{
		Name:      WaitTask,
		Driver:    "docker",
		Lifecycle: &api.TaskLifecycle{Hook: "prestart"},
		Config:    config,
		Resources: &api.Resources{CPU: ptr(waitCPU), MemoryMB: ptr(waitMemory), MemoryMaxMB: ptr(2 * waitMemory)},
		LogConfig: noNomadLogs(),
	}
}
