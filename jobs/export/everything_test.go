package export_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dentropy/dcloud/jobs/export"
	"github.com/hashicorp/nomad/api"
)

func ptr[T any](v T) *T { return &v }

// everything is a job that holds about every block that Nomad has words for.
func everything() *api.Job {
	return &api.Job{
		ID: ptr("all"), Name: ptr("All of it"), Namespace: ptr("default"), Type: ptr("service"), Priority: ptr(70),
		Datacenters: []string{"home", "away"}, NodePool: ptr("default"), AllAtOnce: ptr(false),
		Meta: map[string]string{"dcloud.app": "all", "plain": "1"},
		UI:   &api.JobUIConfig{Description: "x", Links: []*api.JobUILink{{Label: "a", URL: "https://example.org"}}},
		Constraints: []*api.Constraint{
			{LTarget: "${attr.cpu.arch}", RTarget: "amd64", Operand: "="}, {Operand: "distinct_hosts", RTarget: "true"},
		},
		Affinities: []*api.Affinity{{LTarget: "${meta.rack}", RTarget: "r1", Operand: "=", Weight: ptr(int8(-50))}},
		Spreads:    []*api.Spread{{Attribute: "${node.unique.id}", Weight: ptr(int8(100)), SpreadTarget: []*api.SpreadTarget{{Value: "a", Percent: 30}}}},
		TaskGroups: []*api.TaskGroup{{
			Name: ptr("all"), Count: ptr(0), Meta: map[string]string{"k": "v"},
			Networks: []*api.NetworkResource{{
				Mode: "bridge", Hostname: "h", DNS: &api.DNSConfig{Servers: []string{"1.1.1.1"}},
				ReservedPorts: []api.Port{{Label: "dns", Value: 5353, To: 53, HostNetwork: "lan"}},
				DynamicPorts:  []api.Port{{Label: "http", To: 80}},
			}},
			Volumes:          map[string]*api.VolumeRequest{"d": {Name: "d", Type: "host", Source: "d", AccessMode: "single-node-writer", AttachmentMode: "file-system"}},
			EphemeralDisk:    &api.EphemeralDisk{SizeMB: ptr(50), Sticky: ptr(true)},
			RestartPolicy:    &api.RestartPolicy{Attempts: ptr(3), Interval: ptr(time.Minute), Delay: ptr(3 * time.Second), Mode: ptr("delay"), RenderTemplates: ptr(false)},
			ReschedulePolicy: &api.ReschedulePolicy{Delay: ptr(5 * time.Second), DelayFunction: ptr("exponential"), MaxDelay: ptr(2 * time.Minute), Unlimited: ptr(true), Attempts: ptr(0), Interval: ptr(time.Duration(0))},
			Update:           &api.UpdateStrategy{MaxParallel: ptr(1), Canary: ptr(0), AutoRevert: ptr(false), MinHealthyTime: ptr(1500 * time.Millisecond)},
			Disconnect:       &api.DisconnectStrategy{LostAfter: ptr(87600 * time.Hour), Reconcile: ptr(api.ReconcileOption("keep_original")), Replace: ptr(false)},
			Services:         []*api.Service{{Name: "all-group", PortLabel: "http", Provider: "consul", Meta: map[string]string{"a": "b"}}},
			Tasks:            []*api.Task{everyTask(), {Name: "by-hand", Driver: "raw_exec", Config: map[string]any{"command": "/bin/true"}}},
		}},
	}
}

func everyTask() *api.Task {
	return &api.Task{
		Name: "web", Driver: "docker", User: "1000:1000", Leader: true, KillSignal: "SIGINT", KillTimeout: ptr(30 * time.Second), ShutdownDelay: 3 * time.Second,
		Lifecycle: &api.TaskLifecycle{Hook: "prestart", Sidecar: true},
		Env:       map[string]string{"A": "${NOMAD_PORT_http}", "B.C": "x ${y} %{ if z }", "D": "1\n2\"\\"},
		Meta:      map[string]string{"m": "1"},
		Config: map[string]any{
			"image": "docker.io/x/y:1", "args": []string{`${"\u0024"}{HOME}`, "-x", "", "ein\ttab"}, "pids_limit": 64, "privileged": true, "shm_size": 67108864,
			"labels":  []map[string]any{{"dcloud.app": "all", "plain": "x"}},
			"logging": []map[string]any{{"type": "json-file", "config": []map[string]any{{"max-size": "10m", "tag.x": "1"}}}},
			"mount": []map[string]any{
				{"type": "bind", "source": "local/a", "target": "/a", "readonly": true, "bind_options": []map[string]any{{"propagation": "private"}}},
				{"type": "tmpfs", "target": "/tmp", "tmpfs_options": []map[string]any{{"size": 1000000}}},
			},
			"devices": []map[string]any{{"host_path": "/dev/dri", "container_path": "/dev/dri"}},
			"auth":    []map[string]any{{"username": "u", "password": "p"}},
			"sysctl":  []map[string]any{{"net.core.somaxconn": "1024"}},
			"ulimit":  []map[string]any{{"nofile": "1:2"}},
			"cap_add": []string{},
		},
		Constraints: []*api.Constraint{{LTarget: "${attr.kernel.name}", RTarget: "linux", Operand: "!="}},
		Resources: &api.Resources{CPU: ptr(100), MemoryMB: ptr(128), MemoryMaxMB: ptr(256),
			Devices: []*api.RequestedDevice{{Name: "nvidia/gpu", Count: ptr(uint64(1)), Constraints: []*api.Constraint{{LTarget: "${device.attr.memory}", RTarget: "2 GiB", Operand: ">="}}}}},
		LogConfig: &api.LogConfig{MaxFiles: ptr(1), MaxFileSizeMB: ptr(1), Disabled: ptr(true)},
		Services: []*api.Service{{
			Name: "all", Provider: "consul", PortLabel: "http", AddressMode: "host", Tags: []string{"traefik.http.routers.x.rule=Host(`a.b`) && Path(`/${x}`)"},
			Weights: &api.ServiceWeights{Passing: 3, Warning: 1},
			Checks: []api.ServiceCheck{
				{Name: "health", Type: "http", Path: "/h", Interval: 15 * time.Second, Timeout: 5 * time.Second, Header: map[string][]string{"Host": {"a.b"}, "X-Y": {"1", "2"}}, CheckRestart: &api.CheckRestart{Limit: 3, Grace: ptr(90 * time.Second)}},
				{Name: "script", Type: "script", Command: "sh", Args: []string{"-c", "test \"$A\" = '${B}'"}, Interval: time.Second, Timeout: time.Second},
			},
		}},
		Templates: []*api.Template{
			{DestPath: ptr("secrets/x.env"), EmbeddedTmpl: ptr("{{ with nomadVar \"nomad/jobs/all\" }}\nA={{ .a.Value | toJSON }}\n{{ end }}"), Envvars: ptr(true), Perms: ptr("0600"), ChangeMode: ptr("noop"), ErrMissingKey: ptr(true), Uid: ptr(0), Gid: ptr(70)},
			{DestPath: ptr("local/c"), EmbeddedTmpl: ptr("$${x}\n${HOME}\n%{x}\nEOT\n"), ChangeMode: ptr("script"), ChangeScript: &api.ChangeScript{Command: ptr("/r"), Args: []string{"a"}, Timeout: ptr(time.Minute), FailOnError: ptr(true)}, Wait: &api.WaitConfig{Min: ptr(time.Second), Max: ptr(time.Minute)}, LeftDelim: ptr("<<"), RightDelim: ptr(">>")},
		},
		Artifacts:    []*api.TaskArtifact{{GetterSource: ptr("https://example.org/a.tgz"), RelativeDest: ptr("local/a"), GetterMode: ptr("any"), GetterOptions: map[string]string{"checksum": "sha256:00"}}},
		VolumeMounts: []*api.VolumeMount{{Volume: ptr("d"), Destination: ptr("/d"), ReadOnly: ptr(false), PropagationMode: ptr("private")}},
		Actions:      []*api.Action{{Name: "do", Command: "sh", Args: []string{"-c", "x"}}},
		Identity:     &api.WorkloadIdentity{Name: "default", Env: true, TTL: time.Hour},
		Identities:   []*api.WorkloadIdentity{{Name: "other", Audience: []string{"x"}, File: true}},
	}
}

func TestNomadReadsAJobWithAboutEveryBlockBack(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real Nomad")
	}
	roundTrip(t, everything())
}

func TestNomadReadsHostileTextsBack(t *testing.T) {
	if testing.Short() {
		t.Skip("needs the real Nomad")
	}
	r := rand.New(rand.NewPCG(3, 4))
	parts := []string{"$", "%", "{", "}", "${", "%{", "$${", "\"", "\\", "\n", "\r", "\t", "\x01", "EOT", "\nEOT\n", "a", " ", "${x}", "${NOMAD_x}", "~}", "é", "\u2028", "😀", "#", "*/"}
	text := func() string {
		var b strings.Builder
		for range r.IntN(10) {
			b.WriteString(parts[r.IntN(len(parts))])
		}
		return b.String()
	}
	job := everything()
	task := job.TaskGroups[0].Tasks[0]
	var args []string
	for i := range 2000 {
		task.Env[fmt.Sprintf("V%d", i)] = text()
		args = append(args, text())
	}
	task.Config["args"] = args
	for i := range 300 {
		task.Templates = append(task.Templates, &api.Template{DestPath: ptr(fmt.Sprintf("local/t%d", i)), EmbeddedTmpl: ptr("x" + text())})
	}
	roundTrip(t, job)
}

func TestWhatHCLHasNoWordsForIsAnError(t *testing.T) {
	for name, change := range map[string]func(*api.Job){
		"scaling of a task": func(j *api.Job) {
			j.TaskGroups[0].Tasks[0].ScalingPolicies = []*api.ScalingPolicy{{Type: "vertical_cpu"}}
		},
		"keys that are no names": func(j *api.Job) {
			j.TaskGroups[0].Services[0].Meta = map[string]string{"a b": "c"}
		},
		"no ID": func(j *api.Job) { j.ID = nil },
	} {
		job := everything()
		change(job)
		if text, err := export.Job(job); err == nil {
			t.Errorf("%s: want an error, got %s", name, text)
		}
	}
}
