package diff

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/nomad/api"
)

func ptr[T any](v T) *T { return &v }

// sample is a job with something of each kind that is compared in a way of its own.
func sample() *api.Job {
	return &api.Job{
		ID: ptr("news"), Name: ptr("news"), Type: ptr("service"), Datacenters: []string{"home"},
		Meta:        map[string]string{"dcloud.app": "news", "dcloud.version": "1", "dcloud.hash": "x", "dcloud.intent": "y"},
		Constraints: []*api.Constraint{api.NewConstraint("${attr.cpu.arch}", "set_contains_any", "amd64")},
		TaskGroups: []*api.TaskGroup{{
			Name: ptr("news"), Count: ptr(1),
			Networks: []*api.NetworkResource{{Mode: "bridge", DynamicPorts: []api.Port{{Label: "web", To: 8080}}}},
			Volumes:  map[string]*api.VolumeRequest{"news_web_data": {Name: "news_web_data", Type: "host", Source: "news_web_data"}},
			Tasks: []*api.Task{{
				Name: "web", Driver: "docker", KillTimeout: ptr(90 * time.Second),
				Config:    map[string]any{"image": "x:1", "args": []string{"serve"}, "labels": []map[string]any{{"dcloud.app": "news"}}},
				Env:       map[string]string{"LOG": "info", "EMPTY": ""},
				Resources: &api.Resources{CPU: ptr(100), MemoryMB: ptr(128)},
				Services: []*api.Service{{Name: "news", PortLabel: "web", Tags: []string{"a"},
					Checks: []api.ServiceCheck{{Name: "health", Type: "http", Path: "/h", Interval: 10 * time.Second}}}},
				Templates: []*api.Template{{DestPath: ptr("secrets/x"), EmbeddedTmpl: ptr("P={{ with nomadVar \"nomad/jobs/news\" }}{{ .p }}{{ end }}")},
					{DestPath: ptr("local/conf"), EmbeddedTmpl: ptr("one\ntwo\nthree\n")}},
				VolumeMounts: []*api.VolumeMount{{Volume: ptr("news_web_data"), Destination: ptr("/data")}},
			}},
		}},
	}
}

func TestADifferenceIsNamedByTheAddressOfAnOverride(t *testing.T) {
	new := sample()
	g := new.TaskGroups[0]
	web := g.Tasks[0]
	web.Env["LOG"], web.Env["MORE"] = "debug", "a \"b\""
	delete(web.Env, "EMPTY")
	web.Config["args"] = []any{"serve", "--verbose"}
	web.Config["labels"].([]map[string]any)[0]["x"] = "y"
	web.Resources.MemoryMB = ptr(256)
	web.KillTimeout = ptr(time.Minute)
	web.Services[0].Tags = []string{"a", "b"}
	web.Services[0].Checks[0].Path = "/ready"
	*web.Templates[0].EmbeddedTmpl += "more"
	*web.Templates[1].EmbeddedTmpl = "one\nTWO\nthree\n"
	new.Constraints = append([]*api.Constraint{api.NewConstraint("${node.unique.name}", "=", "pi1")}, new.Constraints...)
	g.Networks[0].DynamicPorts = append(g.Networks[0].DynamicPorts, api.Port{Label: "admin", To: 9090})
	g.Tasks = append(g.Tasks, &api.Task{Name: "side", Driver: "docker", Config: map[string]any{"image": "y:2"}})
	new.Meta["dcloud.hash"], new.Meta["dcloud.version"] = "z", "2"

	want := []Change{
		{"constraint[0]", Added, "", `attribute = "${node.unique.name}", value = "pi1", operator = "="`},
		{"group.news.task.web.config.args", Changed, `["serve"]`, `["serve", "--verbose"]`},
		{"group.news.task.web.config.labels.x", Added, "", `"y"`},
		{"group.news.task.web.env.EMPTY", Removed, `""`, ""},
		{"group.news.task.web.env.LOG", Changed, `"info"`, `"debug"`},
		{"group.news.task.web.env.MORE", Added, "", `"a \"b\""`},
		{"group.news.task.web.service.news.tags", Changed, `["a"]`, `["a", "b"]`},
		{"group.news.task.web.service.news.check.health.path", Changed, `"/h"`, `"/ready"`},
		{"group.news.task.web.resources.memory", Changed, "128", "256"},
		{"group.news.task.web.kill_timeout", Changed, `"1m30s"`, `"1m"`},
		{`group.news.task.web.template["secrets/x"].data`, Changed, hiddenTemplate, hiddenTemplate},
		{`group.news.task.web.template["local/conf"].data`, Changed, "… (1 lines)\ntwo\n… (2 lines)", "… (1 lines)\nTWO\n… (2 lines)"},
		{"group.news.task.side.driver", Added, "", `"docker"`},
		{"group.news.task.side.config.image", Added, "", `"y:2"`},
		{"group.news.network.port.admin.to", Added, "", "9090"},
		{`meta["dcloud.version"]`, Changed, `"1"`, `"2"`},
	}
	if d := cmp.Diff(want, Jobs(sample(), new)); d != "" {
		t.Error(d)
	}
}

func TestWhatIsThereTheOtherWayRoundIsTheSameDifferenceTheOtherWayRound(t *testing.T) {
	turned := map[string]string{Added: Removed, Removed: Added, Changed: Changed}
	for seed := range 200 {
		a, b := mutated(seed), mutated(seed+1000)
		forth, back := map[string]Change{}, map[string]Change{}
		for _, c := range Jobs(a, b) {
			if _, twice := forth[c.Address]; twice {
				t.Fatalf("seed %d: %s is told twice", seed, c.Address)
			}
			forth[c.Address] = c
		}
		for _, c := range Jobs(b, a) {
			back[c.Address] = Change{c.Address, turned[c.Op], c.New, c.Old}
		}
		if d := cmp.Diff(forth, back); d != "" {
			t.Fatalf("seed %d: %s", seed, d)
		}
	}
}

func TestAJobDoesNotDifferFromItselfAlsoAfterJSON(t *testing.T) {
	for seed := range 200 {
		job := mutated(seed)
		text, err := json.Marshal(job)
		if err != nil {
			t.Fatal(err)
		}
		var again api.Job
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if got := Jobs(job, &again); len(got) > 0 {
			t.Fatalf("seed %d: %+v", seed, got)
		}
	}
	if got := Jobs(nil, nil); got != nil {
		t.Errorf("nothing and nothing differ: %v", got)
	}
}

// mutated is a job that differs from the sample by chance.
func mutated(seed int) *api.Job {
	r := rand.New(rand.NewPCG(uint64(seed), 7))
	job := sample()
	task := job.TaskGroups[0].Tasks[0]
	word := func() string { return []string{"a", "b.c", "d e", "ä\x1b[1m", "x\ny", "${node.name}"}[r.IntN(6)] }
	for range r.IntN(8) {
		switch r.IntN(7) {
		case 0:
			task.Env[word()] = word()
		case 1:
			task.Config[word()] = []any{word(), r.IntN(3), true}
		case 2:
			task.Config["mount"] = []map[string]any{{"type": word()}, {"type": word(), "n": r.IntN(2)}}
		case 3:
			job.Constraints = append(job.Constraints, api.NewConstraint(word(), "=", word()))
		case 4:
			task.Templates = append(task.Templates, &api.Template{DestPath: ptr(word()), EmbeddedTmpl: ptr(word() + "\n" + word())})
		case 5:
			task.Resources.MemoryMB = ptr(r.IntN(3) * 64)
		case 6:
			task.Services = append(task.Services, &api.Service{Name: word(), Tags: []string{word()}})
		}
	}
	return job
}

func TestNoDifferenceTellsASecret(t *testing.T) {
	const secret = "hunter2hunter2"
	new := sample()
	web := new.TaskGroups[0].Tasks[0]
	for _, name := range []string{"DB_PASSWORD", "SMTP_PASS", "API_TOKEN", "SECRET", "APP_KEY", "AWS_SECRET_ACCESS_KEY", "db.password", "POSTGRES_PASSWORD_2"} {
		web.Env[name] = secret
	}
	web.Env["DATABASE_URL"] = "postgres://miniflux:" + secret + "@127.0.0.1/x"
	web.Env["FILE"] = "user = ada\npassword = " + secret + "\n\"api_key\": \"" + secret + "\"\n"
	web.Config["auth"] = []map[string]any{{"username": "ada", "password": secret}}
	web.Config["args"] = []any{"--port", "80", "--db-password=" + secret}
	web.Config["command"] = []any{"run", "--password", secret}
	web.Config["mount"] = []map[string]any{{"target": "/x", "token": secret}, {"target": "/y"}}
	*web.Templates[1].EmbeddedTmpl = "one\nurl: http://a:" + secret + "@b/\n"
	web.Templates = append(web.Templates, &api.Template{DestPath: ptr("local/z"),
		EmbeddedTmpl: ptr("{{ with nomadVar \"nomad/jobs/news\" }}" + secret + "{{ end }}")})
	text, err := json.Marshal([]any{Jobs(sample(), new), Jobs(new, sample()), Jobs(nil, new)})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), secret) {
		t.Errorf("a secret is told: %s", text)
	}
	for _, wanted := range []string{"DB_PASSWORD", "DATABASE_URL", "config.auth.password", "(hidden)", "ada"} {
		if !strings.Contains(string(text), wanted) {
			t.Errorf("nothing is said of %s: %s", wanted, text)
		}
	}
}

func TestALongValueIsCutAndATerminalIsGivenNoOrders(t *testing.T) {
	new := sample()
	new.TaskGroups[0].Tasks[0].Env["LONG"] = strings.Repeat("ä", 5000)
	new.TaskGroups[0].Tasks[0].Env["COLOUR"] = "\x1b[31mred\u202e"
	new.TaskGroups[0].Tasks[0].Env["LINES"] = "a\nb\x1b[2J"
	for _, c := range Jobs(sample(), new) {
		if len(c.New) > longest+40 || strings.ContainsAny(c.New, "\x1b\u202e") {
			t.Errorf("%s: %q", c.Address, c.New)
		}
	}
}

// FuzzJobs holds that no two jobs, however odd, make it panic or differ from
// themselves.
func FuzzJobs(f *testing.F) {
	one, _ := json.Marshal(sample())
	f.Add(one, []byte(`{"TaskGroups":[{"Tasks":[{"Config":{"a":[{"b":null},3]}},null]},null]}`))
	f.Add([]byte(`{"Meta":{"":""}}`), []byte(`{"TaskGroups":[{"Name":"a"},{"Name":"a"}]}`))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		var old, new api.Job
		if json.Unmarshal(a, &old) != nil || json.Unmarshal(b, &new) != nil {
			return
		}
		Jobs(&old, &new)
		if got := Jobs(&old, &old); len(got) > 0 {
			t.Fatal(got)
		}
	})
}
