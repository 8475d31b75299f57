package catalog

import (
	"regexp"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (r *reader) readFile(b *hclsyntax.Block, s *Service, p *places) {
	f := File{Path: b.Labels[0], Mode: "0644"}
	r.obeys(b.LabelRanges[0], "file", f.Path, maxLine, []rule{containerPath})
	p.fills(f.Path, b.LabelRanges[0])
	r.body(b.Body, "file "+quoted(f.Path), b.TypeRange, attributes{
		"content": r.expr(&f.Content),
		"mode":    r.text("mode", &f.Mode, maxName, isMode),
	}, nil, "content")
	s.Files = append(s.Files, f)
}

func (r *reader) readExpose(b *hclsyntax.Block, s *Service, p *places) {
	var taken []string
	for _, e := range s.Exposes {
		taken = append(taken, e.Name)
	}
	e := Expose{Name: r.label(b, taken, isAppName), Access: "private"}
	r.within("expose."+e.Name, func() {
		r.mark("at", b.TypeRange)
		r.body(b.Body, "expose "+quoted(e.Name), b.TypeRange, attributes{
			"port":      r.number("port", &e.Port, 1, maxPort),
			"access":    r.text("access", &e.Access, maxName, oneOf(accesses)),
			"subdomain": r.text("subdomain", &e.Subdomain, maxName, isAppName),
			"public":    r.distinct("public", &e.Public, urlPath),
		}, blocks{
			"health": {single: true, read: func(b *hclsyntax.Block) { e.Health = r.readHealth(b) }},
		}, "port")
		p.listens(e.Port, "tcp", b.TypeRange)
		if a := b.Body.Attributes["public"]; a != nil && (e.Access == "public" || e.Access == "app") {
			r.fail(a.NameRange, "", "public is for access \"private\" or \"members\": with %q all paths are open", e.Access)
		}
		for _, service := range append(r.app.Services, *s) {
			for _, other := range service.Exposes {
				if other.Subdomain == e.Subdomain {
					where := "the app's own host"
					if e.Subdomain != "" {
						where = "the subdomain " + quoted(e.Subdomain)
					}
					r.fail(b.TypeRange, "", "expose %s and %s both answer at %s: give one a subdomain", quoted(other.Name), quoted(e.Name), where)
				}
			}
		}
	})
	s.Exposes = append(s.Exposes, e)
}

func (r *reader) readPort(b *hclsyntax.Block, s *Service, p *places) {
	var taken []string
	for _, other := range s.Ports {
		taken = append(taken, other.Name)
	}
	port := Port{Name: r.label(b, taken, isAppName), Protocol: "tcp"}
	r.within("port."+port.Name, func() {
		r.body(b.Body, "port "+quoted(port.Name), b.TypeRange, attributes{
			"port":     r.number("port", &port.Port, 1, maxPort),
			"host":     r.number("host", &port.Host, 1, maxPort),
			"protocol": r.text("protocol", &port.Protocol, maxName, oneOf(protocols)),
			"title":    r.text("title", &port.Title, 200, present, oneLine),
		}, nil, "port")
	})
	if port.Host == 0 {
		port.Host = port.Port
	}
	if CloudPort(port.Host) {
		r.fail(b.TypeRange, "", "port %s takes %d of the machine, which is the cloud's own; choose another with host = NUMBER", quoted(port.Name), port.Host)
	}
	p.listens(port.Port, port.Protocol, b.TypeRange)
	for _, service := range append(r.app.Services, *s) {
		for _, other := range service.Ports {
			if other.Host != 0 && other.Host == port.Host && other.Protocol == port.Protocol {
				r.fail(b.TypeRange, "", "port %s and %s both take %d/%s on the machine", quoted(other.Name), quoted(port.Name), port.Host, port.Protocol)
			}
		}
	}
	s.Ports = append(s.Ports, port)
}

func (r *reader) readVolume(b *hclsyntax.Block, s *Service, p *places) {
	var taken []string
	for _, v := range s.Volumes {
		taken = append(taken, v.Name)
	}
	v := Volume{Name: r.label(b, taken, isAppName), Owner: "0:0", Mode: "0750", Kind: "data"}
	r.within("volume."+v.Name, func() {
		r.body(b.Body, "volume "+quoted(v.Name), b.TypeRange, attributes{
			"path": func(e hclsyntax.Expression) {
				r.text("path", &v.Path, maxLine, containerPath)(e)
				p.fills(v.Path, e.Range())
			},
			"owner":     r.text("owner", &v.Owner, maxName, isOwner),
			"mode":      r.text("mode", &v.Mode, maxName, isMode),
			"kind":      r.text("kind", &v.Kind, maxName, oneOf(kinds)),
			"read_only": r.flag("read_only", &v.ReadOnly),
			"from":      r.text("from", &v.From, 2*maxName+1, isOrigin),
		}, nil, "path")
		r.readShare(b, s, &v)
	})
	s.Volumes = append(s.Volumes, v)
}

func (r *reader) readBackup(b *hclsyntax.Block) *Backup {
	var backup Backup
	r.within("backup", func() {
		r.mark("at", b.TypeRange)
		r.body(b.Body, "backup", b.TypeRange, attributes{"command": r.texts("command", &backup.Command)}, nil, "command")
	})
	r.notEmpty(b.Body.Attributes["command"], backup.Command)
	return &backup
}

var blankOnly = regexp.MustCompile(`^\s*$`)

func (r *reader) readHealth(b *hclsyntax.Block) *Health {
	h := &Health{Interval: 15, Timeout: 5}
	r.within("health", func() {
		r.body(b.Body, "health", b.TypeRange, attributes{
			"path":     r.text("path", &h.Path, maxLine, urlPath),
			"command":  r.texts("command", &h.Command),
			"interval": r.number("interval", &h.Interval, 1, maxWait),
			"timeout":  r.number("timeout", &h.Timeout, 1, maxWait),
		}, nil)
	})
	if a := b.Body.Attributes["command"]; a != nil {
		r.notEmpty(a, h.Command)
		if h.Path != "" {
			r.fail(a.NameRange, "", "health has both path and command: leave one out")
		}
	}
	return h
}

// notEmpty refuses a command that runs nothing.
func (r *reader) notEmpty(a *hclsyntax.Attribute, command []string) {
	if a == nil {
		return
	}
	list, ok := a.Expr.(*hclsyntax.TupleConsExpr)
	if ok && len(list.Exprs) == 0 || len(command) > 0 && blankOnly.MatchString(command[0]) {
		r.fail(a.Expr.Range(), "", "command is empty")
	}
}
