package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"

	nomad "github.com/hashicorp/nomad/api"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// A password that a person gives is an item of the app's Nomad Variable, named
// given_SETTING_xxxxxxxx, and is never changed: a new password is a new item. The
// intent says secret:xxxxxxxx for it, so that going back to earlier settings is
// going back to the earlier password (docs/decisions/password-settings.md).

var (
	passwordRef  = regexp.MustCompile(`^secret:([a-z0-9]{8})$`)
	passwordItem = regexp.MustCompile(`^given_[a-z][a-z0-9_]*_[a-z0-9]{8}$`)
)

// refLetters are what a reference is drawn from.
const refLetters = "abcdefghijklmnopqrstuvwxyz0123456789"

// passwordKey is the item that a setting's reference names, "" where it is none. The
// setting's name is part of it: no setting can be made to read another's.
func passwordKey(name, ref string) string {
	m := passwordRef.FindStringSubmatch(ref)
	if m == nil {
		return ""
	}
	return "given_" + name + "_" + m[1]
}

// passwordKeys are the items that settings refer to.
func passwordKeys(settings map[string]string) map[string]bool {
	keys := map[string]bool{}
	for name, value := range settings {
		if key := passwordKey(name, value); key != "" {
			keys[key] = true
		}
	}
	return keys
}

// isPassword tells whether an entry has a setting of that name and type password.
func isPassword(entry *catalog.App, name string) bool {
	return slices.ContainsFunc(entry.Settings, func(s catalog.Setting) bool { return s.Name == name && s.Type == "password" })
}

func declares(entry *catalog.App, name string) bool {
	return name == jobs.SettingReplicas || name == jobs.SettingAccess || name == jobs.SettingNode || slices.ContainsFunc(entry.Settings, func(s catalog.Setting) bool { return s.Name == name })
}

// changesNothing tells whether all that is given is empty passwords.
func changesNothing(entry *catalog.App, given map[string]string) bool {
	for name, value := range given {
		if value != "" || !isPassword(entry, name) {
			return false
		}
	}
	return true
}

// onlyGiven tells whether a variable holds nothing that the app made for itself.
func onlyGiven(v *nomad.Variable) bool {
	if v != nil {
		for item := range v.Items {
			if !passwordItem.MatchString(item) {
				return false
			}
		}
	}
	return true
}

// mergeSettings lays what a person gave over the settings of an intent, which stay as
// they are. A password's place takes a new reference; its value is in fresh, by item,
// and is still to be kept (keepPasswords). An empty password leaves the one that is
// there, and agent.Unset takes any setting back to what it is without having been given.
func mergeSettings(entry *catalog.App, before, given map[string]string, random io.Reader) (settings, fresh map[string]string, err error) {
	settings, fresh = maps.Clone(before), map[string]string{}
	if settings == nil && len(given) > 0 {
		settings = map[string]string{}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		value := given[name]
		switch {
		case value == agent.Unset && declares(entry, name):
			delete(settings, name)
		case !isPassword(entry, name):
			settings[name] = value
		case value != "":
			if message := catalog.PasswordProblem(value); message != "" {
				return nil, nil, agent.Errorf(agent.CodeInvalid, "a setting is not right: %s: %s", name, message).
					WithHint("see what %s can be set to with: dcloud app show %s", entry.Name, entry.Name)
			}
			suffix, err := draw(random, refLetters, 8)
			if err != nil {
				return nil, nil, fmt.Errorf("draw a reference: %w", err)
			}
			settings[name] = "secret:" + suffix
			fresh[passwordKey(name, settings[name])] = value
		}
	}
	return settings, fresh, nil
}

// withoutPasswords are the settings that may be written down.
func withoutPasswords(entry *catalog.App, given map[string]string) map[string]string {
	out := maps.Clone(given)
	maps.DeleteFunc(out, func(name, _ string) bool { return isPassword(entry, name) })
	return out
}

// passwordsOf says for jobs.Intent where the passwords of settings are. What stands in
// a password's place and is no reference was not written by us.
func passwordsOf(entry *catalog.App, settings map[string]string) (map[string]string, []catalog.SettingProblem) {
	passwords := map[string]string{}
	var problems []catalog.SettingProblem
	for _, s := range entry.Settings {
		ref := settings[s.Name]
		if s.Type != "password" || ref == "" {
			continue
		}
		key := passwordKey(s.Name, ref)
		if key == "" {
			problems = append(problems, catalog.SettingProblem{Name: s.Name, Message: "must be given again"})
			continue
		}
		passwords[s.Name] = key
	}
	return passwords, problems
}

// lostPasswords are the settings whose password is not in the app's variable.
func lostPasswords(passwords map[string]string, v *nomad.Variable) []string {
	var lost []string
	for _, name := range slices.Sorted(maps.Keys(passwords)) {
		if v == nil {
			lost = append(lost, name)
		} else if _, there := v.Items[passwords[name]]; !there {
			lost = append(lost, name)
		}
	}
	return lost
}

// editVariable changes the items of an app's variable by check-and-set; edit reports
// whether it changed any. A variable that is left without items is deleted.
func (s *Service) editVariable(ctx context.Context, app string, edit func(items map[string]string) bool) error {
	w := (&nomad.WriteOptions{}).WithContext(ctx)
	for range 3 { // a competing write is read again
		v, err := s.readSecrets(ctx, app)
		if err != nil {
			return err
		}
		if v == nil {
			v = nomad.NewVariable(secretsPath(app))
		}
		if !edit(v.Items) {
			return nil
		}
		if len(v.Items) > 0 {
			_, _, err = s.Nomad.Variables().CheckedUpdate(v, w)
		} else {
			_, err = s.Nomad.Variables().CheckedDelete(v.Path, v.ModifyIndex, w)
		}
		var conflict nomad.ErrCASConflict
		if errors.As(err, &conflict) {
			continue
		}
		if err != nil && !isNotFound(err) {
			return fmt.Errorf("write the passwords of %s: %w", app, err)
		}
		return nil
	}
	return errChanged
}

// keepPasswords writes passwords that were given. It comes before the intent that
// refers to them, so that no app is ever told to read what is not there.
func (s *Service) keepPasswords(ctx context.Context, app string, fresh map[string]string) error {
	if len(fresh) == 0 {
		return nil
	}
	var full error
	err := s.editVariable(ctx, app, func(items map[string]string) bool {
		maps.Copy(items, fresh)
		full = fits(items)
		return full == nil
	})
	return cmp.Or(full, err)
}

// maxItems is how much an app's secrets may come to, in bytes. Nomad takes 64 KiB a
// variable, names and all.
const maxItems = 60 << 10

// fits refuses passwords that are too much for a variable, before Nomad does.
func fits(items map[string]string) error {
	size := 0
	for item, value := range items {
		size += len(item) + len(value)
	}
	if size > maxItems {
		return agent.Errorf(agent.CodeInvalid, "the passwords of an app come to %d KiB, and %d KiB are the most", size>>10, maxItems>>10).
			WithHint("give shorter ones; those from before a change that is under way count too")
	}
	return nil
}

// dropPasswords removes the given passwords of an app that drop picks.
func (s *Service) dropPasswords(ctx context.Context, app string, drop func(item string) bool) error {
	return s.editVariable(ctx, app, func(items map[string]string) bool {
		before := len(items)
		maps.DeleteFunc(items, func(item, _ string) bool { return passwordItem.MatchString(item) && drop(item) })
		return len(items) < before
	})
}

// takePasswordsBack removes passwords whose intent was not written after all.
func (s *Service) takePasswordsBack(ctx context.Context, app string, fresh map[string]string) {
	if len(fresh) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishing)
	defer cancel()
	i, err := s.store.intent(ctx, app)
	if err == nil {
		// A write that is said to have failed may have been done.
		referred := map[string]bool{}
		if i != nil {
			referred = passwordKeys(i.Settings)
		}
		err = s.dropPasswords(ctx, app, func(item string) bool { _, ours := fresh[item]; return ours && !referred[item] })
	}
	if err != nil {
		s.Log.Warn("a password that nothing refers to stays for a while", "app", app, "err", err)
	}
}
