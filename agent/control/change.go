package control

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/dentropy/dcloud/agent"
)

// Start makes a stopped app run again.
func (s *Service) Start(ctx context.Context, name string) (agent.Operation, error) {
	return s.change(ctx, name, opStart, func(i *Intent) error {
		i.Desired = desiredRunning
		return nil
	})
}

// Stop ends an app's containers and keeps everything else.
func (s *Service) Stop(ctx context.Context, name string) (agent.Operation, error) {
	return s.change(ctx, name, opStop, func(i *Intent) error {
		i.Desired = desiredStopped
		return nil
	})
}

// Restart replaces an app's containers with new ones.
func (s *Service) Restart(ctx context.Context, name string) (agent.Operation, error) {
	return s.change(ctx, name, opRestart, func(i *Intent) error {
		i.Desired = desiredRunning
		i.Restarts++
		return nil
	})
}

// Remove takes an app away; with purgeData its data too, also that of an app
// which was removed before.
func (s *Service) Remove(ctx context.Context, name string, purgeData bool) (_ agent.Operation, err error) {
	defer s.tell(&err)
	if purgeData {
		if err := s.dataAway(ctx, name); err != nil {
			return agent.Operation{}, err
		}
	}
	i, err := s.store.intent(ctx, name)
	var damaged *damagedError
	switch {
	case errors.As(err, &damaged):
		return s.bury(ctx, &Intent{Name: name, index: damaged.index}, nil, purgeData)
	case err != nil:
		return agent.Operation{}, err
	}
	if i == nil && purgeData {
		left, err := s.store.kept(ctx, name)
		if err != nil {
			return agent.Operation{}, err
		}
		if left != nil {
			return s.bury(ctx, &Intent{Name: name, Entry: left.Entry}, left, true)
		}
	}
	return s.change(ctx, name, opRemove, func(i *Intent) error {
		i.Desired = desiredRemoved
		i.Op.Purge = purgeData
		return nil
	})
}

// bury removes what is there under a name without a record that could be used: the
// data of an app that was removed before, or an app whose record is damaged. It
// goes through a record like every removal, so that nobody can install an app of
// that name meanwhile, and what is broken off is finished.
func (s *Service) bury(ctx context.Context, i *Intent, left *kept, purge bool) (agent.Operation, error) {
	op, err := s.newOp(opRemove)
	if err != nil {
		return agent.Operation{}, err
	}
	op.Purge = purge
	i.Desired, i.Op, i.Created, i.Updated, i.Actor = desiredRemoved, op, s.Now(), s.Now(), agent.Actor(ctx)
	i.note = beginApp(i, opRemove, removedWords(purge))
	if i.index != 0 {
		err = s.store.update(ctx, i)
	} else {
		err = s.store.create(ctx, i, left)
	}
	if err != nil {
		return agent.Operation{}, err
	}
	return s.begun(ctx, i), nil
}

// begun hands a change that is written to the worker.
func (s *Service) begun(ctx context.Context, i *Intent) agent.Operation {
	s.Log.Info("change", "app", i.Name, "op", i.Op.ID, "kind", i.Op.Kind, "actor", i.Actor)
	s.awaitIntents(ctx, i.index)
	s.work.wake()
	return agent.Operation{ID: i.Op.ID, App: i.Name}
}

// Configure changes some settings of an app and restarts it with them. Should it
// not come up, the settings from before are put back.
func (s *Service) Configure(ctx context.Context, name string, set map[string]string) (_ agent.Operation, err error) {
	defer s.tell(&err)
	if len(set) == 0 {
		return agent.Operation{}, agent.Errorf(agent.CodeInvalid, "no setting is given").
			WithHint("see what there is with: dcloud app config %s", name)
	}
	_, entry, err := s.installed(ctx, name)
	if err != nil {
		return agent.Operation{}, err
	}
	if changesNothing(entry, set) {
		return agent.Operation{}, agent.Errorf(agent.CodeInvalid, "an empty password leaves the one that is there").
			WithHint("take it away with: dcloud app config %s --unset %s", name, slices.Min(slices.Collect(maps.Keys(set))))
	}
	set = unpinned(entry, set)
	var fresh map[string]string
	op, err := s.change(ctx, name, opConfigure, func(i *Intent) (err error) {
		i.Op.Previous = i.Settings
		pin := pinnedTo(i)
		if i.Settings, fresh, err = mergeSettings(entry, i.Settings, set, s.Rand); err != nil {
			return err
		}
		if _, err := s.input(i, entry); err != nil {
			fresh = nil
			return err
		}
		if err := s.canMove(ctx, entry, i, pin); err != nil {
			fresh = nil
			return err
		}
		return s.keepPasswords(ctx, name, fresh)
	})
	if err != nil {
		s.takePasswordsBack(ctx, name, fresh)
	}
	return op, err
}

// change edits an app's intent under a new operation and hands it to the worker.
// While another operation is under way only a removal may take its place.
func (s *Service) change(ctx context.Context, name, kind string, edit func(*Intent) error) (_ agent.Operation, err error) {
	defer s.tell(&err)
	i, err := s.store.intent(ctx, name)
	if err != nil {
		return agent.Operation{}, err
	}
	if i == nil {
		return agent.Operation{}, s.noSuchApp(name)
	}
	if i.Op != nil && (kind != opRemove || i.Op.Kind == opRemove) {
		return agent.Operation{}, agent.Errorf(agent.CodeConflict, "%s is busy: %s is under way since %s", name, i.Op.Kind, i.Op.Started.Format("15:04:05")).
			WithHint("follow it with: dcloud app status %s", name)
	}
	op, err := s.newOp(kind)
	if err != nil {
		return agent.Operation{}, err
	}
	before := i.Op
	i.Op, i.Updated, i.Actor, i.Failure = op, s.Now(), agent.Actor(ctx), nil
	if err := edit(i); err != nil {
		return agent.Operation{}, err
	}
	if kind == opStart || kind == opRestart || kind == opConfigure {
		if err := s.overrideHolds(ctx, i); err != nil {
			return agent.Operation{}, err
		}
	}
	i.note = beginApp(i, kind, "")
	switch kind {
	case opConfigure:
		i.note.Detail = changedWords(i.Op.Previous, i.Settings)
	case opOverride:
		i.note.Detail = overrideWords(i)
	case opRemove:
		i.note.Detail = removedWords(i.Op.Purge)
	}
	if (kind == opConfigure || kind == opOverride) && i.Desired == desiredStopped {
		i.Op.Kind = opStop // it stays stopped, and starts with what was changed
	}
	if err := s.store.update(ctx, i); err != nil {
		return agent.Operation{}, err
	}
	if before != nil {
		// Here and not where it ends: it may not even have begun.
		p := &progress{s: s, op: before.ID, app: name}
		p.fail(agent.StageRemove, agent.Errorf(agent.CodeConflict, "%s was interrupted by a newer change: %s", name, kind), nil)
	}
	return s.begun(ctx, i), nil
}
