package jobs

import (
	"time"

	"github.com/dentropy/dcloud/catalog"
	"github.com/hashicorp/nomad/api"
)

// task is the container of one service.
func task(in Input, s catalog.Service, sc catalog.Scope, o order, p ports, n *names) (*api.Task, error) {
	app := in.Intent.Name
	env, envTemplate, err := environment(app, s.Env, sc)
	if err != nil {
		return nil, err
	}
	args, err := arguments(s.Command, sc)
	if err != nil {
		return nil, err
	}
	templates, mounts, err := files(app, s, sc)
	if err != nil {
		return nil, err
	}
	if envTemplate != nil {
		templates = append([]*api.Template{envTemplate}, templates...)
	}
	services, err := consulServices(in, s, n)
	if err != nil {
		return nil, err
	}
	config := dockerConfig(app, s, args)
	if mounts = append(mounts, tmpfsMounts(s)...); len(mounts) > 0 {
		config["mount"] = mounts
	}
	if hosts := extraHosts(in.Entry.Services); len(hosts) > 0 {
		config["extra_hosts"] = hosts
	}
	if p.network.Mode == "host" {
		config["network_mode"] = AppNetwork
		if len(p.labels[s.Name]) > 0 {
			config["ports"] = p.labels[s.Name]
		}
	}
	t := &api.Task{
		Name: s.Name, Driver: "docker", User: s.User, Config: config,
		Lifecycle: o.lifecycle(s.Name), RestartPolicy: o.restarts(s.Name),
		Env: env, Templates: templates, Services: services,
		VolumeMounts: volumeMounts(app, s),
		Resources:    resources(s.Resources),
		LogConfig:    noNomadLogs(),
		KillSignal:   s.StopSignal,
	}
	if s.StopTimeout > 0 {
		t.KillTimeout = ptr(time.Duration(s.StopTimeout) * time.Second)
	}
	return t, nil
}

// arguments are those of the image's entrypoint. A secret is refused there: every
// process of the machine may read another's arguments.
func arguments(command []catalog.Expr, sc catalog.Scope) ([]string, error) {
	var args []string
	for i, e := range command {
		text, err := e.Eval(sc)
		if err == nil {
			err = checkLiterals(text)
		}
		if err != nil {
			return nil, at(err, "argument %d", i+1)
		}
		if text.HasSecret() {
			return nil, errorf("give it by env or by a file block",
				"argument %d holds a secret, and arguments can be read by every process on the machine", i+1)
		}
		args = append(args, plain(text))
	}
	return args, nil
}

// resources are what is reserved, and the memory that may be used beyond it
// where there is some to spare. (The scheduler must allow memory oversubscription.)
func resources(r catalog.Resources) *api.Resources {
	memory := orElse(r.Memory, 128)
	return &api.Resources{
		CPU:         ptr(orElse(r.CPU, 100)),
		MemoryMB:    ptr(memory),
		MemoryMaxMB: ptr(max(memory, orElse(r.MemoryMax, 2*memory))),
	}
}

// noNomadLogs turns Nomad's log collection off for a task. The sizes are the
// smallest that Nomad takes: it wants the ephemeral disk to hold them.
func noNomadLogs() *api.LogConfig {
	return &api.LogConfig{MaxFiles: ptr(1), MaxFileSizeMB: ptr(1), Disabled: ptr(true)}
}
