package control

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	consul "github.com/hashicorp/consul/api"
	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
	"github.com/dentropy/dcloud/jobs/override"
	"github.com/dentropy/dcloud/provisioning/node"
)

// overridden is an input with the intent's override in it: read once more, so that a
// newer dcloud with other rules, or a newer entry, is held to it too. What is wrong with
// the text is an *agent.Error with Problems.
func (s *Service) overridden(ctx context.Context, i *Intent, in jobs.Input, file string) (jobs.Input, error) {
	if i.Override == nil {
		return in, nil
	}
	o, problems, err := s.parseOverride(ctx, file, string(i.Override.Text))
	if err != nil {
		return in, err
	}
	if problems.Err() != nil {
		return in, unusable(i.Name, problems)
	}
	if in.Allow, err = s.allowed(ctx, i, in); err != nil {
		return in, err
	}
	in.Override = o
	return in, nil
}

// overrideHolds refuses an intent whose override does not fit (any more): what would
// start could not, and what runs is better left to run.
func (s *Service) overrideHolds(ctx context.Context, i *Intent) error {
	if i.Override == nil {
		return nil
	}
	entry, problems := catalog.Parse(i.Entry+"/app.hcl", []byte(i.Manifest))
	if entry == nil {
		return failed(agent.Errorf(agent.CodeFailed, "the entry of %s cannot be read: %w", i.Name, problems))
	}
	a := asked{intent: i, entry: entry, file: overrideFile}
	if err := s.prepare(ctx, &a); err != nil {
		return err
	}
	return s.build(&a, "")
}

// allowed is what an app's override may refer to.
func (s *Service) allowed(ctx context.Context, i *Intent, in jobs.Input) (override.Allow, error) {
	allow := override.Allow{Privileged: i.Override.Privileged, Hosts: i.hostsUnder(s.Pool.Domain)}
	for _, port := range []int{s.Pool.HTTPPort, s.Pool.HTTPSPort, node.AgentPort, node.ConsulHTTPPort, node.NomadHTTPPort} {
		if port != 0 {
			allow.Ports = append(allow.Ports, port)
		}
	}
	specs, err := jobs.Volumes(in.Entry, i.Name)
	if err != nil {
		return allow, failed(agent.Errorf(agent.CodeFailed, "cannot lay out the data of %s: %w", i.Name, err))
	}
	for _, spec := range specs {
		allow.Volumes = append(allow.Volumes, spec.Name)
	}
	there, _, err := s.Consul.Catalog().Services((&consul.QueryOptions{}).WithContext(ctx))
	if err != nil {
		return allow, fmt.Errorf("list the services: %w", err)
	}
	var apps []string
	s.view.read(func() {
		for _, other := range s.view.intents {
			apps = append(apps, other.Name)
		}
	})
	allow.Taken = func(service string) bool {
		switch owner := ownerOf(service, apps); {
		case owner == i.Name:
			return false
		case owner != "":
			return true // also while it is stopped
		}
		_, known := there[service]
		return known
	}
	return allow, nil
}

// ownerOf is the app whose services are called so, "" for none: APP or APP-…, and of
// apps called feeds and feeds-2 that with the longer name.
func ownerOf(service string, apps []string) string {
	owner := ""
	for _, app := range apps {
		if (service == app || strings.HasPrefix(service, app+"-")) && len(app) > len(owner) {
			owner = app
		}
	}
	return owner
}

// buildOverridden is jobs.Build with the errors that a person gets to see.
func (s *Service) buildOverridden(in jobs.Input, name string) (*nomad.Job, error) {
	job, err := jobs.Build(in)
	var problems override.Problems
	switch {
	case errors.As(err, &problems):
		return nil, unusable(name, problems)
	case err != nil:
		return nil, failed(agent.Errorf(agent.CodeFailed, "cannot build the job: %w", err))
	}
	return job, nil
}

// reviewed tells what an intent's override asks for beyond a container, in words, and
// what stands against it. Only an engine that is away is an error.
func (s *Service) reviewed(ctx context.Context, i *Intent, in jobs.Input) (risks []string, problems []agent.Problem, err error) {
	if i.Override == nil {
		return nil, nil, nil
	}
	with, err := s.overridden(ctx, i, in, overrideFile)
	if found := agent.AsError(err); found != nil && len(found.Problems) > 0 {
		return nil, found.Problems, nil
	}
	if err != nil {
		return nil, nil, err
	}
	asked, found, err := jobs.OverrideRisks(with)
	if err != nil {
		return nil, nil, failed(agent.Errorf(agent.CodeFailed, "cannot build the job: %w", err))
	}
	for _, r := range asked {
		risks = append(risks, r.Message)
	}
	return risks, toldProblems(found), nil
}

// unusable is the error of an override that does not apply.
func unusable(name string, problems override.Problems) error {
	errs := problems.Errors()
	message := "the override of " + name + " cannot be used"
	if len(errs) > 0 {
		message += ": " + briefly(errs[0])
	}
	if len(errs) > 1 {
		message += fmt.Sprintf(" (and %d more)", len(errs)-1)
	}
	return failed(agent.Errorf(agent.CodeInvalid, "%s", message).
		WithHint("correct it with: dcloud app override set %s -f FILE; or take it away with: dcloud app override clear %s", name, name).
		WithProblems(toldProblems(problems)))
}

// briefly is a problem in one sentence: where, and what.
func briefly(p override.Problem) string {
	if p.Line == 0 {
		return p.Message
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Message)
}

// warned begins the words of what is worth knowing and refuses nothing.
const warned = "warning: "

func toldProblems(problems override.Problems) []agent.Problem {
	var out []agent.Problem
	for _, p := range problems {
		message := p.Message
		if p.Warning {
			message = warned + message
		}
		out = append(out, agent.Problem{File: p.File, Line: p.Line, Column: p.Column, Message: message, Hint: p.Hint})
	}
	return out
}

// valid asks Nomad whether it would take a job. What it says is about the whole job:
// there is no line that it could name.
func (s *Service) valid(ctx context.Context, job *nomad.Job, file string) error {
	said, _, err := s.Nomad.Jobs().Validate(job, (&nomad.WriteOptions{}).WithContext(ctx))
	if err != nil {
		return fmt.Errorf("ask Nomad whether it would take the job of %s: %w", *job.ID, err)
	}
	if len(said.ValidationErrors) == 0 && said.Error == "" {
		return nil
	}
	if file == "" {
		file = overrideFile
	}
	var problems override.Problems
	for _, e := range said.ValidationErrors {
		problems = append(problems, override.Problem{File: file, Message: "Nomad would not take the job: " + clip(oneLine(e), 300)})
	}
	if len(problems) == 0 {
		problems = override.Problems{{File: file, Message: "Nomad would not take the job: " + clip(oneLine(said.Error), 300)}}
	}
	return unusable(*job.ID, problems)
}

// counted is what begins a list of Nomad's.
var counted = regexp.MustCompile(`\d+ errors? occurred: `)

// oneLine is a text of Nomad's without the line ends and bullets of its lists.
func oneLine(text string) string {
	line := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\t' || r == ' ' || r == '*' }), " ")
	return counted.ReplaceAllString(line, "")
}

// notTaken is the error of a job that Nomad would refuse: its words are the only ones
// that there are for what is wrong.
func notTaken(err error) error {
	told := rejected(err, "Nomad would not take the job")
	var own *appError
	if errors.As(told, &own) {
		return own.told.WithHint("nothing was changed; see what it would change with: dcloud app plan NAME --override FILE")
	}
	return told
}
