package override

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// taskDirs are the parts of a task's directory. A path that Nomad is to write or mount
// begins with one of them. A container sees all but private, where it can put no link
// in a file's place.
var taskDirs = []string{"local", "secrets", "alloc", "private"}

// taskPath tells whether a path of Nomad's side stays within the task's directory:
// "local/x", "${NOMAD_TASK_DIR}/x". Anything else that Nomad would fill in could
// lead anywhere.
func taskPath(p string) bool {
	for variable, dir := range map[string]string{
		"${NOMAD_TASK_DIR}": "local", "${NOMAD_SECRETS_DIR}": "secrets", "${NOMAD_ALLOC_DIR}": "alloc",
	} {
		if rest, ok := strings.CutPrefix(p, variable); ok && (rest == "" || rest[0] == '/') {
			p = dir + rest
		}
	}
	p = strings.TrimPrefix(p, "./")
	if rest, ok := strings.CutPrefix(p, "../alloc/"); ok {
		p = "alloc/" + rest // as a task sees it
	}
	if p == "" || strings.HasPrefix(p, "/") || strings.ContainsAny(p, "$%\\\x00") {
		return false
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == ".." {
			return false
		}
	}
	first, _, _ := strings.Cut(path.Clean(p), "/")
	for _, dir := range taskDirs {
		if first == dir {
			return true
		}
	}
	return false
}

const hintTaskPath = "write a path below local/, secrets/ or, for a file that is mounted, private/"

// rendered tells whether a path is that of a file which a template of the task renders
// where no container gets. In local/, secrets/ and alloc/ a container could put a link
// in its place, and so it could in any folder that is mounted as a whole: Docker would
// follow it, on the machine, when the container starts again.
func rendered(t *api.Task, source string) bool {
	return t != nil && strings.HasPrefix(source, "private/") && taskPath(source) && slices.ContainsFunc(t.Templates, func(tmpl *api.Template) bool {
		return tmpl != nil && deref(tmpl.DestPath) == source
	})
}

// checkMount lets rendered files and memory be mounted, and asks for what is the
// machine's.
func checkMount(c *checker, ch change) {
	m, isMap := ch.new.(map[string]any)
	if !isMap {
		return
	}
	text := func(key string) string {
		if m[key] == nil {
			return ""
		}
		return fmt.Sprint(m[key])
	}
	kind, source, target := text("type"), text("source"), text("target")
	if !strings.HasPrefix(target, "/") {
		c.refuse(ch.address, `write target = "/PATH"`, "the place of a mount in the container begins with /")
		return
	}
	switch kind {
	case "tmpfs":
	case "bind":
		switch {
		case rendered(ch.task, source):
		case taskPath(source):
			c.ask(ch.address, "a program in the container could put a link to anything of the machine in the place of %s; what a template renders below private/ is safe to mount", source)
		case strings.HasSuffix(path.Clean(source), "docker.sock") || strings.HasSuffix(path.Clean(source), "containerd.sock"):
			c.ask(ch.address, "whoever has %s is root on the machine", source)
		default:
			c.ask(ch.address, "the container gets %s of the machine, which is not a volume of the app", source)
		}
	default:
		c.ask(ch.address, "the container gets a volume of Docker's, which is not the app's and is in no backup")
	}
	if b := asMap(m["bind_options"]); b != nil {
		if p := b["propagation"]; p != nil && p != "" && p != "private" && p != "rprivate" {
			c.ask(ch.address, "what the container mounts there, the machine sees too")
		}
	}
}

// artifactOptions are those of go-getter that only say what is fetched.
var artifactOptions = map[string]bool{"checksum": true, "archive": true, "filename": true, "ref": true, "depth": true}

// checkArtifact holds what Nomad fetches for a task to the web, and to the task's own
// directory.
func checkArtifact(c *checker, ch change) {
	a, isNew := ch.new.(api.TaskArtifact)
	if !isNew {
		return
	}
	if dest := deref(a.RelativeDest); dest != "" && !taskPath(dest) {
		c.refuse(ch.address, hintTaskPath, "%q is not below the task's own directory", dest)
	}
	if g := ch.group; strings.Contains(deref(a.RelativeDest), "alloc") || g != nil && g.EphemeralDisk != nil && deref(g.EphemeralDisk.Sticky) {
		c.ask(ch.address, "it is fetched into a folder where a program may have put a link to anything of the machine before")
	}
	for _, key := range slices.Sorted(maps.Keys(a.GetterOptions)) {
		c.checkArtifactOption(ch.address, key, a.GetterOptions[key])
	}
	source := deref(a.GetterSource)
	plain := strings.TrimPrefix(source, "git::")
	u, err := url.Parse(plain)
	switch {
	case strings.Contains(source, "${"):
		c.refuse(ch.address, "write the address out", "where it comes from cannot be checked")
		return
	case err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http":
		c.refuse(ch.address, "write https://… (or git::https://…)", "an artifact comes from the web")
		return
	case u.Scheme == "http" && (plain != source || a.GetterOptions["checksum"] == "" && u.Query().Get("checksum") == ""):
		c.refuse(ch.address, `use https, or add options { checksum = "sha256:…" }`, "what comes over http could be anyone's")
	}
	query := u.Query()
	for _, key := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[key] {
			if artifactOptions[key] || key == "sshkey" || strings.HasPrefix(key, "aws_") {
				c.checkArtifactOption(ch.address, key, value)
			}
		}
	}
	if deref(a.GetterInsecure) {
		c.ask(ch.address, "nobody checks whom it is fetched from")
	}
	if local(u.Hostname()) {
		c.ask(ch.address, "the machine fetches it from %s, which may be a service that trusts the machine", u.Hostname())
	}
}

// checkArtifactOption holds an option, in options or in the address, to what only says
// what is fetched.
func (c *checker) checkArtifactOption(address, key, value string) {
	switch {
	case !artifactOptions[key]:
		c.refuse(address, "", "an artifact has no option %s here", key)
	case strings.Contains(value, "${"):
		c.refuse(address, "write the value out", "the option %s cannot be checked", key)
	case key == "filename" && (strings.ContainsAny(value, `/\`) || strings.Contains(value, "..")):
		c.refuse(address, "choose the folder by destination", "filename is a name without a folder")
	case key == "checksum" && strings.HasPrefix(strings.ToLower(strings.TrimSpace(value)), "file"):
		c.refuse(address, `write checksum = "sha256:…"`, "a checksum that is fetched could be anyone's too")
	}
}

// local tells hosts that are within the home or the machine. A name may lead there
// too: this is not a wall, but says what is plainly meant.
func local(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || !strings.Contains(host, ".") && !strings.Contains(host, ":") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && (ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified())
}
