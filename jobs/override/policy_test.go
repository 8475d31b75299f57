package override

import (
	"reflect"
	"strings"
	"testing"
)

// A field that a new Nomad brings has to be thought about before an override may
// write it.
func TestEveryFieldIsClassified(t *testing.T) {
	used := map[string]bool{}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		if seen[typ] {
			return
		}
		seen[typ] = true
		for _, f := range structureOf(typ).fields {
			key := typ.Name() + "." + f.goName
			used[key] = true
			r, known := rules[key]
			if !known {
				t.Errorf("%s (%s) has no rule: may an override write it?", key, f.name)
				continue
			}
			if r.class != allowed && r.why == "" {
				t.Errorf("%s is refused without a reason", key)
			}
			if f.shape == unknown {
				t.Errorf("%s cannot be compared", key)
			}
			if f.elem != nil && r.class != refused {
				walk(f.elem)
			}
		}
	}
	walk(jobType)
	for key, r := range rules {
		if strings.HasPrefix(key, "docker.") {
			if r.class != allowed && r.why == "" {
				t.Errorf("%s is refused without a reason", key)
			}
			continue
		}
		if !used[key] {
			t.Errorf("%s has a rule, and is no field of a job (any more)", key)
		}
	}
}

// Options that merge in a way of their own are options that are known.
func TestShapesAreOfKnownOptions(t *testing.T) {
	for name := range optionShapes {
		if _, known := rules["docker."+name]; !known {
			t.Errorf("%s has a shape and no rule", name)
		}
	}
}

// The tags say what the parser of Nomad reads, for every field that HCL can set.
func TestTheFieldsAreReadFromTheTags(t *testing.T) {
	for typ, fields := range map[reflect.Type]map[string]shape{
		jobType:   {"priority": scalar, "datacenters": scalar, "meta": texts, "constraint": loose, "group": keyed, "update": block},
		groupType: {"count": scalar, "network": block, "volume": keyed, "service": keyed, "spread": loose, "task": keyed},
		taskType:  {"env": texts, "config": options, "template": keyed, "artifact": loose, "volume_mount": keyed, "resources": block},
	} {
		s := structureOf(typ)
		for name, want := range fields {
			if f := s.byName[name]; f == nil || f.shape != want {
				t.Errorf("%s of %s: %+v, want shape %d", name, typ, f, want)
			}
		}
	}
}
