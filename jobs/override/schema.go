package override

import (
	"reflect"
	"strings"
	"sync"

	"github.com/hashicorp/nomad/api"
)

// A shape is how a field of the job is written in HCL, and so how it merges.
type shape int

const (
	scalar  shape = iota // x = 1, and lists of texts: replaced
	block                // x { … }, once: merged field by field
	keyed                // x "label" { … }, or known by a field of theirs: merged by key
	loose                // x { … }, many and without names: added
	texts                // x { A = "b" } or x = { A = "b" }: merged key by key
	options              // the config of a driver, whose keys only the driver knows
	unknown              // nothing that is written in HCL
)

// field is one field or block of a struct of the Nomad API, as its hcl tag says.
type field struct {
	name   string // in HCL
	goName string
	index  int
	shape  shape
	elem   reflect.Type // the struct of a block, without its pointer; nil otherwise
}

// structure is what may stand in one block.
type structure struct {
	typ    reflect.Type
	fields []field
	byName map[string]*field
}

// names of the fields, for suggestions.
func (s *structure) names() []string {
	var list []string
	for _, f := range s.fields {
		list = append(list, f.name)
	}
	return list
}

var structures sync.Map // reflect.Type → *structure

var (
	jobType       = reflect.TypeFor[api.Job]()
	groupType     = reflect.TypeFor[api.TaskGroup]()
	taskType      = reflect.TypeFor[api.Task]()
	networkType   = reflect.TypeFor[api.NetworkResource]()
	mapOfTexts    = reflect.TypeFor[map[string]string]()
	mapOfLists    = reflect.TypeFor[map[string][]string]()
	mapOfAnything = reflect.TypeFor[map[string]any]()
)

// keyFields are the fields by which blocks of a type are told apart. Several make
// one key, joined by a colon.
var keyFields = map[reflect.Type][]string{
	groupType:                               {"Name"},
	taskType:                                {"Name"},
	reflect.TypeFor[api.Service]():          {"Name"},
	reflect.TypeFor[api.ServiceCheck]():     {"Name"},
	reflect.TypeFor[api.Template]():         {"DestPath"},
	reflect.TypeFor[api.VolumeMount]():      {"Volume", "Destination"},
	reflect.TypeFor[api.Port]():             {"Label"},
	reflect.TypeFor[api.Action]():           {"Name"},
	reflect.TypeFor[api.RequestedDevice]():  {"Name"},
	reflect.TypeFor[api.Secret]():           {"Name"},
	reflect.TypeFor[api.WorkloadIdentity](): {"Name"},
}

// structureOf reads the hcl tags of a struct, which are those that Nomad's own
// parser goes by (nomad/jobspec2 decodes into these types).
func structureOf(t reflect.Type) *structure {
	if s, ok := structures.Load(t); ok {
		return s.(*structure)
	}
	s := &structure{typ: t, byName: map[string]*field{}}
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, ok := sf.Tag.Lookup("hcl")
		if !ok || !sf.IsExported() {
			continue
		}
		name, kind, _ := strings.Cut(tag, ",")
		if name == "" || kind == "label" || t == networkType && sf.Name == "ReservedPorts" {
			continue // a label is the key; reserved ports are ports with a static number (ports.go)
		}
		f := field{name: name, goName: sf.Name, index: i}
		f.shape, f.elem = shapeOf(sf.Type, kind == "block")
		if t == groupType && sf.Name == "Networks" {
			f.shape = block // Nomad takes one network for a group
		}
		s.fields = append(s.fields, f)
	}
	for i := range s.fields {
		s.byName[s.fields[i].name] = &s.fields[i]
	}
	got, _ := structures.LoadOrStore(t, s)
	return got.(*structure)
}

func shapeOf(t reflect.Type, isBlock bool) (shape, reflect.Type) {
	switch {
	case t == mapOfTexts || t == mapOfLists:
		return texts, nil
	case t == mapOfAnything:
		return options, nil
	case !isBlock:
		return scalar, nil
	}
	many := t.Kind() == reflect.Slice || t.Kind() == reflect.Map
	elem := t
	if many {
		elem = t.Elem()
	}
	if elem.Kind() == reflect.Pointer {
		elem = elem.Elem()
	}
	switch {
	case elem.Kind() != reflect.Struct:
		return unknown, nil
	case t.Kind() == reflect.Map:
		return keyed, elem
	case many && keyFields[elem] != nil:
		return keyed, elem
	case many:
		return loose, elem
	}
	return block, elem
}

// keyOf is the key of one element of a keyed list.
func keyOf(v reflect.Value) string {
	v = reflect.Indirect(v)
	var parts []string
	for _, name := range keyFields[v.Type()] {
		if f := reflect.Indirect(v.FieldByName(name)); f.IsValid() {
			parts = append(parts, f.String())
		} else {
			parts = append(parts, "")
		}
	}
	return strings.Join(parts, ":")
}

// setKey gives a new element its key.
func setKey(v reflect.Value, key string) {
	v = reflect.Indirect(v)
	names := keyFields[v.Type()]
	if v.Type() == reflect.TypeFor[api.VolumeRequest]() {
		names = []string{"Name"}
	}
	parts := strings.SplitN(key, ":", len(names))
	for i, name := range names {
		f := v.FieldByName(name)
		if f.Kind() == reflect.Pointer {
			f.Set(reflect.New(f.Type().Elem()))
			f = f.Elem()
		}
		if i < len(parts) {
			f.SetString(parts[i])
		}
	}
}
