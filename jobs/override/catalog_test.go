package override_test

import (
	"testing"

	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/hashicorp/nomad/api"
)

// The rules have nothing against what is generated: whoever changes one field of a
// task, service or template is not told of another that they did not write.
func TestWhatIsGeneratedIsNoProblemOfTheOverride(t *testing.T) {
	all, problems := catalog.Embedded() // problems of entries are for the catalog's tests
	if all == nil || len(all.Entries()) == 0 {
		t.Fatal(problems)
	}
	for _, entry := range all.Entries() {
		in := jobs.Input{
			Entry:  entry,
			Intent: jobs.Intent{Name: entry.Name, Settings: entry.SampleScope().Settings},
			Pool:   jobs.Pool{Domain: "dcloud.localhost", Scheme: "http", HTTPPort: 80, HTTPSPort: 443, Timezone: "Europe/Berlin", Datacenter: "home", SelfImage: "dcloud.local/dcloud:1"},
		}
		job, err := jobs.Build(in)
		if err != nil {
			t.Errorf("%s: %v", entry.Name, err)
			continue
		}
		parsed := touchAll(job)
		w, problems := override.Parse(entry.Name+".hcl", []byte(partialText(t, parsed)))
		if w == nil {
			t.Fatalf("%s: %v", entry.Name, problems)
		}
		result, risks, problems := override.New(w, parsed).Apply(job, override.Allow{Hosts: jobs.Hosts(in)})
		if len(problems) > 0 || len(risks) > 0 {
			t.Errorf("%s: %v %v", entry.Name, problems, risks)
		} else if len(override.Changes(job, result)) < len(job.TaskGroups[0].Tasks) {
			t.Errorf("%s: it changed only %v", entry.Name, override.Changes(job, result))
		}
	}
}

// touchAll writes a harmless field of all that has a name.
func touchAll(job *api.Job) *api.Job {
	p := &api.Job{ID: job.ID, Name: job.Name}
	for _, g := range job.TaskGroups {
		pg := &api.TaskGroup{Name: g.Name}
		for _, t := range g.Tasks {
			pt := &api.Task{Name: t.Name, Env: map[string]string{"TOUCHED": "1"}, Config: map[string]any{"tty": true}}
			for _, s := range t.Services {
				pt.Services = append(pt.Services, &api.Service{Name: s.Name, OnUpdate: "ignore"})
			}
			for _, tmpl := range t.Templates {
				pt.Templates = append(pt.Templates, &api.Template{DestPath: tmpl.DestPath, Once: ptr(true)})
			}
			for _, m := range t.VolumeMounts {
				pt.VolumeMounts = append(pt.VolumeMounts, &api.VolumeMount{Volume: m.Volume, Destination: m.Destination, SELinuxLabel: ptr("z")})
			}
			pg.Tasks = append(pg.Tasks, pt)
		}
		p.TaskGroups = append(p.TaskGroups, pg)
	}
	return p
}
