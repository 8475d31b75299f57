package catalog

import "slices"

// The vocabularies of an entry.
var (
	settingTypes = []string{"string", "number", "bool", "choice", "email", "url", "path", "timezone", "password"}
	charsets     = []string{"alphanumeric", "hex", "base64", "digits", "uuid"}
	accesses     = []string{"private", "members", "public", "app"}
	kinds        = []string{"data", "database", "cache", "media"}
	protocols    = []string{"tcp", "udp"}
	// Go's names (go tool dist list) of what Nomad and Docker run on.
	architectures = []string{"amd64", "arm64", "arm"}
)

// Categories are the shelves of the catalog.
var Categories = []string{
	"ai", "automation", "backup", "business", "communication", "development", "files", "finance", "games", "health",
	"home", "media", "monitoring", "network", "notes", "office", "passwords", "photos", "reading", "search",
	"security", "social", "start", "tools", "web",
}

// capabilities are Linux's, without CAP_ (capabilities(7)), with what each lets a
// container do, for the person who is asked to allow it.
var capabilities = map[string]string{
	"AUDIT_CONTROL":      "change the machine's audit rules",
	"AUDIT_READ":         "read the machine's audit log",
	"AUDIT_WRITE":        "write to the machine's audit log",
	"BLOCK_SUSPEND":      "keep the machine from sleeping",
	"BPF":                "load programs into the kernel",
	"CHECKPOINT_RESTORE": "freeze and restore processes",
	"CHOWN":              "change the owner of files",
	"DAC_OVERRIDE":       "read and write files whatever their permissions",
	"DAC_READ_SEARCH":    "read files whatever their permissions",
	"FOWNER":             "change permissions of files it does not own",
	"FSETID":             "keep special bits on files",
	"IPC_LOCK":           "lock memory",
	"IPC_OWNER":          "use other programs' shared memory",
	"KILL":               "signal any process in its container",
	"LEASE":              "take leases on files",
	"LINUX_IMMUTABLE":    "make files immutable",
	"MAC_ADMIN":          "change the machine's access rules",
	"MAC_OVERRIDE":       "pass the machine's access rules",
	"MKNOD":              "create device files",
	"NET_ADMIN":          "change network settings",
	"NET_BIND_SERVICE":   "listen on ports below 1024",
	"NET_BROADCAST":      "send to everyone on the network",
	"NET_RAW":            "send raw network packets",
	"PERFMON":            "watch what the machine does in detail",
	"SETFCAP":            "give files capabilities",
	"SETGID":             "change its group",
	"SETPCAP":            "change its capabilities",
	"SETUID":             "change its user",
	"SYSLOG":             "read the kernel's log",
	"SYS_ADMIN":          "administer the machine: nearly everything",
	"SYS_BOOT":           "restart the machine",
	"SYS_CHROOT":         "change its root directory",
	"SYS_MODULE":         "load kernel modules: everything",
	"SYS_NICE":           "give itself priority over other programs",
	"SYS_PACCT":          "turn process accounting on",
	"SYS_PTRACE":         "look into other processes",
	"SYS_RAWIO":          "talk to hardware directly",
	"SYS_RESOURCE":       "pass resource limits",
	"SYS_TIME":           "set the machine's clock",
	"SYS_TTY_CONFIG":     "configure terminals",
	"WAKE_ALARM":         "wake the machine up",
}

// IsCapability tells whether Linux has a capability of that name, which is in
// capitals and without CAP_.
func IsCapability(name string) bool { return capabilities[name] != "" }

// grantable are the capabilities that an entry may ask for: those of Docker's default,
// and some that reach into the container's own network and scheduling, not the
// machine. The others amount to root on it; a person can give one by an override.
var grantable = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "IPC_LOCK", "KILL", "MKNOD", "NET_ADMIN",
	"NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", "SYS_NICE",
	"SYS_PTRACE", "SYS_RESOURCE", "SYS_TIME",
}

// Grantable reports whether an entry may ask for a capability.
func Grantable(name string) bool { return slices.Contains(grantable, name) }
