package override

import (
	"slices"

	"github.com/hashicorp/nomad/api"
)

// joinPorts puts the ports with a number of the machine behind those that Nomad
// finds one for: in HCL they are one kind of block, and a port may go from one to
// the other. splitPorts takes them apart again.
func joinPorts(job *api.Job) {
	for _, n := range networks(job) {
		n.DynamicPorts = append(n.DynamicPorts, n.ReservedPorts...)
		n.ReservedPorts = nil
	}
}

// joined is a job with its ports joined, which shares all else with the job.
func joined(job *api.Job) *api.Job {
	j := *job
	j.TaskGroups = make([]*api.TaskGroup, 0, len(job.TaskGroups))
	for _, g := range job.TaskGroups {
		if g == nil {
			continue
		}
		c := *g
		c.Networks = make([]*api.NetworkResource, 0, len(g.Networks))
		for _, n := range g.Networks {
			if n != nil {
				m := *n
				m.DynamicPorts = slices.Clone(n.DynamicPorts)
				c.Networks = append(c.Networks, &m)
			}
		}
		j.TaskGroups = append(j.TaskGroups, &c)
	}
	joinPorts(&j)
	return &j
}

func splitPorts(job *api.Job) {
	for _, n := range networks(job) {
		var dynamic, reserved []api.Port
		for _, p := range n.DynamicPorts {
			if p.Value > 0 {
				reserved = append(reserved, p)
			} else {
				dynamic = append(dynamic, p)
			}
		}
		n.DynamicPorts, n.ReservedPorts = dynamic, reserved
	}
}

func networks(job *api.Job) []*api.NetworkResource {
	var list []*api.NetworkResource
	for _, g := range job.TaskGroups {
		if g == nil {
			continue
		}
		for _, n := range g.Networks {
			if n != nil {
				list = append(list, n)
			}
		}
	}
	return list
}
