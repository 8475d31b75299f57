package control

import (
	"maps"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// accesses are the kinds of access, from the narrowest.
var accesses = []string{jobs.AccessPrivate, jobs.AccessMembers, jobs.AccessApp, jobs.AccessPublic}

// takeAccess takes the setting for who passes an installed app's door out of those
// that were given; "" where it is as it was installed. problem says what is wrong with
// it. An entry that has a setting of that name itself gets it.
func takeAccess(entry *catalog.App, given map[string]string) (access string, rest map[string]string, problem string) {
	access, asked := given[jobs.SettingAccess]
	if !asked || !hasAccess(entry) {
		return "", given, ""
	}
	rest = maps.Clone(given)
	delete(rest, jobs.SettingAccess)
	if access != "" && !slices.Contains(accesses, access) {
		return "", rest, "must be one of " + strings.Join(accesses, ", ")
	}
	return access, rest, ""
}

// hasAccess tells whether the setting is ours: the entry has a door, and no setting of
// its own of that name.
func hasAccess(entry *catalog.App) bool {
	return accessOf(entry) != "" &&
		!slices.ContainsFunc(entry.Settings, func(s catalog.Setting) bool { return s.Name == jobs.SettingAccess })
}

// accessSetting is how the setting of an installed app is shown; nil for one that has
// no door.
func accessSetting(entry *catalog.App, i *Intent) []agent.ConfigSetting {
	if !hasAccess(entry) {
		return nil
	}
	installed := i.Access
	if installed == "" {
		installed = accessOf(entry)
	}
	now, _, _ := takeAccess(entry, i.Settings)
	if now == "" {
		now = installed
	}
	return []agent.ConfigSetting{{
		Name: jobs.SettingAccess, Title: "Who passes its door", Type: "choice", Value: now, Default: installed, Choices: accesses, Advanced: true,
		Help: "private and members: your home network. app: everyone, and the app signs people in itself. public: everyone.",
	}}
}

// accessNow is who passes an installed app's door. It reads the intent alone, as
// replicasOf does.
func accessNow(i *Intent) string {
	if i.Settings[jobs.SettingAccess] == "" {
		return i.Access
	}
	entry, _ := catalog.Parse(i.Entry+"/app.hcl", []byte(i.Manifest))
	if entry == nil {
		return i.Access
	}
	if now, _, _ := takeAccess(entry, i.Settings); now != "" {
		return now
	}
	return i.Access
}
