package agent

import "slices"

// Roles of people, from the one who may least.
const (
	RoleGuest  = "guest"  // opens the apps that are not private to others
	RoleMember = "member" // sees what there is, and how it is
	RoleAdmin  = "admin"  // installs and looks after apps, machines and people
	RoleOwner  = "owner"  // may do everything; there is always one
)

// Roles lists the roles, from the one who may least.
func Roles() []string { return []string{RoleGuest, RoleMember, RoleAdmin, RoleOwner} }

// Action is a thing that somebody may do or not. Every route of the API and of the
// panel names one.
type Action string

// What there is to do.
const (
	ActOpenApps    Action = "open apps"           // the list of apps, and to open them
	ActOwnAccount  Action = "own account"         // one's own password, passkeys, sessions
	ActSeeStore    Action = "see the store"       // and what an install would do
	ActSeeApp      Action = "see an app"          // its page, services, use
	ActSeeMachines Action = "see machines"        //
	ActInstall     Action = "install apps"        //
	ActChangeApp   Action = "change apps"         // start, stop, restart, settings, remove
	ActSeeLogs     Action = "read logs"           // what apps write may hold what people wrote
	ActSeeJob      Action = "see jobs"            // as they were given to the scheduler
	ActTerminal    Action = "use terminals"       // to run commands in containers
	ActSecrets     Action = "see secrets"         // the passwords that were made for an app
	ActMachines    Action = "change machines"     // tokens, accepting, drain
	ActRemoveNode  Action = "remove machines"     // with the data that lies there, if asked for
	ActPeople      Action = "look after people"   // those who may do less than oneself
	ActActivity    Action = "see the activity"    //
	ActSettings    Action = "change the settings" // of the cloud: name, domain, notifications
	ActOverride    Action = "override jobs"       // in the scheduler's own language
	ActStores      Action = "change stores"       // other people's, beside the catalog
)

// least says who may do something: the role named, and those that may more.
var least = map[Action]string{
	ActOpenApps: RoleGuest, ActOwnAccount: RoleGuest,
	ActSeeStore: RoleMember, ActSeeApp: RoleMember, ActSeeMachines: RoleMember,
	ActInstall: RoleAdmin, ActChangeApp: RoleAdmin, ActSeeLogs: RoleAdmin, ActSeeJob: RoleAdmin, ActTerminal: RoleAdmin,
	ActSecrets: RoleAdmin, ActMachines: RoleAdmin, ActPeople: RoleAdmin, ActActivity: RoleAdmin,
	ActOverride: RoleAdmin, ActStores: RoleAdmin,
	ActRemoveNode: RoleOwner, ActSettings: RoleOwner,
}

// Allows tells whether somebody of a role may do something. What is not in the table,
// and a role that there is not, is allowed nothing.
func Allows(role string, do Action) bool {
	from, known := least[do]
	return known && slices.Contains(Roles(), role) && Rank(role) >= Rank(from)
}

// Rank orders roles: the higher may more. It is -1 for none of them.
func Rank(role string) int { return slices.Index(Roles(), role) }

// Sees tells whether somebody of a role gets to know of an app: who may not look at apps
// knows those that they may open, and no others.
func Sees(role string, a App) bool {
	if Allows(role, ActSeeApp) {
		return true
	}
	return Allows(role, ActOpenApps) && a.URL != "" && a.Access != "private" && a.State != StateInstalling
}
