package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
)

// Keys of a job's meta that are control's own; jobs writes the others.
const (
	metaApp    = "dcloud.app"
	metaIntent = "dcloud.intent" // Intent.hash
)

// jobState is what of a job in Nomad matters for telling whether it is as asked.
type jobState struct {
	stopped bool
	intent  string
}

// ownJobs lists the jobs that carry our stamp.
func (s *Service) ownJobs(ctx context.Context) (map[string]jobState, error) {
	q := (&nomad.QueryOptions{}).WithContext(ctx)
	list, _, err := s.Nomad.Jobs().ListOptions(&nomad.JobListOptions{Fields: &nomad.JobListFields{Meta: true}}, q)
	if err != nil {
		return nil, fmt.Errorf("list the jobs: %w", err)
	}
	jobs := map[string]jobState{}
	for _, j := range list {
		if j.Meta[metaApp] == j.ID {
			jobs[j.ID] = jobState{stopped: j.Stop, intent: j.Meta[metaIntent]}
		}
	}
	return jobs, nil
}

// drifted tells whether an app without an operation is not as its intent says,
// given the cloud's domain and front door. jobs is nil when the comparison could
// not be made.
func drifted(i *Intent, jobs map[string]jobState, domain, door string) bool {
	if jobs == nil || i.Op != nil {
		return false
	}
	if !slices.Equal(i.hostsUnder(domain), i.Hosts) {
		return true
	}
	j, there := jobs[i.Name]
	switch i.Desired {
	case desiredRunning:
		return !there || j.stopped || j.intent != i.hash(door)
	case desiredStopped:
		return there && !j.stopped
	}
	return false
}

// job reads a job of ours; nil if there is none. One that is not ours is a conflict.
func (s *Service) job(ctx context.Context, name string) (*nomad.Job, error) {
	job, _, err := s.Nomad.Jobs().Info(name, (&nomad.QueryOptions{}).WithContext(ctx))
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the job of %s: %w", name, err)
	}
	if job.Meta[metaApp] != name {
		return nil, &foreignError{failed(agent.Errorf(agent.CodeConflict, "Nomad has a job called %q that this cloud did not make", name).
			WithHint("it is left alone; choose another name with --name"))}
	}
	return job, nil
}

// foreignError tells of a job that is not ours and is never touched.
type foreignError struct{ error }

func (e *foreignError) Unwrap() error { return e.error }

// isNotFound tells whether Nomad answered 404.
func isNotFound(err error) bool {
	var r nomad.UnexpectedResponseError
	return errors.As(err, &r) && r.StatusCode() == http.StatusNotFound
}
