package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

// writer writes an entry. Layout is hclwrite's.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// text writes an attribute, unless it is empty.
func (w *writer) text(name, value string) {
	if value != "" {
		w.line("%s = %s", name, quote(value))
	}
}

func (w *writer) number(name string, n int) {
	if n > 0 {
		w.line("%s = %d", name, n)
	}
}

func (w *writer) flag(name string, on bool) {
	if on {
		w.line("%s = true", name)
	}
}

func (w *writer) list(name string, values []string) {
	if len(values) == 0 {
		return
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	w.values(name, quoted)
}

// values writes a list, on one line if it is short.
func (w *writer) values(name string, values []string) {
	if one := strings.Join(values, ", "); len(one) < 100 {
		w.line("%s = [%s]", name, one)
		return
	}
	w.line("%s = [\n%s,\n]", name, strings.Join(values, ",\n"))
}

// maxWarnings is how many notes an entry carries; a list of hundreds is not read.
const maxWarnings = 60

// write is the entry as text.
func (im *importer) write() []byte {
	a := im.app
	w := &writer{}
	w.line("# Imported from %s (%s).", quoteComment(im.src.manifest.Path), im.format)
	w.line("app %q {", a.name)
	w.text("title", a.title)
	w.text("tagline", a.tagline)
	w.text("description", a.description)
	w.text("category", a.category)
	w.text("version", a.version)
	w.text("website", a.website)
	w.text("source", a.source)
	w.text("license", a.license)
	w.list("architectures", a.architectures)
	w.text("default_user", a.defaultUser)
	w.text("notes", a.notes)
	w.list("screenshots", a.screenshots)
	var warnings []string
	for _, n := range im.sortedNotes() {
		if n.Kind != Info && len(warnings) < maxWarnings {
			warnings = append(warnings, oneLine(strings.ToUpper(string(n.Kind[:1]))+string(n.Kind[1:])+": "+n.String()+".", 900))
		}
	}
	w.list("warnings", warnings)
	for _, s := range a.settings {
		if s.used {
			s.write(w)
		}
	}
	for _, s := range a.secrets {
		if s.used {
			s.write(w)
		}
	}
	for _, s := range a.services {
		im.writeService(w, s)
	}
	w.line("}")
	return hclwrite.Format([]byte(w.String()))
}

func quoteComment(s string) string { return oneLine(s, 200) }

func (s *setting) write(w *writer) {
	w.line("\nsetting %q {", s.name)
	w.text("title", s.title)
	w.text("help", s.help)
	w.text("type", s.kind)
	w.list("choices", s.choices)
	switch {
	case s.required:
		w.flag("required", true)
	case !s.hasDefault:
	case s.kind == "number" || s.kind == "bool":
		w.line("default = %s", s.fallback)
	default:
		w.text("default", s.fallback)
	}
	w.flag("advanced", s.advanced)
	w.line("}")
}

func (s *secret) write(w *writer) {
	w.line("\nsecret %q {", s.name)
	w.text("title", s.title)
	w.flag("reveal", s.reveal)
	if s.bytes > 0 {
		w.number("bytes", s.bytes)
	} else if s.length != 32 {
		w.number("length", s.length)
	}
	w.text("charset", s.charset)
	w.line("}")
}

func (im *importer) writeService(w *writer, s *service) {
	w.line("\nservice %q {", s.name)
	w.text("image", s.image)
	var entrypoint []string
	for _, t := range s.entrypoint {
		entrypoint = append(entrypoint, t.plain())
	}
	w.list("entrypoint", entrypoint)
	if len(s.command) > 0 {
		var args []string
		for _, t := range s.command {
			args = append(args, t.hcl())
		}
		w.values("command", args)
	}
	w.flag("once", s.once)
	w.list("after", s.after)
	if !s.once && len(s.exposes) == 0 || s.inner > 0 && len(s.exposes) > 0 && s.inner != s.exposes[0].port && len(im.app.services) > 1 {
		w.number("port", s.inner)
	}
	w.text("user", s.user)
	w.text("workdir", s.workdir)
	s.writeEnv(w)
	w.list("capabilities", s.caps)
	w.list("devices", s.devices)
	w.list("tmpfs", s.tmpfs)
	w.number("shm_size", s.shm)
	w.flag("read_only", s.readOnly)
	w.flag("init", s.init)
	w.text("stop_signal", s.stopSignal)
	w.number("stop_timeout", s.stopWait)
	s.writeParts(w)
	s.writeResources(w)
	w.line("}")
}

func (s *service) writeEnv(w *writer) {
	if len(s.env) == 0 {
		return
	}
	w.line("env = {")
	for _, e := range s.env {
		value := e.value.hcl()
		if e.optional && len(e.value) == 1 {
			value = e.value[0].ref + ` != "" ? ` + e.value[0].ref + " : null"
		}
		name := e.name
		if strings.Contains(name, ".") {
			name = quote(name)
		}
		w.line("%s = %s", name, value)
	}
	w.line("}")
}

func (s *service) writeParts(w *writer) {
	health := s.health
	for i, e := range s.exposes {
		w.line("expose %q {", e.name)
		w.number("port", e.port)
		w.line(`access = "private"`)
		w.text("subdomain", e.subdomain)
		if health != nil && i == 0 {
			if page, ok := healthPath(health, e.port); ok {
				writeHealth(w, &healthOf{path: page, interval: health.interval, timeout: health.timeout})
				health = nil
			}
		}
		w.line("}")
	}
	for _, p := range s.ports {
		w.line("port %q {", p.name)
		w.number("port", p.port)
		if p.host != p.port {
			w.number("host", p.host)
		}
		w.text("protocol", p.protocol)
		w.text("title", p.title)
		w.line("}")
	}
	for _, v := range s.volumes {
		w.line("volume %q {", v.name)
		w.text("path", v.path)
		if v.from != "" {
			w.text("from", strings.TrimSuffix(v.from, "/"+v.name))
		} else {
			w.text("owner", v.owner)
			w.text("mode", v.mode)
			w.text("kind", v.kind)
		}
		w.flag("read_only", v.readOnly)
		w.line("}")
	}
	for _, f := range s.files {
		w.line("file %s {", quote(f.path))
		if here, ok := f.content.heredoc(); ok {
			w.line("content = %s", here)
		} else {
			w.line("content = %s", f.content.hcl())
		}
		w.text("mode", f.mode)
		w.line("}")
	}
	if health != nil {
		writeHealth(w, health)
	}
	if command := s.backup(); command != "" {
		w.line("backup {")
		w.list("command", []string{"sh", "-c", command})
		w.line("}")
	}
}

func writeHealth(w *writer, h *healthOf) {
	w.line("health {")
	w.text("path", h.path)
	if len(h.command) > 0 {
		var words []string
		for _, t := range h.command {
			words = append(words, t.plain())
		}
		w.list("command", words)
	}
	w.number("interval", h.interval)
	w.number("timeout", h.timeout)
	w.line("}")
}

// Memory of a service whose manifest says none, in MiB: what it reserves, and the
// most that it may use. Caches and databases at home are small; the most is
// generous, since a manifest without a limit has none.
func (s *service) writeResources(w *writer) {
	memory := s.memory
	if memory == 0 {
		switch {
		case s.once:
			memory = 64
		case s.is("redis", "valkey", "memcached", "keydb"):
			memory = 32
		case s.is("elasticsearch", "opensearch", "clickhouse-server"):
			memory = 512
		case s.is(databases...):
			memory = 128
		default:
			memory = 192
		}
		if s.memoryMax > 0 {
			memory = min(memory, s.memoryMax)
		}
	}
	memory = max(memory, 10)
	most := s.memoryMax
	if most == 0 {
		if most = 4 * memory; s.memory > 0 {
			most = 2 * memory
		}
		if !s.is("redis", "valkey", "memcached", "keydb") {
			most = max(most, 2048)
		}
	}
	w.line("resources {")
	w.number("cpu", s.cpu)
	w.number("memory", memory)
	w.number("memory_max", max(most, memory))
	w.line("}")
}

// distinctStrings drops what stands twice.
func distinctStrings(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
