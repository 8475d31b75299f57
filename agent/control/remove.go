package control

import (
	"context"
	"errors"
	"fmt"
	"slices"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
)

// halt stops an app's job and waits until it ended. Its data stays.
func (s *Service) halt(ctx context.Context, i *Intent, p *progress) error {
	p.start(agent.StageStop, "stopping")
	if err := s.stopJob(ctx, i.Name, false); err != nil {
		return err
	}
	if err := s.finish(ctx, i, nil); err != nil {
		return err
	}
	p.finish(agent.StageStop, "stopped", "")
	return nil
}

// stopJob ends a job of ours and waits until its containers ended; with purge Nomad
// forgets it then. A job of somebody else's is left alone.
//
// Purging at once would not do: Nomad forgets the allocations with the job, so that
// nobody could tell when they ended, and data would be deleted under a running app.
func (s *Service) stopJob(ctx context.Context, name string, purge bool) error {
	job, err := s.job(ctx, name)
	if errors.As(err, new(*foreignError)) {
		return nil
	}
	if err != nil {
		return err
	}
	if job != nil && !*job.Stop {
		if err := s.deregister(ctx, name, false); err != nil {
			return err
		}
	}
	if err := s.awaitEnd(ctx, name); err != nil || job == nil || !purge {
		return err
	}
	return s.deregister(ctx, name, true)
}

func (s *Service) deregister(ctx context.Context, name string, purge bool) error {
	_, _, err := s.Nomad.Jobs().DeregisterOpts(name, &nomad.DeregisterOptions{Purge: purge}, (&nomad.WriteOptions{}).WithContext(ctx))
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("stop the job of %s: %w", name, err)
	}
	return nil
}

// remove takes an app away. Its data and secrets stay unless they are purged: the
// same app, installed again under the same name, finds them.
func (s *Service) remove(ctx context.Context, i *Intent, p *progress) error {
	p.start(agent.StageStop, "stopping")
	if err := s.stopJob(ctx, i.Name, true); err != nil {
		return err
	}
	p.done(agent.StageStop, "stopped")
	p.start(agent.StageRemove, "removing")
	s.removeContainers(ctx, i.Name)
	left, message, err := s.leave(ctx, i)
	if err != nil {
		return err
	}
	if err := s.store.delete(ctx, i, left); err != nil {
		return err
	}
	if i.Manifest == "" { // its record was damaged: what hosts it had is not known
		if err := s.store.sweepHosts(ctx); err != nil {
			return err
		}
	}
	s.awaitGone(ctx, i.Name)
	p.finish(agent.StageRemove, message, "")
	return nil
}

// leave deletes or keeps what an app had, and says which.
func (s *Service) leave(ctx context.Context, i *Intent) (*kept, string, error) {
	if i.Op != nil && i.Op.Purge {
		n, err := s.deleteVolumes(ctx, i.Name, func(string) bool { return true })
		if err != nil {
			return nil, "", err
		}
		if err := s.deleteSecrets(ctx, i.Name); err != nil {
			return nil, "", err
		}
		return nil, fmt.Sprintf("removed, with all its data (%s)", count(n, "folder", "deleted")), nil
	}
	have, err := s.volumes(ctx, i.Name)
	if err != nil {
		return nil, "", err
	}
	if len(have) == 0 {
		// Without data nothing depends on the old passwords.
		return nil, "removed; it had no data", s.deleteSecrets(ctx, i.Name)
	}
	// What the app made for itself its data may depend on; what people gave they have.
	if err := s.dropPasswords(ctx, i.Name, func(string) bool { return true }); err != nil {
		return nil, "", err
	}
	left := &kept{Name: i.Name, Entry: i.Entry, Removed: s.Now(), Actor: i.Actor}
	return left, "removed; its data is kept and found again by the next install under this name", nil
}

// takeBack removes all that a failed install made, and nothing that was there before.
func (s *Service) takeBack(ctx context.Context, i *Intent, p *progress) error {
	p.update(agent.StageRemove, "taking back what was made", percentAt[agent.StageRemove])
	if err := s.stopJob(ctx, i.Name, true); err != nil {
		return err
	}
	s.removeContainers(ctx, i.Name)
	if _, err := s.deleteVolumes(ctx, i.Name, func(name string) bool { return slices.Contains(i.Made.Volumes, name) }); err != nil {
		return err
	}
	if i.Made.Secrets {
		if err := s.deleteSecrets(ctx, i.Name); err != nil {
			return err
		}
	} else if err := s.dropPasswords(ctx, i.Name, func(string) bool { return true }); err != nil {
		return err
	}
	left, err := s.store.kept(ctx, i.Name)
	if err != nil {
		return err
	}
	have, err := s.volumes(ctx, i.Name)
	if err != nil {
		return err
	}
	if len(have) > 0 && left == nil { // there before, with nobody's note: now it has one
		left = &kept{Name: i.Name, Entry: i.Entry, Removed: s.Now(), Actor: i.Actor}
	}
	if err := s.store.delete(ctx, i, left); err != nil {
		return err
	}
	s.awaitGone(ctx, i.Name)
	return nil
}

// awaitGone waits until the view no longer shows an app, so that who hears of its
// end does not still find it in the list.
func (s *Service) awaitGone(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(ctx, lateView)
	defer cancel()
	_ = s.view.await(ctx, func() (bool, error) { return s.view.intents[name] == nil, nil })
}

// installed reads an app's intent and entry, or says that there is no such app.
func (s *Service) installed(ctx context.Context, name string) (*Intent, *catalog.App, error) {
	i, err := s.store.intent(ctx, name)
	if err != nil {
		return nil, nil, err
	}
	if i == nil || i.Desired == desiredRemoved && i.Manifest == "" {
		return nil, nil, s.noSuchApp(name)
	}
	entry, problems := catalog.Parse(i.Entry+"/app.hcl", []byte(i.Manifest))
	if entry == nil {
		return nil, nil, agent.Errorf(agent.CodeFailed, "the entry that %s was installed from cannot be read: %w", name, problems).
			WithHint("take it out of the list, its data kept, with: dcloud app remove %s", name)
	}
	return i, entry, nil
}

func (s *Service) noSuchApp(name string) *agent.Error {
	return agent.Errorf(agent.CodeNotFound, "there is no app called %q", clip(name, 60)).
		WithHint("see what there is with: dcloud app list")
}
