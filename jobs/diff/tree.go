package diff

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// place is a part of a job: a value (leaf), a block with parts by name, or a list of
// blocks without names, of which each is one value.
type place struct {
	value  string // leaf: as it is compared
	kind   kind
	secret string // leaf: what is shown instead of the value, "" to show it
	order  []string
	parts  map[string]*place
	list   []*place
}

type kind int

const (
	block kind = iota
	leaf
	text // a leaf of several lines
	list
)

func (p *place) isLeaf() bool { return p != nil && (p.kind == leaf || p.kind == text) }
func (p *place) isList() bool { return p != nil && p.kind == list }

func (p *place) keys() []string {
	if p == nil {
		return nil
	}
	return p.order
}

func (p *place) child(key string) *place {
	if p == nil {
		return nil
	}
	return p.parts[key]
}

func (p *place) elements() []*place {
	if p == nil {
		return nil
	}
	return slices.Clone(p.list)
}

// put adds a part, and leaves out what is empty. Of two of one name the second gets a
// number, so that none is lost.
func (p *place) put(key string, part *place) {
	if part == nil || part.kind == block && len(part.order) == 0 || part.kind == list && len(part.list) == 0 {
		return
	}
	for n, free := 2, key; ; n++ {
		if p.parts[free] == nil {
			key = free
			break
		}
		free = key + "#" + strconv.Itoa(n)
	}
	if p.parts == nil {
		p.parts = map[string]*place{}
	}
	p.parts[key] = part
	p.order = append(p.order, key)
}

// plain is what stands in an address as it is; other keys stand in brackets and quotes.
var plain = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

func segment(address, key string) string {
	switch {
	case !plain.MatchString(key):
		return "[" + strconv.Quote(key) + "]"
	case address == "":
		return key
	}
	return "." + key
}

// root is a job's tree: the job itself, without what is the cloud's own bookkeeping.
func root(job *api.Job) *place {
	if job == nil {
		return nil
	}
	p := structOf(reflect.ValueOf(job).Elem())
	for _, key := range []string{"id", "name"} {
		p.drop(key)
	}
	meta := p.parts["meta"]
	for _, key := range bookkeeping {
		meta.drop(key)
	}
	if meta != nil && len(meta.order) == 0 {
		p.drop("meta")
	}
	return p
}

// bookkeeping are keys of a job's meta that change with the rest of the job, or say
// nothing about it. They are named here since jobs imports this package's neighbours.
var bookkeeping = []string{"dcloud.hash", "dcloud.intent", "dcloud.secrets", "dcloud.restarts"}

func (p *place) drop(key string) {
	if p == nil || p.parts[key] == nil {
		return
	}
	delete(p.parts, key)
	p.order = slices.DeleteFunc(p.order, func(k string) bool { return k == key })
}

// structOf makes a block of one of the API's structs: its fields by the names that
// Nomad's language has for them. A field without such a name cannot be written there.
func structOf(v reflect.Value) *place {
	p := &place{}
	t := v.Type()
	for k := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(k).Tag.Get("hcl"), ",")
		if name == "" || name == "-" || option == "label" || !t.Field(k).IsExported() {
			continue
		}
		p.putField(name, v.Field(k))
	}
	return p
}

// putField adds a field of a struct under its name.
func (p *place) putField(name string, v reflect.Value) {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return
		}
		// Behind a pointer a zero is one that was asked for.
		if v = v.Elem(); v.Kind() != reflect.Struct && v.Kind() != reflect.Pointer && v.Kind() != reflect.Interface {
			p.put(name, valueOf(v, name))
			return
		}
	}
	switch {
	case v.Kind() == reflect.Struct:
		p.put(name, whole(v))
	case v.Kind() == reflect.Slice && isStruct(v.Type().Elem()):
		p.putBlocks(name, v)
	case v.Kind() == reflect.Map:
		p.put(name, mapOf(v))
	case v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0:
	default:
		p.put(name, valueOf(v, name))
	}
}

// whole is a struct's block, or a word that it is there where nothing in it is set.
func whole(v reflect.Value) *place {
	p := structOf(v)
	if len(p.order) == 0 {
		return &place{kind: leaf, value: "{}"}
	}
	if template, ok := v.Interface().(api.Template); ok {
		guard(p, template)
	}
	return p
}

func isStruct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// putBlocks adds a list of blocks: those that have a name by it, the others as a list.
func (p *place) putBlocks(name string, v reflect.Value) {
	var unnamed *place
	for k := range v.Len() {
		e := reflect.Indirect(v.Index(k))
		if !e.IsValid() {
			continue
		}
		key, named := nameOf(e, name, k)
		switch {
		case named && key == "":
			p.put(name, whole(e))
		case named && name == "reserved_ports":
			p.group("port").put(key, whole(e))
		case named:
			p.group(name).put(key, whole(e))
		default:
			if unnamed == nil {
				unnamed = &place{kind: list}
			}
			b := whole(e)
			unnamed.list = append(unnamed.list, &place{kind: leaf, value: line(b), secret: b.hidden()})
		}
	}
	p.put(name, unnamed)
}

// group is the block that holds those of one kind, by their names.
func (p *place) group(name string) *place {
	if p.parts[name] == nil {
		if p.parts == nil {
			p.parts = map[string]*place{}
		}
		p.parts[name] = &place{}
		p.order = append(p.order, name)
	}
	return p.parts[name]
}

// nameOf is what an address calls a block: by its label, its name, or where it puts
// something. "" is one that stands alone.
func nameOf(e reflect.Value, kind string, at int) (key string, named bool) {
	switch b := e.Interface().(type) {
	case api.Service:
		if b.Name == "" {
			return b.PortLabel, true
		}
		return b.Name, true
	case api.ServiceCheck:
		if b.Name == "" {
			return b.Type, true
		}
		return b.Name, true
	case api.Template:
		return deref(b.DestPath), true
	case api.VolumeMount:
		return deref(b.Volume) + ":" + deref(b.Destination), true
	case api.NetworkResource:
		return "", at == 0
	case api.SpreadTarget:
		return "", false
	}
	t := e.Type()
	for k := range t.NumField() {
		if _, option, _ := strings.Cut(t.Field(k).Tag.Get("hcl"), ","); option == "label" {
			if label := reflect.Indirect(e.Field(k)); label.IsValid() && label.Kind() == reflect.String {
				return label.String(), label.String() != ""
			}
		}
	}
	return "", false
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
