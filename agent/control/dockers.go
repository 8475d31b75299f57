package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/jobs"
)

// Labels that jobs puts on containers: how one finds an app's in Docker.
const (
	labelApp     = jobs.LabelApp
	labelService = jobs.LabelService
)

// elsewhere bounds a question to the Docker of another machine.
const elsewhere = 5 * time.Second

// host is a machine whose Docker we speak to.
type host struct {
	node   string
	docker *client.Client
}

// found is a container, and where it is.
type found struct {
	container.Summary
	host
}

func (f found) service() string { return f.Labels[labelService] }

// placesOf lists the machines that an app has or had allocations on, but for this
// one, and those of them that do not answer. It is called under the view's lock.
func (v *view) placesOf(app, self string) (there, gone []string) {
	for _, alloc := range v.allocs[app] {
		name := alloc.NodeName
		if name == self || slices.Contains(there, name) || slices.Contains(gone, name) {
			continue
		}
		at := slices.IndexFunc(v.nodes, func(n *nomad.NodeListStub) bool { return n.Name == name })
		switch {
		case at >= 0 && v.nodes[at].Status == nomad.NodeStatusReady:
			there = append(there, name)
		case alloc.DesiredStatus == nomad.AllocDesiredStatusRun:
			gone = append(gone, name)
		}
	}
	slices.Sort(there)
	slices.Sort(gone)
	return there, gone
}

// hosts lists the machines whose containers of an app can be asked for, this one
// first, and names those that cannot. close is to be called when all is done.
func (s *Service) hosts(app string) (hosts []host, gone []string, closeAll func()) {
	hosts = []host{{s.Node, s.Docker}}
	var there []string
	if s.Members.DockerAt != nil { // a cloud of one has no other
		s.view.read(func() { there, gone = s.view.placesOf(app, s.Node) })
	}
	for _, node := range there {
		docker, err := s.Members.DockerAt(node)
		if err != nil {
			s.Log.Warn("a machine's containers cannot be asked for", "app", app, "node", node, "err", err)
			gone = append(gone, node)
			continue
		}
		hosts = append(hosts, host{node, docker})
	}
	return hosts, gone, func() {
		for _, h := range hosts[1:] {
			_ = h.docker.Close()
		}
	}
}

// containers lists an app's containers on some machines, dead ones too, oldest
// first, and names the machines that did not answer. This machine's own Docker must.
func (s *Service) containers(ctx context.Context, hosts []host, app, service string) (all []found, silent []string, err error) {
	lists, errs := make([][]found, len(hosts)), make([]error, len(hosts))
	var wg sync.WaitGroup
	for k, h := range hosts {
		wg.Go(func() {
			ctx := ctx
			if h.node != s.Node {
				bounded, cancel := context.WithTimeout(ctx, elsewhere)
				defer cancel()
				ctx = bounded
			}
			lists[k], errs[k] = h.list(ctx, app, service)
		})
	}
	wg.Wait()
	for k, h := range hosts {
		switch {
		case errs[k] != nil && h.node == s.Node:
			return nil, nil, errs[k]
		case errs[k] != nil:
			s.Log.Warn("a machine does not tell its containers", "app", app, "node", h.node, "err", errs[k])
			silent = append(silent, h.node)
		}
		all = append(all, lists[k]...)
	}
	slices.SortStableFunc(all, func(a, b found) int { return cmp.Compare(a.Created, b.Created) })
	return all, silent, nil
}

// list asks one machine for an app's containers, "" for all apps'.
func (h host) list(ctx context.Context, app, service string) ([]found, error) {
	label := labelApp
	if app != "" {
		label += "=" + app
	}
	f := filters.NewArgs(filters.Arg("label", label))
	if service != "" {
		f.Add("label", labelService+"="+service)
	}
	list, err := h.docker.ContainerList(ctx, container.ListOptions{All: true, Filters: f})
	if err != nil {
		return nil, fmt.Errorf("list the containers of %s: %w", app, err)
	}
	out := make([]found, len(list))
	for k, c := range list {
		out[k] = found{c, h}
	}
	slices.SortStableFunc(out, func(a, b found) int { return cmp.Compare(a.Created, b.Created) })
	return out, nil
}

// unanswered says that nothing is to be had of an app since its machines are away.
func unanswered(app string, gone []string) error {
	return agent.Errorf(agent.CodeUnavailable, "%s is on %s, which does not answer", app, strings.Join(gone, ", ")).
		WithHint("see what is wrong with: dcloud node list")
}
