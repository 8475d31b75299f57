package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// Apps lists the installed apps by name. It reads the view only: with a hundred
// apps it takes well under a millisecond.
func (s *Service) Apps(ctx context.Context) ([]agent.App, error) {
	if err := s.awaitView(ctx, "intents", "allocs", "checks", "nodes", "volumes"); err != nil {
		return nil, err
	}
	apps := []agent.App{}
	s.view.read(func() {
		for _, i := range s.view.intents {
			apps = append(apps, s.row(i))
		}
		for _, name := range s.view.damaged {
			apps = append(apps, agent.App{Name: name, State: agent.StateFailed, Reason: "its record is damaged"})
		}
	})
	slices.SortFunc(apps, func(a, b agent.App) int { return cmp.Compare(a.Name, b.Name) })
	return apps, nil
}

// viewPatience is how long a question waits for an engine that has not told its
// state since the agent began.
const viewPatience = 20 * time.Second

// awaitView waits until parts of the view have been read once.
func (s *Service) awaitView(ctx context.Context, parts ...string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, viewPatience, agent.Errorf(agent.CodeUnavailable, "the engines are not ready yet").
		WithHint("see what they wait for with: dcloud doctor"))
	defer cancel()
	return s.view.await(ctx, func() (bool, error) {
		for _, part := range parts {
			if !s.view.ready[part] {
				return false, nil
			}
		}
		return true, nil
	})
}

// App tells all about one app.
func (s *Service) App(ctx context.Context, name string) (_ agent.AppDetail, err error) {
	defer s.tell(&err)
	if err := s.awaitView(ctx, "intents", "allocs", "checks", "nodes", "volumes"); err != nil {
		return agent.AppDetail{}, err
	}
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.AppDetail{}, err
	}
	d := agent.AppDetail{
		Title: entry.Title, Notes: entry.Notes, Settings: map[string]string{}, Secrets: []string{}, Services: []agent.Service{}, Volumes: []agent.Volume{},
		Created: i.Created, Updated: i.Updated, Actor: i.Actor,
	}
	for _, c := range configSettings(entry, i.Settings) {
		if c.Type != "password" {
			d.Settings[c.Name] = c.Value
		}
	}
	for _, c := range slices.Concat(replicasSetting(entry, i.Settings), accessSetting(entry, i), s.nodeSetting(entry, i)) {
		if c.Value != c.Default {
			d.Settings[c.Name] = c.Value
		}
	}
	for _, secret := range entry.Secrets {
		if secret.Reveal {
			d.Secrets = append(d.Secrets, secret.Name)
		}
	}
	s.view.read(func() {
		d.App = s.row(i)
		copies := running(s.view.allocs[name], 0)
		for _, svc := range entry.Services {
			for _, alloc := range copies {
				d.Services = append(d.Services, serviceState(svc, alloc, s.view.checks[alloc.ID]))
			}
			if len(copies) == 0 {
				d.Services = append(d.Services, serviceState(svc, nil, nil))
			}
		}
	})
	s.overrideDetail(ctx, i, entry, &d)
	d.Volumes, err = s.volumeList(ctx, entry, name)
	return d, err
}

func serviceState(svc catalog.Service, alloc *nomad.AllocationListStub, checks consul.HealthChecks) agent.Service {
	out := agent.Service{Name: svc.Name, Image: svc.Image, State: "pending"}
	if alloc == nil {
		return out
	}
	out.Node = alloc.NodeName
	t := alloc.TaskStates[svc.Name]
	if t == nil {
		return out
	}
	out.State, out.Restarts = t.State, int(t.Restarts)
	if alloc.ClientStatus == nomad.AllocClientStatusUnknown {
		out.State, out.Message = "unknown", alloc.NodeName+" does not answer"
		return out
	}
	if svc.Once && t.State == "dead" && !t.Failed {
		out.State = "done"
	}
	if len(t.Events) > 0 {
		out.Message = t.Events[len(t.Events)-1].DisplayMessage
	}
	for _, c := range checks {
		if taskOf(c.ServiceID, alloc) == svc.Name && out.Health != consul.HealthCritical {
			out.Health = c.Status
		}
	}
	if alloc.AllocatedResources != nil {
		for _, x := range svc.Exposes {
			for _, p := range alloc.AllocatedResources.Shared.Ports {
				if p.Label == jobs.PortLabel(svc.Name, x.Name) {
					out.Address = fmt.Sprintf("%s:%d", p.HostIP, p.Value)
				}
			}
		}
	}
	return out
}

// taskOf finds the task that a service of an allocation belongs to. Nomad's IDs of
// services are _nomad-task-ALLOC-TASK-SERVICE-PORT; of two tasks that fit, such as
// web and web-admin, it is the longer one.
func taskOf(serviceID string, alloc *nomad.AllocationListStub) string {
	rest, ok := strings.CutPrefix(serviceID, "_nomad-task-"+alloc.ID+"-")
	task := ""
	for name := range alloc.TaskStates {
		if ok && strings.HasPrefix(rest, name+"-") && len(name) > len(task) {
			task = name
		}
	}
	return task
}

func (s *Service) volumeList(ctx context.Context, entry *catalog.App, name string) ([]agent.Volume, error) {
	out := []agent.Volume{}
	specs, err := jobs.Volumes(entry, name)
	if err != nil {
		return nil, err
	}
	have, err := s.volumes(ctx, name)
	if err != nil {
		return nil, err
	}
	for _, spec := range specs {
		v := agent.Volume{Name: spec.Service + "/" + spec.Volume, Kind: spec.Kind}
		if stub := have[spec.Name]; stub != nil {
			full, _, err := s.Nomad.HostVolumes().Get(stub.ID, (&nomad.QueryOptions{}).WithContext(ctx))
			if err != nil {
				return nil, fmt.Errorf("read volume %s: %w", spec.Name, err)
			}
			v.Path = full.HostPath
			s.view.read(func() {
				for _, n := range s.view.nodes {
					if n.ID == full.NodeID {
						v.Node = n.Name
					}
				}
			})
		}
		out = append(out, v)
	}
	return out, nil
}

// Config lists an app's settings and what they are set to.
func (s *Service) Config(ctx context.Context, name string) (_ agent.Config, err error) {
	defer s.tell(&err)
	i, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.Config{}, err
	}
	return agent.Config{Name: name, Settings: slices.Concat(configSettings(entry, i.Settings), replicasSetting(entry, i.Settings), accessSetting(entry, i), s.nodeSetting(entry, i))}, nil
}

func configSettings(entry *catalog.App, given map[string]string) []agent.ConfigSetting {
	out := []agent.ConfigSetting{}
	for _, setting := range entry.Settings {
		c := agent.ConfigSetting{
			Name: setting.Name, Title: setting.Title, Type: setting.Type, Required: setting.Required, Choices: setting.Choices,
			Default: catalog.SettingText(setting.Default), Help: setting.Help, Pattern: setting.Pattern, Min: setting.Min, Max: setting.Max,
			Advanced: setting.Advanced,
		}
		c.Value = c.Default
		if v, ok := given[setting.Name]; ok && setting.Type == "password" {
			c.Given = v != ""
		} else if ok {
			c.Value = v
		}
		out = append(out, c)
	}
	return out
}
