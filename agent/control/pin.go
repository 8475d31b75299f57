package control

import (
	"context"
	"maps"
	"slices"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/catalog"
	"github.com/dentropy/dcloud/jobs"
)

// anyNode is what the setting for the machine is where an app is pinned to none.
const anyNode = "any"

// takeNode takes the machine that an app is pinned to out of its settings: "" for none.
// installed is the one that was asked for when it was installed, which holds until the
// setting says something else. An entry that has a setting of that name itself gets it.
func takeNode(entry *catalog.App, given map[string]string, installed string) (node string, rest map[string]string) {
	node, asked := given[jobs.SettingNode]
	if !asked || ownsNode(entry) {
		return installed, given
	}
	rest = maps.Clone(given)
	delete(rest, jobs.SettingNode)
	if node == anyNode {
		node = ""
	}
	return node, rest
}

func ownsNode(entry *catalog.App) bool {
	return slices.ContainsFunc(entry.Settings, func(s catalog.Setting) bool { return s.Name == jobs.SettingNode })
}

// pinnedTo is the machine that an installed app is pinned to, "" for none. It reads the
// intent alone, as replicasOf does.
func pinnedTo(i *Intent) string {
	if _, asked := i.Settings[jobs.SettingNode]; !asked {
		return i.Node
	}
	entry, _ := catalog.Parse(i.Entry+"/app.hcl", []byte(i.Manifest))
	if entry == nil {
		return i.Node
	}
	node, _ := takeNode(entry, i.Settings, i.Node)
	return node
}

// unpinned makes of a setting that is taken back one that pins to no machine: the one
// that was asked for when the app was installed would come back otherwise.
func unpinned(entry *catalog.App, set map[string]string) map[string]string {
	if set[jobs.SettingNode] != agent.Unset || ownsNode(entry) {
		return set
	}
	set = maps.Clone(set)
	set[jobs.SettingNode] = anyNode
	return set
}

// nodeSetting is how the setting of an installed app is shown. Where there is nothing to
// choose, since there is one machine or data that does not move, it is only shown to
// be taken back.
func (s *Service) nodeSetting(entry *catalog.App, i *Intent) []agent.ConfigSetting {
	if ownsNode(entry) {
		return nil
	}
	now := pinnedTo(i)
	var names []string
	s.view.read(func() {
		for _, n := range s.view.nodes {
			names = append(names, n.Name)
		}
	})
	if now == "" && (len(names) < 2 || keepsData(entry)) {
		return nil
	}
	if now != "" && !slices.Contains(names, now) {
		names = append(names, now) // it was removed, and the app waits for it
	}
	slices.Sort(names)
	if now == "" {
		now = anyNode
	}
	return []agent.ConfigSetting{{
		Name: jobs.SettingNode, Title: "Machine that it runs on", Type: "choice", Value: now, Default: anyNode,
		Choices: append([]string{anyNode}, names...), Advanced: true,
		Help: "any: your cloud chooses, and chooses another when that one is away.",
	}}
}

func keepsData(entry *catalog.App) bool {
	return slices.ContainsFunc(entry.Services, func(svc catalog.Service) bool { return len(svc.Volumes) > 0 })
}

// canMove says why an app cannot run on the machine that it is to be pinned to from now
// on, before anything is touched.
func (s *Service) canMove(ctx context.Context, entry *catalog.App, i *Intent, before string) error {
	now := pinnedTo(i)
	if now == "" || now == before || i.Desired == desiredStopped {
		return nil
	}
	in, err := s.input(i, entry)
	if err != nil {
		return err
	}
	if _, err = s.place(ctx, in); err == nil {
		return nil
	}
	told := agent.AsError(err)
	if told.Code == agent.CodeNotFound {
		return told // its hint names those that there are
	}
	return told.WithHint("see where it fits with: dcloud app plan %s --set %s=%s", i.Name, jobs.SettingNode, now)
}
