package jobs

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/nomad/api"
)

// ephemeralDisk is what a group reserves for its allocation directory, in MB.
// Only rendered templates are in there: logs are Docker's, data is in volumes.
// Nomad's default of 300 would fill a small card with reservations alone.
const ephemeralDisk = 50

// appName is what an app may be called: it becomes a job, a host name and part
// of the names of volumes.
var appName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// Build turns an intent into the Nomad job that carries it out. The job is ready
// to be registered once its volumes (Volumes) and, if the entry has secrets,
// its Nomad Variable (SecretsPath) exist. What is wrong with the input is an
// *Error that says where; what is wrong with the override, override.Problems.
func Build(in Input) (*api.Job, error) {
	if in.Entry == nil || !appName.MatchString(in.Intent.Name) {
		return nil, errorf("choose a name of lowercase letters, digits and hyphens, such as notes-2", "%q cannot be the name of an app", in.Intent.Name)
	}
	job, err := build(in)
	if err != nil {
		return nil, at(err, "app %s", in.Intent.Name)
	}
	return job, nil
}

func build(in Input) (*api.Job, error) {
	group, err := taskGroup(in)
	if err != nil {
		return nil, err
	}
	job := &api.Job{
		ID: ptr(in.Intent.Name), Name: ptr(in.Intent.Name), Namespace: ptr("default"),
		Type: ptr("service"), Datacenters: []string{in.Pool.Datacenter},
		Constraints: constraints(in),
		TaskGroups:  []*api.TaskGroup{group},
		Meta: map[string]string{
			MetaApp: in.Intent.Name, MetaEntry: in.Entry.Name, MetaVersion: orElse(in.Entry.Version, "0"),
		},
	}
	if len(in.Entry.Secrets) > 0 || len(in.Intent.Passwords) > 0 {
		job.Meta[MetaSecrets] = strconv.FormatUint(in.Intent.SecretsRevision, 10)
	}
	if in.Intent.Restarts > 0 {
		job.Meta[MetaRestarts] = strconv.Itoa(in.Intent.Restarts)
	}
	if job, err = overridden(in, job); err != nil {
		return nil, err
	}
	job.Meta[MetaHash] = Hash(job)
	return job, nil
}

// taskGroup is the one group of an app: its services run together on one node,
// once, or as often as replicas are asked for.
func taskGroup(in Input) (*api.TaskGroup, error) {
	services := in.Entry.Services
	if len(services) == 0 {
		return nil, errorf(hintEntry, "the entry has no service to run")
	}
	if err := distinctHosts(in); err != nil {
		return nil, err
	}
	p, err := groupPorts(services)
	if err != nil {
		return nil, err
	}
	o, err := startOrder(services)
	if err != nil {
		return nil, err
	}
	count, err := replicas(in)
	if err != nil {
		return nil, err
	}
	g := &api.TaskGroup{
		Name: ptr(in.Intent.Name), Count: ptr(count),
		Networks:         []*api.NetworkResource{p.network},
		Volumes:          volumeRequests(in.Intent.Name, services),
		EphemeralDisk:    &api.EphemeralDisk{SizeMB: ptr(ephemeralDisk)},
		RestartPolicy:    restartPolicy(),
		ReschedulePolicy: reschedulePolicy(),
		Update:           updateStrategy(),
	}
	if count > 1 {
		g.Update, g.Spreads = rolling(), spread()
	}
	if hasVolumes(in.Entry) {
		g.Disconnect = stays()
	}
	sc := scope(in)
	n := &names{app: in.Intent.Name, taken: map[string]bool{}}
	for _, s := range services {
		t, err := task(in, s, sc, o, p, n)
		if err != nil {
			return nil, at(err, "service %s", s.Name)
		}
		if count > 1 {
			gate(t.Services)
			if len(s.Exposes) > 0 {
				t.ShutdownDelay = copyLeaves
			}
		}
		g.Tasks = append(g.Tasks, t)
	}
	if len(o.ports) > 0 {
		g.Tasks = append(g.Tasks, o.waitTask(in))
	}
	return g, nil
}

// distinctHosts refuses two exposed ports that would answer to one name.
func distinctHosts(in Input) error {
	seen := map[string]bool{}
	for _, host := range Hosts(in) {
		if seen[host] {
			return errorf("give all but one of them a subdomain", "two exposed ports answer to %s", host)
		}
		seen[host] = true
	}
	return nil
}

// constraints hold the app to machines that its images are built for, to the node
// that it was pinned to, and to the one that its data or device is on. (Ports of the
// machine are asked for in the group's network; Nomad knows no devices beyond those
// that plugins tell of.)
func constraints(in Input) []*api.Constraint {
	var list []*api.Constraint
	if archs := in.Entry.Architectures; len(archs) > 0 {
		list = append(list, api.NewConstraint("${attr.cpu.arch}", "set_contains_any", strings.Join(archs, ",")))
	}
	if in.Intent.Node != "" {
		list = append(list, api.NewConstraint("${node.unique.name}", "=", in.Intent.Node))
	}
	if in.Intent.Home != "" {
		list = append(list, api.NewConstraint("${node.unique.id}", "=", in.Intent.Home))
	}
	return list
}

// restartPolicy starts a task again for ever, in place: what makes it end is seldom
// the machine, and data is on no other. Three quick attempts a minute, then the
// rest of that minute off, so that an app that cannot start burns no card.
func restartPolicy() *api.RestartPolicy {
	return &api.RestartPolicy{
		Attempts: ptr(3), Interval: ptr(time.Minute), Delay: ptr(3 * time.Second), Mode: ptr("delay"),
		RenderTemplates: ptr(false),
	}
}

// reschedulePolicy is for what fails before a task can be restarted, such as the
// network of the group or a lost node: try again for ever, at most 2 minutes apart.
func reschedulePolicy() *api.ReschedulePolicy {
	return &api.ReschedulePolicy{
		Delay: ptr(5 * time.Second), DelayFunction: ptr("exponential"), MaxDelay: ptr(2 * time.Minute), Unlimited: ptr(true),
		Attempts: ptr(0), Interval: ptr(time.Duration(0)),
	}
}

// updateStrategy replaces the one allocation: the old one is stopped before the
// new one starts, since both would write to the same volumes. Going back by
// itself is off, because a database that a new version has migrated cannot.
func updateStrategy() *api.UpdateStrategy {
	return &api.UpdateStrategy{
		MaxParallel: ptr(1), HealthCheck: ptr("checks"), MinHealthyTime: ptr(time.Second),
		// Both count from the placement, so they hold the pull of the images, which
		// the node may take two hours for. Sooner, Nomad would begin anew.
		HealthyDeadline: ptr(150 * time.Minute), ProgressDeadline: ptr(180 * time.Minute),
		AutoRevert: ptr(false), Canary: ptr(0),
	}
}
