package node

import (
	"fmt"
	"strings"
)

// UnitName is the agent's systemd unit.
const UnitName = "dcloud.service"

// directive is one line of a unit with its reason.
type directive struct {
	why  string
	line string
}

// SystemdUnit is the text of the agent's unit. The executable is our own binary;
// it and the layout must be free of spaces and of systemd's % specifiers, which
// NewLayout sees to for the latter.
func SystemdUnit(l Layout, executable string) (string, error) {
	if strings.ContainsAny(executable, " \t\r\n%\"'\\$;") || !strings.HasPrefix(executable, "/") {
		return "", refuse(nil, "put it at /usr/local/bin/dcloud", "systemd cannot start %q", executable)
	}
	for _, dir := range []string{l.Data, l.Cache} {
		if strings.ContainsAny(dir, " ") {
			return "", refuse(nil, "use a directory without spaces", "systemd's unit cannot hold the directory %q", dir)
		}
	}
	var b strings.Builder
	b.WriteString("# Written by dcloud up. Changes belong in a drop-in: systemctl edit " + UnitName + "\n")
	for _, section := range unit(l, executable) {
		fmt.Fprintf(&b, "\n[%s]\n", section.name)
		for _, d := range section.directives {
			fmt.Fprintf(&b, "# %s\n%s\n", strings.ReplaceAll(d.why, "\n", "\n# "), d.line)
		}
	}
	return b.String(), nil
}

type unitSection struct {
	name       string
	directives []directive
}

func unit(l Layout, executable string) []unitSection {
	return []unitSection{
		{"Unit", []directive{
			{"What systemctl status shows.", "Description=Dentropy Cloud agent"},
			{"Containers need Docker, and the LAN's interface must have its address before ports of apps are bound to it.",
				"After=docker.service network-online.target"},
			{"Docker is wanted, not required: with Requires= a restart of Docker, as an upgrade of it does, would stop us too.",
				"Wants=docker.service network-online.target"},
			{"Never give up: a machine in a cupboard has nobody to type systemctl reset-failed.", "StartLimitIntervalSec=0"},
		}},
		{"Service", []directive{
			{"The agent opens its socket within a second and tells readiness itself (dcloud status); a start that waited\nfor the engines would hold up the boot.", "Type=exec"},
			{"The agent in the foreground.",
				fmt.Sprintf("ExecStart=%s agent --data-dir %s", executable, l.Data)},
			{"Only the agent is stopped: the engines outlive it, and the next one takes them over. dcloud down stops all.", "KillMode=process"},
			{"Whatever ended it, it comes back; but 'dcloud down' ends it for good through systemctl stop.", "Restart=always"},
			{"Seconds between attempts: enough not to spin, too short to be missed.", "RestartSec=2"},
			{"The agent lets its requests end and stops nothing else, which takes a moment.", "TimeoutStopSec=20"},
			{"When memory runs out, an app goes before the agent that would restart it.", "OOMScoreAdjust=-900"},
			{"One descriptor for each connection; engines inherit the limit, and Traefik holds two for each visitor.", "LimitNOFILE=1048576"},
			{"The engines' threads and Nomad's helpers are counted here; systemd's default of 15 % of the system's may be too few.", "TasksMax=infinity"},
			{"Nomad makes control groups of its own; systemd must leave those alone.", "Delegate=yes"},
			{"Where the engines' executables are kept.", "Environment=DCLOUD_CACHE=" + l.Cache},
			{"Setuid programs gain nothing beneath us. Engines and plugins run as root as they are.", "NoNewPrivileges=yes"},
			{"No scheduling ahead of everybody else: a runaway process must leave room for a login.\nWhat would give us a mount namespace or a list of devices stays off (ProtectSystem=, PrivateTmp=, PrivateDevices=,\nProtectClock=, ProtectKernelTunables=, ProtectKernelLogs=): volumes that Nomad mounts would not be Docker's, nor\nDocker's network namespaces ours. Modules must load too: WireGuard, bridge, iptables.",
				"RestrictRealtime=yes"},
		}},
		{"Install", []directive{
			{"Started at each boot of a machine with users, as servers are.", "WantedBy=multi-user.target"},
		}},
	}
}
