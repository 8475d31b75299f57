package override

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/nomad/api"
)

// A write is one thing that an override says: one field, one key of a map, one
// block that is to be there. An override is the list of its writes, in the order of
// the text.
type write struct {
	kind    writeKind
	path    []part   // the blocks that it stands in
	field   string   // of the innermost block
	key     string   // of a map
	option  []string // below config: its key, and what is within that
	value   reflect.Value
	address string
	at      place
}

type writeKind int

const (
	ensure    writeKind = iota // the block at path exists
	setField                   // a scalar
	setText                    // a key of a map of texts
	setOption                  // a key of a driver's config
	addBlock                   // a block without a name
)

// part is one block on the way to a write.
type part struct {
	field string
	key   string // "" where there is one block of the kind
	keyed bool
}

// reader turns the syntax of an override and what Nomad made of it into writes. The
// syntax says what is written, Nomad's job says what it means: a field that Nomad
// filled in by itself is not in the syntax, and so not a write.
type reader struct {
	writes   []write
	problems Problems
}

func (r *reader) fail(at place, hint, format string, args ...any) {
	r.problems = append(r.problems, at.problem(hint, format, args...))
}

// body reads one block. v is the struct that Nomad made of it.
func (r *reader) body(b *hclsyntax.Body, v reflect.Value, path []part, address string) {
	s := structureOf(v.Type())
	for _, a := range attributesInOrder(b) {
		f := s.byName[a.Name]
		at := placeOf(a.NameRange)
		switch {
		case f == nil:
			r.fail(at, didYouMean(a.Name, s.names()), "there is no field %s here", a.Name)
		case f.shape == scalar:
			r.scalar(f, v.Field(f.index), path, address, at)
		case f.shape == texts:
			keys := map[string]place{}
			if m, ok := a.Expr.(*hclsyntax.ObjectConsExpr); ok {
				for _, item := range m.Items {
					if k, diags := item.KeyExpr.Value(nil); !diags.HasErrors() && isText(k) {
						keys[k.AsString()] = placeOf(item.KeyExpr.Range())
					}
				}
			}
			r.texts(f, v.Field(f.index), keys, path, address, at)
		default:
			r.fail(at, fmt.Sprintf("write %s { … }", a.Name), "%s is a block", a.Name)
		}
	}
	count := map[string]int{}
	for _, child := range b.Blocks {
		r.block(s, child, count[child.Type], v, path, address)
		count[child.Type]++
	}
}

// scalar is a field; null is as if it were not written.
func (r *reader) scalar(f *field, v reflect.Value, path []part, address string, at place) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return
	}
	r.writes = append(r.writes, write{kind: setField, path: path, field: f.name, value: v, address: join(address, f.name), at: at})
}

func (r *reader) texts(f *field, v reflect.Value, keys map[string]place, path []part, address string, at place) {
	for _, k := range sortedKeys(v) {
		where, known := keys[k]
		if !known {
			where = at
		}
		r.writes = append(r.writes, write{kind: setText, path: path, field: f.name, key: k, value: v.MapIndex(reflect.ValueOf(k)),
			address: join(address, f.name) + Key(k), at: where})
	}
}

// block reads the n-th block of its type.
func (r *reader) block(s *structure, b *hclsyntax.Block, n int, v reflect.Value, path []part, address string) {
	at := placeOf(b.DefRange())
	f := s.byName[b.Type]
	if f == nil {
		hint := didYouMean(b.Type, s.names())
		switch {
		case s.typ == jobType && b.Type == "task":
			hint = `put it into group "NAME" { … }`
		case b.Type == "vault" || b.Type == "secret" || b.Type == "consul":
			hint = "the app's secrets are in its Nomad Variable, which a template reads by nomadVar"
		}
		r.fail(at, hint, "%s cannot stand here", b.Type)
		return
	}
	target := v.Field(f.index)
	addr := join(address, f.name)
	if rule := rules[s.typ.Name()+"."+f.goName]; rule.class == refused {
		r.fail(at, rule.hint, "%s: %s", addr, rule.why)
		return
	}
	switch f.shape {
	case block:
		if n > 0 {
			r.fail(at, "put both into one", "there is a second %s block", b.Type)
			return
		}
		if target.Kind() == reflect.Slice { // a group's network
			if target.Len() == 0 {
				r.lost(at, b)
				return
			}
			target = target.Index(0)
		}
		r.inner(b, target, append(slices.Clip(path), part{field: f.name}), addr, at)
	case keyed:
		r.keyed(f, b, n, target, path, addr, at)
	case loose:
		if target.Kind() != reflect.Slice || n >= target.Len() {
			r.lost(at, b)
			return
		}
		r.writes = append(r.writes, write{kind: addBlock, path: path, field: f.name, value: target.Index(n), address: addr, at: at})
	case texts:
		keys := map[string]place{}
		for _, a := range b.Body.Attributes {
			keys[a.Name] = placeOf(a.NameRange)
		}
		r.texts(f, target, keys, path, address, at)
	case options:
		if s.typ == taskType {
			r.config(b, target.Interface().(map[string]any), isDocker(v), path, addr)
		} else {
			r.writes = append(r.writes, write{kind: setField, path: path, field: f.name, value: target, address: addr, at: at})
		}
	default:
		r.fail(at, "", "%s cannot stand here", b.Type)
	}
}

// keyed reads a block that has a name.
func (r *reader) keyed(f *field, b *hclsyntax.Block, n int, target reflect.Value, path []part, addr string, at place) {
	var elem reflect.Value
	var key string
	if len(b.LabelRanges) == 1 {
		at = placeOf(b.LabelRanges[0]) // it is the name that is wrong, if anything is
	}
	switch {
	case target.Kind() == reflect.Map && len(b.Labels) == 1:
		key = b.Labels[0]
		elem = target.MapIndex(reflect.ValueOf(key))
	case target.Kind() == reflect.Slice && len(b.Labels) == 1: // ports change their order
		key = b.Labels[0]
		for i := range target.Len() {
			if keyOf(target.Index(i)) == key {
				elem = target.Index(i)
			}
		}
	case target.Kind() == reflect.Slice && n < target.Len():
		elem = target.Index(n)
		key = keyOf(elem)
	}
	if !elem.IsValid() {
		r.lost(at, b)
		return
	}
	if key == "" || key == ":" {
		r.fail(at, "write it first: "+keyHint(f.elem), "the override cannot tell which %s this is", b.Type)
		return
	}
	if seen := slices.ContainsFunc(r.writes, func(w write) bool { return w.kind == ensure && w.address == addr+Key(key) }); seen {
		r.fail(at, "put both into one", "there is a second %s %s", b.Type, key)
		return
	}
	r.inner(b, elem, append(slices.Clip(path), part{field: f.name, key: key, keyed: true}), addr+Key(key), at)
}

func (r *reader) inner(b *hclsyntax.Block, v reflect.Value, path []part, addr string, at place) {
	if v = reflect.Indirect(v); !v.IsValid() {
		r.lost(at, b)
		return
	}
	r.writes = append(r.writes, write{kind: ensure, path: path, address: addr, at: at})
	r.body(b.Body, v, path, addr)
}

// lost is when Nomad's job does not hold what the text does.
func (r *reader) lost(at place, b *hclsyntax.Block) {
	r.fail(at, "", "Nomad read no %s here", b.Type)
}

func keyHint(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[api.Template]():
		return `destination = "local/NAME"`
	case reflect.TypeFor[api.VolumeMount]():
		return `volume and destination`
	}
	return `name = "NAME"`
}

// isDocker tells whether the config of a task is Docker's: it is unless the task
// says otherwise, since all generated ones are.
func isDocker(task reflect.Value) bool {
	driver := task.FieldByName("Driver").String()
	return driver == "" || driver == "docker"
}
