package store

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// mount is one entry of a service's volumes, as it was written.
type mount struct {
	source, target string
	kind           string // bind, volume, tmpfs, npipe, …; "" where the short form says it by the source
	readOnly       bool
	content        *string // Coolify's: what the file is to hold
	directory      bool    // Coolify's: it is a folder, not a file
	line           int
}

func (im *importer) readVolumes(s *service) {
	for _, item := range s.v.get("volumes").list() {
		m, ok := im.readMount(s, item)
		if ok {
			im.mount(s, m)
		}
	}
	for _, item := range s.v.get("tmpfs").list() {
		im.tmpfs(s, im.constant(item.text()))
	}
	im.readConfigs(s, "configs")
	im.readConfigs(s, "secrets")
}

func (im *importer) readMount(s *service, item *node) (mount, bool) {
	if item.kind == mapping {
		v := viewOf(item)
		m := mount{source: im.constant(v.text("source")), target: im.constant(v.text("target")), kind: v.text("type"),
			readOnly: v.flag("read_only") || v.flag("readonly"), directory: v.flag("is_directory") || v.flag("isDirectory"), line: item.line}
		if c := v.get("content"); c != nil {
			text := c.text()
			m.content = &text
		}
		v.ignore("consistency", "tmpfs", "volume")
		if b := v.get("bind"); b != nil {
			bind := viewOf(b)
			bind.ignore("create_host_path", "selinux", "recursive")
			if p := bind.text("propagation"); p != "" && p != "private" && p != "rprivate" {
				im.note(Dropped, s.name, "propagation of "+short(m.target), "what is mounted beneath it later stays out of the container")
			}
			im.leftovers(bind, s.name, "volumes.bind")
		}
		im.leftovers(v, s.name, "volumes")
		return m, true
	}
	spec := strings.TrimSpace(im.constant(item.text()))
	if spec == "" {
		return mount{}, false
	}
	parts := strings.Split(spec, ":")
	m := mount{line: item.line}
	switch {
	case len(parts) == 1:
		m.target = parts[0]
	case len(parts) == 2:
		m.source, m.target = parts[0], parts[1]
	case len(parts) == 3:
		m.source, m.target = parts[0], parts[1]
		for _, option := range strings.Split(parts[2], ",") {
			switch option {
			case "ro":
				m.readOnly = true
			case "rw", "z", "Z", "cached", "delegated", "consistent", "nocopy":
			default:
				im.note(Dropped, s.name, "option "+short(option)+" of "+short(m.target), "mounts are private to the container")
			}
		}
	default:
		im.note(Dropped, s.name, "volume "+short(spec), "it is not of the form SOURCE:PATH:OPTIONS")
		return m, false
	}
	return m, true
}

// hostOnly are paths of the host that an app gets nothing of, with what they are.
var hostOnly = []struct{ path, what string }{
	{"/var/run/docker.sock", ""}, {"/run/docker.sock", ""}, {"/run/podman/podman.sock", ""}, // told apart below
	{"/var/lib/docker", "Docker's own files"}, {"/proc", "the machine's processes"}, {"/sys", "the machine's devices and settings"},
	{"/etc", "the machine's configuration"}, {"/boot", "how the machine starts"}, {"/run/dbus", "the machine's message bus"},
	{"/var/run/dbus", "the machine's message bus"}, {"/run/udev", "the machine's list of devices"}, {"/run", "what runs on the machine"},
	{"/var/run", "what runs on the machine"}, {"/var/log", "the machine's logs"}, {"/usr", "the machine's programs"}, {"/bin", "the machine's programs"},
	{"/lib", "the machine's libraries"}, {"/root", "the administrator's files"}, {"/opt/vc", "libraries of a Raspberry Pi"}, {"/var/lib/casaos", "CasaOS"}, {"/tmp/.X11-unix", "the machine's screen"},
}

// mount decides what a mount becomes.
func (im *importer) mount(s *service, m mount) {
	target := path.Clean("/" + strings.TrimSpace(m.target))
	source := strings.TrimSpace(m.source)
	what := "volume " + short(target)
	isPath := strings.HasPrefix(source, "/") || strings.HasPrefix(source, ".") || strings.HasPrefix(source, "~")
	if isPath && !strings.HasPrefix(source, "~") {
		if source = path.Clean(source); strings.HasPrefix(m.source, "./") || m.source == "." {
			source = "./" + strings.TrimPrefix(source, "./")
		}
	}
	switch {
	case target == "/etc/localtime" || target == "/etc/timezone" || source == "/etc/localtime" || source == "/etc/timezone" || source == "/usr/share/zoneinfo":
		im.note(Info, s.name, what, "the time zone is told by the variable TZ, where the app reads it")
		if !slices.ContainsFunc(s.env, func(e variableOf) bool { return e.name == "TZ" }) {
			s.env = append(s.env, variableOf{name: "TZ", value: timezone})
		}
		return
	case m.kind == "tmpfs":
		im.tmpfs(s, target)
		return
	case m.kind == "npipe" || m.kind == "cluster" || m.kind == "image":
		im.note(Dropped, s.name, what, "a mount of the kind "+m.kind+" is not known here")
		return
	case strings.HasSuffix(source, "docker.sock") || strings.HasSuffix(source, "podman.sock"):
		im.note(Risky, s.name, "Docker's socket", "who has it rules the machine, so it is not given: what the app does with containers will not work")
		return
	case strings.HasPrefix(source, "/dev/"):
		if source == "/dev/shm" {
			im.note(Changed, s.name, "the machine's /dev/shm", "the container has shared memory of its own")
			s.shm = max(s.shm, 256)
			return
		}
		im.device(s, source, target)
		return
	case m.content != nil:
		im.file(s, target, *m.content, "0644")
		return
	}
	if file, ok := im.beside(source); ok && !m.directory && isPath {
		im.file(s, target, strings.ReplaceAll(string(file.Bytes), "$", "$$"), "0644")
		im.note(Changed, s.name, "file "+short(target), "its content stands in the entry, and the app cannot change it")
		return
	}
	if complaint := badTarget(target); complaint != "" {
		im.note(Risky, s.name, what, complaint+"; it is left out")
		return
	}
	if isPath {
		if !im.ofTheApp(source) {
			for _, h := range hostOnly {
				if source == h.path || source == "/" || strings.HasPrefix(source, h.path+"/") {
					what, who := "the machine's "+short(source), h.what
					if source == "/" {
						who = "all of the machine"
					}
					kind := Risky
					if source == "/lib/modules" {
						kind, who = Dropped, "the kernel's modules, which are loaded already where the machine has them"
					}
					im.note(kind, s.name, what, "an app sees nothing of the machine but what is its own ("+who+"): what needs it will not work")
					return
				}
			}
		}
		if looksLikeFile(source, target) && !m.directory && m.kind != "volume" {
			im.note(Risky, s.name, "file "+short(target), "its content ("+short(m.source)+") did not come along: the app has what its image has there; write a file block if it needs another")
			return
		}
	}
	im.volume(s, m, source, target, isPath)
}

// volume makes a directory of the app's own.
func (im *importer) volume(s *service, m mount, source, target string, isPath bool) {
	if i := slices.IndexFunc(s.volumes, func(v volumeOf) bool { return v.path == target }); i >= 0 {
		im.note(Dropped, s.name, "volume "+short(target), "the path is filled twice; the first one counts")
		return
	}
	if slices.ContainsFunc(s.files, func(f fileOf) bool { return f.path == target }) || slices.Contains(s.tmpfs, target) {
		im.note(Dropped, s.name, "volume "+short(target), "the path is filled already")
		return
	}
	if len(s.volumes) >= 200 {
		im.refuse(refusal("", "the service %s has more than 200 volumes", s.name))
		return
	}
	v := volumeOf{path: target, readOnly: m.readOnly, source: source, kind: "data"}
	if source == "" {
		v.source = s.name + ":" + target // an anonymous one, of this service alone
	}
	v.kind = volumeKind(s, source, target)
	im.owner(s, &v)
	if isPath && m.readOnly && im.ofTheApp(source) && strings.HasPrefix(source, "./") {
		im.note(Risky, s.name, "volume "+short(target), "what is in "+short(source)+" beside the manifest did not come along: the app finds an empty folder, and may not write to it")
	}
	if isPath && !im.ofTheApp(source) {
		why := "it was " + short(source) + " of the machine; it is a folder of the app's own, into which what is there has to be copied"
		if v.kind == "media" {
			why = "it was " + short(source) + ", a folder with files of yours; it is a folder of the app's own, which starts empty"
		}
		im.note(Changed, s.name, "volume "+short(target), why)
	}
	s.volumes = append(s.volumes, v)
}

// ofTheApp tells a path of the host that the store keeps for this app alone.
func (im *importer) ofTheApp(source string) bool {
	if !strings.HasPrefix(source, "/") && !strings.HasPrefix(source, "~") {
		return true // beside the manifest
	}
	for _, root := range []string{"/DATA/AppData/", "/data/coolify/", dataDir} {
		if strings.HasPrefix(source+"/", root) {
			return true
		}
	}
	return false
}

// dataDir stands for the app's own folder, which Runtipi and Umbrel name by a variable.
const dataDir = "/app-data/"

var (
	mediaPath = regexp.MustCompile(`(?i)(^|/)(media|movies?|tv|tv-?shows?|shows|series|music|musique|photos?|pictures|gallery|books|comics|manga|audiobooks|podcasts|videos?|library|downloads?|storage|torrents|documents|files|share|originals|roms|anime|watch|consume|recordings)/?$`)
	cachePath = regexp.MustCompile(`(?i)(^|/)(\.?cache|caches|tmp|temp|transcodes?|model-cache|logs?)/?$`)
	fileName  = regexp.MustCompile(`\.(conf|cfg|ini|ya?ml|toml|json|xml|env|sh|py|js|properties|template|tmpl|crt|pem|key|sql|txt|cnf|lua|php|html?|sock|service|rules|list|db|log|acl|htpasswd)$`)
)

func looksLikeFile(source, target string) bool {
	return fileName.MatchString(path.Base(target)) && (fileName.MatchString(path.Base(source)) || path.Base(source) == path.Base(target)) && !strings.HasSuffix(target, ".d")
}

func volumeKind(s *service, source, target string) string {
	switch {
	case s.is(databases...):
		return "database"
	case mediaPath.MatchString(source) && !strings.HasPrefix(source, "/DATA/AppData"), strings.HasPrefix(source, "/DATA/Media"), strings.HasPrefix(source, "/DATA/Gallery"), strings.HasPrefix(source, "/DATA/Downloads"):
		return "media"
	case cachePath.MatchString(target):
		return "cache"
	}
	return "data"
}

// badTarget says why nothing can be mounted at a path of the container.
func badTarget(target string) string {
	if target == "/" {
		return "nothing can stand in the place of the container's root"
	}
	if strings.ContainsAny(target, ":,\r\n\t$") || len(target) > 1000 {
		return "the path holds signs that a container engine reads as something else"
	}
	for _, p := range []string{"/proc", "/sys", "/dev", "/alloc", "/local", "/secrets"} {
		if target == p || strings.HasPrefix(target, p+"/") {
			return "the path lies in " + p + ", which is not the app's to fill"
		}
	}
	return ""
}

func (im *importer) tmpfs(s *service, spec string) {
	target, options, _ := strings.Cut(spec, ":")
	target = path.Clean("/" + strings.TrimSpace(target))
	if target == "/dev/shm" {
		s.shm = max(s.shm, 64)
		return
	}
	if complaint := badTarget(target); complaint != "" {
		im.note(Dropped, s.name, "memory at "+short(target), complaint)
		return
	}
	if options != "" {
		im.note(Dropped, s.name, "options of the memory at "+short(target), "its size and owner are the engine's defaults")
	}
	taken := slices.Contains(s.tmpfs, target) || slices.ContainsFunc(s.volumes, func(v volumeOf) bool { return v.path == target }) ||
		slices.ContainsFunc(s.files, func(f fileOf) bool { return f.path == target })
	if !taken && len(s.tmpfs) < 100 {
		s.tmpfs = append(s.tmpfs, target)
	}
}
