package control

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	nomad "github.com/hashicorp/nomad/api"
)

// dropOldPasswords removes what no setting of an app refers to any more, at the end of
// an operation. It does so while the operation is still in the intent: then nobody can
// write new ones, and there is nothing that may be in the midst of being referred to.
func (s *Service) dropOldPasswords(ctx context.Context, i *Intent) error {
	v, err := s.readSecrets(ctx, i.Name)
	if err != nil || v == nil {
		return err
	}
	referred := passwordKeys(i.Settings)
	old := func(item string) bool { return passwordItem.MatchString(item) && !referred[item] }
	found := false
	for item := range v.Items {
		found = found || old(item)
	}
	if !found {
		return nil
	}
	if i.Op.Previous != nil && !maps.Equal(i.Op.Previous, i.Settings) {
		// Should the agent end here, the operation is done once more. It must not go
		// back to settings whose passwords are gone.
		op := *i.Op
		op.Previous = i.Settings
		i.Op = &op
		if err := s.store.update(ctx, i); err != nil {
			return err
		}
	}
	return s.dropPasswords(ctx, i.Name, old)
}

// orphanAge is how old a variable must be before it counts as left over: between
// the write of a password and that of its intent lie milliseconds.
const orphanAge = 10 * time.Minute

// sweepPasswords removes passwords of apps that there are not: an agent ended between
// writing them and writing the intent.
func (s *Service) sweepPasswords(ctx context.Context) error {
	q := (&nomad.QueryOptions{Prefix: secretsPath("")}).WithContext(ctx)
	list, _, err := s.Nomad.Variables().List(q)
	if err != nil {
		return fmt.Errorf("list the variables of apps: %w", err)
	}
	for _, v := range list {
		app := strings.TrimPrefix(v.Path, secretsPath(""))
		installed := false
		s.view.read(func() { installed = s.view.intents[app] != nil })
		if installed || strings.Contains(app, "/") || s.Now().Sub(time.Unix(0, v.ModifyTime)) < orphanAge {
			continue
		}
		i, err := s.store.intent(ctx, app)
		if err != nil || i != nil {
			continue // a damaged record is somebody's, too
		}
		if err := s.dropPasswords(ctx, app, func(string) bool { return true }); err != nil {
			return err
		}
	}
	return nil
}
