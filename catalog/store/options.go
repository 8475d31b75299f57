package store

import (
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// readOptions reads what of a service is neither ports, data nor what it runs.
func (im *importer) readOptions(s *service) {
	v := s.v
	v.ignore("container_name", "restart", "hostname", "labels", "networks", "depends_on", "network_mode", "links", "extends", "volumes_from", "profiles", "x-casaos", "attach")
	im.isolation(s)
	im.devicesOf(s)
	im.userOf(s)
	im.limits(s)
	if w := path.Clean("/" + im.constant(v.text("working_dir"))); w != "/" && badTarget(w) == "" {
		s.workdir = w
	}
	s.init, s.readOnly = v.flag("init"), v.flag("read_only")
	s.stopWait = im.seconds(v.text("stop_grace_period"))
	if signal := strings.ToUpper(v.text("stop_signal")); signal != "" {
		if !strings.HasPrefix(signal, "SIG") {
			signal = "SIG" + signal
		}
		if signalName.MatchString(signal) && len(signal) <= 40 {
			s.stopSignal = signal
		} else {
			im.note(Dropped, s.name, "stop_signal", short(signal)+" is not a signal's name")
		}
	}
	if p := v.text("platform"); p != "" {
		im.platform(s, im.constant(p))
	}
	for key, why := range map[string]string{
		"tty":                 "the container has no terminal; the app's output is in its logs",
		"stdin_open":          "nobody types into the container; use the app's terminal",
		"logging":             "logs are kept by Docker and rotated, 30 MB a container",
		"ulimits":             "limits are the container engine's defaults",
		"extra_hosts":         "names of other machines come from the network's own DNS",
		"dns":                 "names are looked up where the machine looks them up",
		"dns_search":          "names are looked up where the machine looks them up",
		"dns_opt":             "names are looked up where the machine looks them up",
		"mac_address":         "the container has no address of its own on the network",
		"domainname":          "the container has no name of its own on the network",
		"scale":               "one copy runs",
		"oom_score_adj":       "which program ends first when memory runs out is the machine's choice",
		"oom_kill_disable":    "which program ends first when memory runs out is the machine's choice",
		"cap_drop":            "the container has the engine's usual rights, and no-new-privileges",
		"userns_mode":         "users are the engine's",
		"cgroup_parent":       "the container is in the group that the cloud gives it",
		"annotations":         "nobody reads them here",
		"external_links":      "other apps are reached by their addresses",
		"storage_opt":         "what is not in a volume lies on the machine's disk",
		"device_read_bps":     "disks are not rationed",
		"device_write_bps":    "disks are not rationed",
		"blkio_config":        "disks are not rationed",
		"memswap_limit":       "swap is the machine's choice",
		"mem_swappiness":      "swap is the machine's choice",
		"pids_limit":          "it is 2048, as for every app",
		"develop":             "it is for who writes the app",
		"group_add":           "the container is in its user's own groups",
		"credential_spec":     "it is for Windows",
		"isolation":           "it is for Windows",
		"cpuset":              "processors are shared out by the cloud",
		"cpu_rt_runtime":      "processors are shared out by the cloud",
		"cpu_rt_period":       "processors are shared out by the cloud",
		"cpu_quota":           "processors are shared out by the cloud",
		"cpu_period":          "processors are shared out by the cloud",
		"post_start":          "commands after the start are not run",
		"pre_stop":            "commands before the stop are not run",
		"label_file":          "nobody reads them here",
		"use_api_socket":      "who has Docker's socket rules the machine",
		"provider":            "the cloud is what runs services",
		"models":              "models are not run by the engine here",
		"device_cgroup_rules": "only the devices that are named are given",
	} {
		if v.has(key) {
			v.ignore(key)
			if n := v.get(key); n != nil {
				im.optionNotes = append(im.optionNotes, Note{Kind: optionKind(key, n), Service: s.name, What: key, Why: why})
			}
		}
	}
	slices.SortFunc(im.optionNotes, func(a, b Note) int { return compare(a.What, b.What) })
	for _, n := range im.optionNotes {
		im.note(n.Kind, n.Service, n.What, n.Why)
	}
	im.optionNotes = nil
}

func optionKind(key string, n *node) Kind {
	switch key {
	case "tty", "stdin_open", "logging", "annotations", "develop", "scale", "cap_drop", "attach":
		return Info
	case "group_add", "post_start", "device_cgroup_rules", "models":
		return Risky
	case "extra_hosts":
		if n.kind == list && len(n.items) == 1 && strings.HasPrefix(n.items[0].text(), "host.docker.internal") {
			return Info
		}
	}
	return Dropped
}

var signalName = regexp.MustCompile(`^SIG[A-Z]+[0-9]{0,2}$`)

// isolation is what keeps the container and the machine apart.
func (im *importer) isolation(s *service) {
	v := s.v
	switch mode := im.constant(v.text("network_mode")); {
	case mode == "host":
		im.note(Risky, s.name, "the machine's own network", "the app is on its own network instead, behind the front door: finding devices at home by broadcast will not work, and ports that it opens by itself are closed")
	case mode == "none":
		im.note(Risky, s.name, "no network", "it is on the app's network, which reaches the internet")
	case strings.HasPrefix(mode, "container:"):
		im.note(Risky, s.name, "the network of "+short(strings.TrimPrefix(mode, "container:")), "apps do not share their networks; it is on its own app's")
	case strings.HasPrefix(mode, "service:"):
		im.note(Info, s.name, "the network of "+short(strings.TrimPrefix(mode, "service:")), "all services of an app share one here")
	}
	if v.flag("privileged") {
		im.note(Risky, s.name, "privileged mode", "who has it rules the machine, so it is not given: what needs the machine's hardware or kernel will not work")
	}
	for _, key := range []string{"pid", "ipc", "uts", "cgroup"} {
		switch value := v.text(key); {
		case value == "host":
			im.note(Risky, s.name, "the machine's "+key, "an app sees its own alone: what looks at or talks to the machine's programs will not work")
		case value != "" && value != "private" && value != "shareable":
			im.note(Dropped, s.name, key+" "+short(value), "containers do not share it here")
		}
	}
	for _, item := range v.get("security_opt").list() {
		if strings.HasPrefix(item.text(), "no-new-privileges") {
			continue // every app has it
		}
		im.note(Risky, s.name, "security_opt "+short(item.text()), "the engine's usual protection stays on: what it forbids will not work")
	}
	for _, p := range v.get("sysctls").pairs() {
		im.note(Risky, s.name, "kernel setting "+short(p.key), "it is not set: see whether the app starts without it")
	}
	if r := v.text("runtime"); r != "" && r != "runc" {
		im.note(Risky, s.name, "runtime "+short(r), "containers run under the usual one: a graphics card, if it is for one, is not there")
	}
	if v.has("gpus") && v.get("gpus") != nil {
		im.note(Risky, s.name, "graphics cards", "they are not given: the app computes on the processor, or does not start")
	}
	im.capabilities(s)
}

func (im *importer) capabilities(s *service) {
	for _, item := range s.v.get("cap_add").list() {
		name := strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(im.constant(item.text()))), "CAP_")
		switch {
		case name == "ALL":
			im.note(Risky, s.name, "all capabilities", "who has them rules the machine, so they are not given: name the ones that it needs")
		case !catalog.IsCapability(name):
			im.note(Dropped, s.name, "capability "+short(name), "Linux has none of that name")
		case !catalog.Grantable(name):
			im.note(Risky, s.name, "capability "+name, "it amounts to root on the machine, so it is not given: what needs it will not work, unless you give it by an override")
		case !slices.Contains(s.caps, name):
			s.caps = append(s.caps, name)
			im.note(Risky, s.name, "capability "+name, "the app has it here too; it is shown before the install")
		}
	}
}

func (im *importer) devicesOf(s *service) {
	for _, item := range s.v.get("devices").list() {
		source, target := im.constant(item.text()), ""
		if item.kind == mapping {
			v := viewOf(item)
			source, target = im.constant(v.text("source")), im.constant(v.text("target"))
			v.ignore("permissions")
			im.leftovers(v, s.name, "devices")
		} else {
			source, target, _ = strings.Cut(source, ":")
			target, _, _ = strings.Cut(target, ":")
		}
		im.device(s, path.Clean(strings.TrimSpace(source)), path.Clean("/"+strings.TrimSpace(target)))
	}
}

// onPi are devices for video that other machines do not have.
var onPi = regexp.MustCompile(`^/dev/(vcsm.*|vchiq|video1[0-9]|vcio|vc-mem)$`)

var devicePath = regexp.MustCompile(`^/dev/[^\s:,*?\[]+$`)

func (im *importer) device(s *service, source, target string) {
	if !devicePath.MatchString(source) || len(source) > 200 {
		im.note(Dropped, s.name, "device "+short(source), "it is not one device below /dev/")
		return
	}
	if target != "/" && target != source {
		im.note(Changed, s.name, "device "+source, "it is at its own path in the container, not at "+short(target))
	}
	if onPi.MatchString(source) {
		im.note(Dropped, s.name, "device "+source, "only a Raspberry Pi of old has it, to decode video; without it the processor does")
		return
	}
	if !catalog.GrantableDevice(source) {
		im.note(Dropped, s.name, "device "+source, "it may be as good as root on the machine, which no app gets; a person can give it by an override")
		return
	}
	if slices.Contains(s.devices, source) || len(s.devices) >= 100 {
		return
	}
	s.devices = append(s.devices, source)
	im.note(Risky, s.name, "device "+source, "the app uses it here too, so it runs only on a machine that has it; take it out of devices where you have none")
}

var numericUser = regexp.MustCompile(`^[0-9]{1,10}(:[0-9]{1,10})?$`)

// users are names that images commonly give, with their numbers.
var users = map[string]string{"root": "0:0", "root:root": "0:0", "0:root": "0:0", "node": "1000:1000", "node:node": "1000:1000",
	"www-data": "33:33", "www-data:www-data": "33:33", "nobody": "65534:65534", "nobody:nogroup": "65534:65534", "nonroot": "65532:65532"}

func (im *importer) userOf(s *service) {
	user := strings.Trim(im.constant(s.v.text("user")), ": ")
	switch {
	case user == "":
	case numericUser.MatchString(user):
		s.user = user
	case users[user] != "":
		s.user = users[user]
	default:
		im.note(Dropped, s.name, "user "+short(user), "only the image knows which number that is; it runs as the image says")
	}
}

func (im *importer) platform(s *service, platform string) {
	parts := strings.Split(platform, "/")
	if len(parts) >= 2 && parts[0] == "linux" && archOf(parts[1]) != "" {
		im.onlyArch(archOf(parts[1]))
		return
	}
	im.note(Dropped, s.name, "platform "+short(platform), "it is not one that the cloud runs on")
}

// limits are processor and memory.
func (im *importer) limits(s *service) {
	v := s.v
	deploy := viewOf(v.get("deploy"))
	resources := viewOf(deploy.get("resources"))
	reserved, most := viewOf(resources.get("reservations")), viewOf(resources.get("limits"))
	reserve := im.mebibytes(first(reserved.text("memory"), v.text("mem_reservation")))
	limit := im.mebibytes(first(most.text("memory"), v.text("mem_limit")))
	s.shm = max(s.shm, im.mebibytes(v.text("shm_size")))
	v.ignore("mem_limit", "mem_reservation", "cpu_count", "cpu_percent")
	s.memory, s.memoryMax = reserve, limit
	v.ignore("cpu_shares") // a share among containers, which Nomad has its own of
	if cpus, err := strconv.ParseFloat(first(im.constant(reserved.text("cpus")), ""), 64); err == nil && cpus > 0 && cpus < 64 {
		s.cpu = int(math.Ceil(cpus * 1000))
	}
	if c := first(most.text("cpus"), v.text("cpus")); c != "" {
		im.note(Info, s.name, "limit of "+short(c)+" processors", "an app may use what the others leave")
	}
	if gpu := reserved.get("devices"); gpu != nil {
		im.note(Risky, s.name, "graphics cards", "they are not given: the app computes on the processor, or does not start")
	}
	if r := deploy.text("replicas"); r != "" && r != "1" && r != "0" {
		im.note(Changed, s.name, short(r)+" copies", "one runs; how many copies of an app run is a setting of every app without data")
	}
	if most.has("pids") {
		im.note(Info, s.name, "limit of processes", "it is 2048, as for every app")
	}
	most.ignore("pids", "cpus")
	reserved.ignore("cpus", "generic_resources")
	deploy.ignore("restart_policy", "mode", "update_config", "rollback_config", "placement", "endpoint_mode", "labels")
	im.leftovers(deploy, s.name, "deploy")
	im.leftovers(resources, s.name, "deploy.resources")
	im.leftovers(reserved, s.name, "deploy.resources.reservations")
	im.leftovers(most, s.name, "deploy.resources.limits")
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

var amount = regexp.MustCompile(`(?i)^([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([bkmgt]?)i?b?$`)

// mebibytes reads a size as Compose writes it, 512m or 1.5G; 0 if it is none.
func (im *importer) mebibytes(s string) int {
	m := amount.FindStringSubmatch(strings.TrimSpace(im.constant(s)))
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(m[1], 64)
	unit := map[string]float64{"": 1, "b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}[strings.ToLower(m[2])]
	mib := math.Ceil(n * unit / (1 << 20))
	if n == 0 || mib > 16<<20 {
		return 0
	}
	return int(mib)
}
