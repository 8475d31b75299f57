package catalog

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// share is a volume block that mounts another one: volume "data" { from = "web" }.
type share struct {
	service, volume string // where it stands
	where           hcl.Range
}

// Origin is the volume that a volume with From mounts: its service and its name.
func (v Volume) Origin() (service, volume string) {
	service, volume, named := strings.Cut(v.From, "/")
	if !named {
		volume = v.Name
	}
	return service, volume
}

// isOrigin is the rule for from: "web", or "web/uploads" where the names differ.
func isOrigin(s string) (string, string) {
	service, volume, named := strings.Cut(s, "/")
	if message, _ := isAppName(service); message != "" {
		return `must be a service, or a service and its volume: "web" or "web/data"`, ""
	}
	if message, _ := isAppName(volume); named && message != "" {
		return `must be a service, or a service and its volume: "web" or "web/data"`, ""
	}
	return "", ""
}

// readShare notes a volume that is another's, which then says whose it is and how
// it is made.
func (r *reader) readShare(b *hclsyntax.Block, s *Service, v *Volume) {
	if v.From == "" {
		return
	}
	for _, name := range []string{"owner", "mode", "kind"} {
		if a := b.Body.Attributes[name]; a != nil {
			r.fail(a.NameRange, "", "%s is said where the volume is made: leave it out beside from", name)
		}
	}
	where := b.Body.Attributes["from"].Expr.Range()
	r.shares = append(r.shares, share{s.Name, v.Name, where})
}

// checkShares holds every from against the volumes that there are, and takes over
// what is said of the volume there.
func (r *reader) checkShares() {
	for _, sh := range r.shares {
		v := r.app.Service(sh.service).volume(sh.volume)
		if v == nil {
			continue // two volumes of one name, which was told
		}
		name, volume := v.Origin()
		var services []string
		for _, s := range r.app.Services {
			services = append(services, s.Name)
		}
		origin := r.app.Service(name)
		if origin == nil {
			r.fail(sh.where, nearest(name, services), "there is no service %s", quoted(name))
			continue
		}
		made := origin.volume(volume)
		switch {
		case made == nil:
			var names []string
			for _, v := range origin.Volumes {
				names = append(names, v.Name)
			}
			r.fail(sh.where, nearest(volume, names), "service %s has no volume %s", quoted(name), quoted(volume))
		case made == v:
			r.fail(sh.where, "", "volume %s comes from itself", quoted(volume))
		case made.From != "":
			r.fail(sh.where, made.From, "volume %s of service %s comes from elsewhere itself: name where it is made", quoted(volume), quoted(name))
		default:
			v.Owner, v.Mode, v.Kind = made.Owner, made.Mode, made.Kind
		}
	}
}

func (s *Service) volume(name string) *Volume {
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.Volumes, func(v Volume) bool { return v.Name == name })
	if i < 0 {
		return nil
	}
	return &s.Volumes[i]
}
