package sample

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dentropy/dcloud/agent"
)

// apps are one in each state, and some that are well.
func apps(now time.Time) []agent.App {
	a := func(name, entry, version, state, node, access, reason string) agent.App {
		x := agent.App{Name: name, Entry: entry, Version: version, State: state, Node: node, Access: access, Reason: reason,
			URL: "https://" + name + ".ada.xyz", Replicas: 1, Running: 1}
		if state != agent.StateRunning {
			x.Running = 0
		}
		return x
	}
	shared := a("whoami", "whoami", "1.12.0", agent.StateDegraded, "pi1,pi2", "public", "pi2 does not answer: 1 of 2 copies runs")
	shared.Replicas, shared.Running = 2, 1
	sync := a("syncthing", "syncthing", "2.1.3", agent.StateRunning, "pi1", "private", "")
	sync.URL = ""
	return []agent.App{
		a("files", "filebrowser", "2.63.23", agent.StateRunning, "pi1", "app", ""),
		a("gitea", "gitea", "1.27.2", agent.StateStopped, "pi1", "app", ""),
		a("jellyfin", "jellyfin", "10.11.11", agent.StateFailed, "pi1", "app", "it ended with exit code 137: it needs more memory than it may use"),
		a("miniflux", "miniflux", "2.2.15", agent.StateRunning, "pi1", "app", ""),
		a("nextcloud", "nextcloud", "34.0.2", agent.StateInstalling, "pi1", "app", ""),
		a("site", "static", "1.30.4", agent.StateRunning, "vps1", "public", ""),
		sync,
		a("vaultwarden", "vaultwarden", "1.37.1", agent.StateDegraded, "pi2", "members", "pi2 does not answer"),
		shared,
	}
}

// stateful are the entries that keep data.
var stateful = []string{"filebrowser", "gitea", "jellyfin", "miniflux", "nextcloud", "syncthing", "vaultwarden", "wordpress"}

func detail(a agent.App, e agent.Entry, now time.Time) agent.AppDetail {
	d := agent.AppDetail{App: a, Title: e.Title, Notes: e.Notes, Settings: map[string]string{}, Secrets: []string{"admin_password"}, Volumes: []agent.Volume{},
		Created: now.Add(-40 * 24 * time.Hour), Updated: now.Add(-26 * time.Hour), Actor: "owner"}
	for _, s := range e.Settings {
		d.Settings[s.Name] = s.Default
	}
	service := agent.Service{Name: "web", Image: "docker.io/" + a.Entry + "/" + a.Entry + ":" + a.Version, State: "running", Health: "passing", Node: a.Node, Address: "10.77.0.1:24130"}
	switch a.State {
	case agent.StateFailed:
		service.State, service.Health, service.Restarts, service.Message = "dead", "critical", 4, "Exit Code: 137, Exit Message: \"OOM Killed\""
	case agent.StateStopped:
		service.State, service.Health = "dead", ""
	case agent.StateInstalling:
		service.State, service.Health = "pending", ""
	}
	d.Services = []agent.Service{service}
	if slices.Contains(stateful, a.Entry) {
		d.Volumes = append(d.Volumes, agent.Volume{Name: "web/data", Kind: "data", Path: "/var/lib/dcloud/volumes/" + a.Name + "_web_data", Node: a.Node})
		db := service
		db.Name, db.Image, db.Address = "database", "docker.io/library/postgres:18.1", ""
		if a.Entry != "filebrowser" && a.Entry != "syncthing" {
			d.Services = append(d.Services, db)
			d.Volumes = append(d.Volumes, agent.Volume{Name: "database/data", Kind: "database", Path: "/var/lib/dcloud/volumes/" + a.Name + "_database_data", Node: a.Node})
		}
	}
	return d
}

// Fill adds apps until there are n.
func (c *Cloud) Fill(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	running := known()
	for k := 0; len(c.apps) < n; k++ {
		e := running[k%len(running)]
		name := fmt.Sprintf("%s-%d", e.Name, k/len(running)+2)
		if c.apps[name] != nil {
			continue
		}
		a := agent.App{Name: name, Entry: e.Name, Version: e.Version, State: agent.StateRunning, URL: "https://" + name + "." + c.settings.Domain,
			Node: "pi1", Access: e.Access, Replicas: 1, Running: 1}
		c.apps[name] = &app{AppDetail: detail(a, e, c.now()), entry: e}
	}
	c.changed()
}

// sorted are the apps by name. mu is held.
func (c *Cloud) sorted() []*app {
	return slices.SortedFunc(maps.Values(c.apps), func(a, b *app) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
}

// Apps are all apps.
func (c *Cloud) Apps(ctx context.Context) ([]agent.App, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Apps"); err != nil {
		return nil, err
	}
	out := []agent.App{}
	for _, a := range c.sorted() {
		out = append(out, a.App)
	}
	return out, nil
}

func (c *Cloud) app(name string) (*app, error) {
	if a := c.apps[name]; a != nil {
		return a, nil
	}
	return nil, agent.Errorf(agent.CodeNotFound, "there is no app called %q", clip(name)).WithHint("see what there is with: dcloud app list")
}

// App is one app.
func (c *Cloud) App(ctx context.Context, name string) (agent.AppDetail, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "App"); err != nil {
		return agent.AppDetail{}, err
	}
	a, err := c.app(name)
	if err != nil {
		return agent.AppDetail{}, err
	}
	d := a.AppDetail
	d.Settings, d.Services, d.Volumes = maps.Clone(d.Settings), slices.Clone(d.Services), slices.Clone(d.Volumes)
	return d, nil
}

// Config are an app's settings.
func (c *Cloud) Config(ctx context.Context, name string) (agent.Config, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Config"); err != nil {
		return agent.Config{}, err
	}
	a, err := c.app(name)
	if err != nil {
		return agent.Config{}, err
	}
	out := agent.Config{Name: name, Settings: slices.Clone(a.entry.Settings)}
	for k, s := range out.Settings {
		out.Settings[k].Value = a.Settings[s.Name]
	}
	return out, nil
}

// Secrets are those of an app that may be seen.
func (c *Cloud) Secrets(ctx context.Context, name string) (map[string]string, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Secrets"); err != nil {
		return nil, err
	}
	if _, err := c.app(name); err != nil {
		return nil, err
	}
	return map[string]string{"admin_password": "sample-Dq7w-41xU-Zt9e"}, nil
}

// Job is an app's job.
func (c *Cloud) Job(ctx context.Context, name string) (agent.JobText, error) {
	defer c.mu.Unlock()
	if err := c.ok(ctx, "Job"); err != nil {
		return agent.JobText{}, err
	}
	a, err := c.app(name)
	if err != nil {
		return agent.JobText{}, err
	}
	hcl := fmt.Sprintf("# The app %[1]s of Dentropy Cloud, as it runs.\njob %[1]q {\n  type = \"service\"\n  group %[1]q {\n    task \"web\" {\n      driver = \"docker\"\n      config {\n        image = %[2]q\n      }\n    }\n  }\n}\n", name, a.Services[0].Image)
	return agent.JobText{Name: name, HCL: hcl, JSON: fmt.Sprintf("{\n  \"ID\": %q,\n  \"Type\": \"service\",\n  \"TaskGroups\": [\n    {\n      \"Name\": \"web\",\n      \"Tasks\": [\n        {\n          \"Name\": \"web\",\n          \"Driver\": \"docker\",\n          \"Config\": {\"image\": %q}\n        }\n      ]\n    }\n  ]\n}", name, a.Services[0].Image)}, nil
}
