package control

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// nameForm is what an app and a subdomain may be called: one DNS label that is
// also a good Nomad job and Consul service name.
var nameForm = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$`)

// reserved are subdomains that the cloud needs itself.
var reserved = map[string]bool{"panel": true, "www": true}

// draft is an install that has been checked and not begun.
type draft struct {
	intent  *Intent
	entry   *catalog.App
	input   jobs.Input
	place   placement
	volumes []jobs.VolumeSpec
	secrets []string          // names of those to be made
	fresh   map[string]string // passwords to be kept, by item
	left    *kept             // the note on an app of the same name that was removed
}

// Install checks a request, records it and returns; the operation's events tell
// what comes of it.
func (s *Service) Install(ctx context.Context, req agent.InstallRequest) (_ agent.Operation, err error) {
	defer s.tell(&err)
	d, err := s.draft(ctx, req)
	if err != nil {
		return agent.Operation{}, err
	}
	i := d.intent
	p := &progress{s: s, op: i.Op.ID, app: i.Name}
	i.note = beginInstall(d, req)
	if err := s.keepPasswords(ctx, i.Name, d.fresh); err != nil {
		return agent.Operation{}, err
	}
	if err := s.store.create(ctx, i, d.left); err != nil {
		s.takePasswordsBack(ctx, i.Name, d.fresh)
		return agent.Operation{}, err
	}
	p.done(agent.StageResolve, fmt.Sprintf("%s %s", d.entry.Title, d.entry.Version))
	p.done(agent.StageCheck, "fits "+d.place.names())
	s.awaitIntents(ctx, i.index)
	s.work.wake()
	return agent.Operation{ID: i.Op.ID, App: i.Name}, nil
}

// draft resolves a request and checks all that can be known before anything is
// touched. Where the app fits on no machine, the draft comes with the error.
func (s *Service) draft(ctx context.Context, req agent.InstallRequest) (*draft, error) {
	entry, err := s.entry(ctx, req.Entry)
	if err != nil {
		return nil, err
	}
	i := &Intent{
		Name: req.Name, Entry: req.Entry, Version: entry.Version, Subdomain: req.Subdomain, Access: req.Access, Node: req.Node,
		Manifest: string(entry.Text), Desired: desiredRunning,
		Created: s.Now(), Updated: s.Now(), Actor: agent.Actor(ctx),
	}
	if i.Name == "" {
		i.Name = entry.Name
	}
	if i.Subdomain == "" {
		i.Subdomain = i.Name
	}
	if i.Access == "" {
		i.Access = commonAccess(entry)
	}
	if err := checkNames(i); err != nil {
		return nil, err
	}
	if i.Op, err = s.newOp(opInstall); err != nil {
		return nil, err
	}
	d := &draft{intent: i, entry: entry}
	if i.Settings, d.fresh, err = mergeSettings(entry, nil, req.Settings, s.Rand); err != nil {
		return nil, err
	}
	if d.input, err = s.input(i, entry); err != nil {
		return nil, err
	}
	i.Hosts = jobs.Hosts(d.input)
	if err := s.checkFree(ctx, d); err != nil {
		return nil, err
	}
	if err := s.checkLeftovers(ctx, d); err != nil {
		return nil, err
	}
	d.place, err = s.place(ctx, d.input)
	return d, err
}

// commonAccess is the access that all exposed ports of an entry have in common,
// "" if they differ: each then keeps its own.
func commonAccess(entry *catalog.App) string {
	common := ""
	for _, svc := range entry.Services {
		for _, x := range svc.Exposes {
			if common != "" && common != x.Access {
				return ""
			}
			common = x.Access
		}
	}
	return common
}

// entry finds an entry of the catalog, or of a store (STORE/ENTRY).
func (s *Service) entry(ctx context.Context, name string) (*catalog.App, error) {
	if storeNamed(name) != "" {
		return s.foreign(ctx, name)
	}
	c := s.Deps.Catalog()
	entry, ok := c.Get(name)
	if ok {
		return entry, nil
	}
	err := agent.Errorf(agent.CodeNotFound, "the catalog has no app called %q", name)
	if near := c.Nearest(name); near != "" {
		return nil, err.WithHint("did you mean %s? dcloud app install %s", near, near)
	}
	return nil, err.WithHint("look for one with: dcloud app search")
}

func checkNames(i *Intent) error {
	for _, given := range [][2]string{{"name", i.Name}, {"subdomain", i.Subdomain}} {
		what, value := given[0], given[1]
		if !nameForm.MatchString(value) {
			return agent.Errorf(agent.CodeInvalid, "%q cannot be an app's %s", clip(value, 60), what).
				WithHint("use up to 40 small letters, digits and hyphens, beginning with a letter")
		}
	}
	if reserved[i.Subdomain] {
		return agent.Errorf(agent.CodeConflict, "the address %q is the cloud's own", i.Subdomain).
			WithHint("choose another with --subdomain")
	}
	switch i.Access {
	case "", "private", "members", "public", "app":
		return nil
	}
	return agent.Errorf(agent.CodeInvalid, "%q is no kind of access", clip(i.Access, 60)).
		WithHint("choose private, members, public or app")
}

func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// newOp draws an operation's ID.
func (s *Service) newOp(kind string) (*Op, error) {
	id, err := s.newID()
	if err != nil {
		return nil, fmt.Errorf("draw an operation's id: %w", err)
	}
	return &Op{ID: id, Kind: kind, Started: s.Now()}, nil
}

// input makes what jobs.Build takes of an intent.
func (s *Service) input(i *Intent, entry *catalog.App) (jobs.Input, error) {
	replicas, own, wrong := takeReplicas(entry, i.Settings)
	access, own, amiss := takeAccess(entry, own)
	node, own := takeNode(entry, own, i.Node)
	settings, problems := entry.ResolveSettings(own)
	if wrong != "" {
		problems = append(problems, catalog.SettingProblem{Name: jobs.SettingReplicas, Message: wrong})
	}
	if amiss != "" {
		problems = append(problems, catalog.SettingProblem{Name: jobs.SettingAccess, Message: amiss})
	}
	if access == "" {
		access = i.Access
	}
	passwords, unknown := passwordsOf(entry, own)
	problems = append(problems, unknown...)
	if len(problems) > 0 {
		var lines []string
		for _, p := range problems {
			lines = append(lines, p.Name+": "+p.Message)
		}
		return jobs.Input{}, agent.Errorf(agent.CodeInvalid, "a setting is not right: %s", strings.Join(lines, "; ")).
			WithHint("see what %s can be set to with: dcloud app show %s", i.Entry, i.Entry)
	}
	return jobs.Input{
		Entry: entry,
		Pool:  s.Pool,
		Intent: jobs.Intent{
			Name: i.Name, Subdomain: i.Subdomain, Access: access, Node: node, Settings: settings, Restarts: i.Restarts,
			Replicas: replicas, Passwords: passwords,
		},
	}, nil
}

// checkFree says who has the name or an address, before anything is written. The
// write decides it once more.
func (s *Service) checkFree(ctx context.Context, d *draft) error {
	there, err := s.store.intent(ctx, d.intent.Name)
	if err != nil {
		return err
	}
	if there != nil {
		return nameTaken(d.intent.Name)
	}
	if _, err := s.job(ctx, d.intent.Name); err != nil {
		return err
	}
	taken := ""
	s.view.read(func() { taken = firstTaken(d.intent.Hosts, s.view.intents) })
	if taken != "" {
		return hostTaken(taken)
	}
	return nil
}

// firstTaken is the first of an app's hosts that another has, "" for none: what is said
// is the same each time it is asked.
func firstTaken(hosts []string, others map[string]*Intent) string {
	for _, host := range hosts {
		for _, other := range others {
			if slices.Contains(other.Hosts, host) {
				return host
			}
		}
	}
	return ""
}

// checkLeftovers looks at what an app of the same name left behind, and notes
// what this install will make, so that a failure takes back that and no more.
func (s *Service) checkLeftovers(ctx context.Context, d *draft) error {
	i := d.intent
	left, err := s.store.kept(ctx, i.Name)
	if err != nil {
		return err
	}
	if left != nil && left.Entry != "" && left.Entry != i.Entry {
		return agent.Errorf(agent.CodeConflict, "the data of an app called %s is still here, and it was %s", i.Name, left.Entry).
			WithHint("choose another name with --name, or delete that data with: dcloud app remove %s --purge-data", i.Name)
	}
	d.left = left
	if d.volumes, err = jobs.Volumes(d.entry, i.Name); err != nil {
		return agent.Errorf(agent.CodeFailed, "cannot lay out the data of %s: %w", i.Name, err)
	}
	have, err := s.volumes(ctx, i.Name)
	if err != nil {
		return err
	}
	for _, v := range d.volumes {
		if have[v.Name] == nil {
			i.Made.Volumes = append(i.Made.Volumes, v.Name)
		}
	}
	secrets, err := s.readSecrets(ctx, i.Name)
	if err != nil {
		return err
	}
	i.Made.Secrets = onlyGiven(secrets)
	for _, secret := range d.entry.Secrets {
		if secrets == nil || secrets.Items[secret.Name] == "" {
			d.secrets = append(d.secrets, secret.Name)
		}
	}
	return nil
}
