package catalog

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

const (
	maxMemory = 16 << 20  // MiB: 16 TiB, more than any machine has
	maxCPU    = 1_000_000 // MHz
	maxWait   = 24 * 3600 // seconds
	maxPort   = 65535
)

// imageName is a reference as the distribution project defines it: registry and
// repository, tag, digest.
var imageName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*` +
	`(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$`)

var isImage = matches(imageName, `must look like "docker.io/library/postgres:17.2"`)

func (r *reader) readService(b *hclsyntax.Block) {
	var taken []string
	for _, s := range r.app.Services {
		taken = append(taken, s.Name)
	}
	s := Service{
		Name:      r.label(b, taken, isAppName),
		Resources: Resources{CPU: 100, Memory: 128},
	}
	r.mark("service."+s.Name, b.LabelRanges[0])
	r.within("service."+s.Name, func() { r.serviceBody(b, &s) })
	r.app.Services = append(r.app.Services, s)
}

func (r *reader) serviceBody(b *hclsyntax.Block, s *Service) {
	what := "service " + quoted(s.Name)
	p := &places{r: r, service: s.Name, paths: map[string]bool{}}
	r.body(b.Body, what, b.TypeRange, attributes{
		"image":      r.text("image", &s.Image, 255, isImage),
		"entrypoint": r.texts("entrypoint", &s.Entrypoint),
		"command":    r.exprs("command", &s.Command),
		"workdir":    r.text("workdir", &s.Workdir, maxLine, workPath),
		"once":       r.flag("once", &s.Once),
		"after":      func(e hclsyntax.Expression) { r.readAfter(e, s) },
		"port": func(e hclsyntax.Expression) {
			r.number("port", &s.Port, 1, maxPort)(e)
			p.listens(s.Port, "tcp", e.Range())
		},
		"user":         r.text("user", &s.User, maxName, isUser),
		"env":          func(e hclsyntax.Expression) { r.readEnv(e, s) },
		"capabilities": r.capabilities(&s.Capabilities),
		"devices":      r.distinct("devices", &s.Devices, devicePath),
		"tmpfs": func(e hclsyntax.Expression) {
			r.texts("tmpfs", &s.Tmpfs, containerPath)(e)
			for _, path := range s.Tmpfs {
				p.fills(path, e.Range())
			}
		},
		"shm_size":     r.number("shm_size", &s.ShmSize, 1, maxMemory),
		"read_only":    r.flag("read_only", &s.ReadOnly),
		"init":         r.flag("init", &s.Init),
		"stop_signal":  r.text("stop_signal", &s.StopSignal, maxName, matches(signalName, `must be a signal's name: "SIGTERM"`)),
		"stop_timeout": r.number("stop_timeout", &s.StopTimeout, 1, maxWait),
	}, blocks{
		"file":      {labelled: true, read: func(b *hclsyntax.Block) { r.readFile(b, s, p) }},
		"expose":    {labelled: true, read: func(b *hclsyntax.Block) { r.readExpose(b, s, p) }},
		"port":      {labelled: true, read: func(b *hclsyntax.Block) { r.readPort(b, s, p) }},
		"volume":    {labelled: true, read: func(b *hclsyntax.Block) { r.readVolume(b, s, p) }},
		"health":    {single: true, read: func(b *hclsyntax.Block) { s.Health = r.readHealth(b) }},
		"backup":    {single: true, read: func(b *hclsyntax.Block) { s.Backup = r.readBackup(b) }},
		"resources": {single: true, read: func(b *hclsyntax.Block) { r.readResources(b, s) }},
	}, "image")
	slices.SortStableFunc(s.Env, func(a, b EnvVar) int { return cmp.Compare(a.Name, b.Name) })
	if s.Once {
		r.checkOnce(b, what)
	} else if s.Health != nil && len(s.Health.Command) == 0 && s.Port == 0 && len(s.Exposes) == 0 {
		r.fail(b.TypeRange, "", "%s has a health check over the network but neither port nor expose", what)
	}
}

// checkOnce refuses what only a service that stays can have.
func (r *reader) checkOnce(b *hclsyntax.Block, what string) {
	if a := b.Body.Attributes["port"]; a != nil {
		r.fail(a.NameRange, "", "%s runs once and ends: nobody can reach a port of it", what)
	}
	for _, child := range b.Body.Blocks {
		switch child.Type {
		case "expose", "port":
			r.fail(child.TypeRange, "", "%s runs once and ends: nobody can reach a port of it", what)
		case "health", "backup":
			r.fail(child.TypeRange, "", "%s runs once and ends: take its %s block out", what, child.Type)
		}
	}
}

// places holds what one service takes up: ports it listens on, paths that are filled.
type places struct {
	r       *reader
	service string
	paths   map[string]bool
}

func (p *places) listens(port int, protocol string, at hcl.Range) {
	if port > 0 {
		p.r.sockets = append(p.r.sockets, socket{p.service, protocol, port, at})
	}
}

func (p *places) fills(path string, at hcl.Range) {
	if path == "" {
		return
	}
	if p.paths[path] {
		p.r.fail(at, "", "%s is filled twice in service %s", quoted(path), quoted(p.service))
	}
	p.paths[path] = true
}

func (r *reader) readAfter(e hclsyntax.Expression, s *Service) {
	for _, item := range r.items(e, "after") {
		v, ok := r.constant(item, cty.String, "after")
		if !ok {
			continue
		}
		if name := v.AsString(); slices.Contains(s.After, name) {
			r.fail(item.Range(), "", "after names %s twice", quoted(name))
		} else {
			s.After = append(s.After, name)
			r.after = append(r.after, Reference{Kind: "service", Name: name, where: item.Range(), from: s.Name})
		}
	}
}

func (r *reader) readEnv(e hclsyntax.Expression, s *Service) {
	object, ok := e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		r.fail(e.Range(), "", "env must be a map, as in { NAME = \"value\" }")
		return
	}
	if len(object.Items) > maxItems {
		r.fail(e.Range(), "", "env has more than %d variables", maxItems)
		return
	}
	seen := map[string]bool{}
	for _, item := range object.Items {
		var env EnvVar
		if key, ok := item.KeyExpr.(*hclsyntax.ObjectConsKeyExpr); ok {
			env.Name, _ = keyword(key)
			if env.Name == "" {
				v, ok := r.constant(key.Wrapped, cty.String, "a variable's name")
				if !ok {
					continue
				}
				env.Name = v.AsString()
			}
		}
		at := item.KeyExpr.Range()
		if !r.obeys(at, "variable", env.Name, 255, []rule{isEnvName}) {
			continue
		}
		if seen[env.Name] {
			r.fail(at, "", "variable %s is set twice", quoted(env.Name))
		}
		seen[env.Name] = true
		r.keep(&env.Value, item.ValueExpr, place{secret: true, null: true})
		s.Env = append(s.Env, env)
	}
}

// capabilities are kept in capitals and without CAP_.
func (r *reader) capabilities(into *[]string) func(hclsyntax.Expression) {
	known := make([]string, 0, len(capabilities))
	for name := range capabilities {
		known = append(known, name)
	}
	slices.Sort(known)
	isCapability := func(s string) (string, string) {
		switch {
		case Grantable(s):
			return "", ""
		case slices.Contains(known, s):
			return "amounts to root on the machine (\"" + capabilities[s] + "\"), which no entry gets; a person can give it by an override", ""
		}
		bare := strings.TrimPrefix(strings.ToUpper(s), "CAP_")
		if slices.Contains(known, bare) {
			return "must be in capitals and without CAP_", bare
		}
		return "is not a Linux capability", nearest(bare, known)
	}
	return r.distinct("capabilities", into, isCapability)
}

func (r *reader) readResources(b *hclsyntax.Block, s *Service) {
	res := &s.Resources
	r.within("resources", func() {
		r.body(b.Body, "resources", b.TypeRange, attributes{
			"cpu":        r.number("cpu", &res.CPU, 1, maxCPU),
			"memory":     r.number("memory", &res.Memory, 10, maxMemory), // Nomad takes no less than 10
			"memory_max": r.number("memory_max", &res.MemoryMax, 10, maxMemory),
		}, nil)
	})
	if a := b.Body.Attributes["memory_max"]; a != nil && res.MemoryMax > 0 && res.MemoryMax < res.Memory {
		r.fail(a.Expr.Range(), "", "memory_max is less than memory, which is %d", res.Memory)
	}
}
