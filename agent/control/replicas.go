package control

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// takeReplicas takes the setting for how many copies run out of those that were
// given; the rest is the entry's own. problem says what is wrong with it. An entry
// that has a setting of that name itself gets it, and runs once.
func takeReplicas(entry *catalog.App, given map[string]string) (n int, rest map[string]string, problem string) {
	text, asked := given[jobs.SettingReplicas]
	if !asked || ownsReplicas(entry) {
		return 1, given, ""
	}
	rest = maps.Clone(given)
	delete(rest, jobs.SettingReplicas)
	if text == "" {
		return 1, rest, ""
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > jobs.MaxReplicas {
		return 1, rest, fmt.Sprintf("must be a whole number from 1 to %d", jobs.MaxReplicas)
	}
	if why := jobs.OneCopy(entry); n > 1 && why != "" {
		return 1, rest, entry.Name + " " + why
	}
	return n, rest, ""
}

func ownsReplicas(entry *catalog.App) bool {
	return slices.ContainsFunc(entry.Settings, func(s catalog.Setting) bool { return s.Name == jobs.SettingReplicas })
}

// replicasSetting is how the setting is shown; nil for an entry that has none.
func replicasSetting(entry *catalog.App, given map[string]string) []agent.ConfigSetting {
	if ownsReplicas(entry) || jobs.OneCopy(entry) != "" {
		return nil
	}
	n, _, _ := takeReplicas(entry, given)
	least, most := 1.0, float64(jobs.MaxReplicas)
	return []agent.ConfigSetting{{
		Min: &least, Max: &most, Advanced: true,
		Name: jobs.SettingReplicas, Title: "Copies that run, spread over the machines", Type: "number", Value: strconv.Itoa(n), Default: "1",
	}}
}

// replicasOf is how many copies of an installed app should run. It reads the intent
// alone: the settings were checked when they were written, and of an entry's own
// setting of that name its manifest tells.
func replicasOf(i *Intent) int {
	if i.Settings[jobs.SettingReplicas] == "" {
		return 1
	}
	entry, _ := catalog.Parse(i.Entry+"/app.hcl", []byte(i.Manifest))
	if entry == nil {
		return 1
	}
	n, _, _ := takeReplicas(entry, i.Settings)
	return n
}
