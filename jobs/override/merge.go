package override

import (
	"fmt"
	"reflect"

	"github.com/hashicorp/nomad/api"
)

// merger carries writes and removals out on a copy of the job.
type merger struct {
	job     *api.Job
	places  map[string]place // where in the text each address was written
	created map[string]bool  // addresses of blocks that the job did not have
}

// write carries one write out. Values are copied, so that no two jobs share any.
func (m *merger) write(w write) {
	m.places[w.address] = w.at
	v := m.walk(reflect.ValueOf(m.job).Elem(), w.path)
	if w.kind == ensure {
		return
	}
	if w.kind == setOption {
		f := v.FieldByName("Config")
		config, _ := f.Interface().(map[string]any)
		f.Set(reflect.ValueOf(putOption(config, w.option, deepCopy(w.value).Interface())))
		return
	}
	f := v.Field(structureOf(v.Type()).byName[w.field].index)
	value := deepCopy(w.value)
	switch w.kind {
	case setField:
		f.Set(value)
	case setText:
		if f.IsNil() {
			f.Set(reflect.MakeMap(f.Type()))
		}
		f.SetMapIndex(reflect.ValueOf(w.key), value)
		if task, ok := v.Addr().Interface().(*api.Task); ok && w.field == "env" {
			dropEnvLine(task, w.key)
		}
	case addBlock:
		for i := range f.Len() {
			if sameValue(f.Index(i), value) {
				return
			}
		}
		m.places[fmt.Sprintf("%s[%d]", w.address, f.Len())] = w.at
		f.Set(reflect.Append(f, value))
	}
}

// walk goes to the block at path, and makes what is missing on the way.
func (m *merger) walk(v reflect.Value, path []part) reflect.Value {
	for i, p := range path {
		f := v.Field(structureOf(v.Type()).byName[p.field].index)
		if p.keyed {
			v = m.keyed(f, path[:i+1])
		} else {
			v = m.single(f, path[:i+1])
		}
	}
	return v
}

// addressOf is the address of the block at path.
func addressOf(path []part) string {
	address := ""
	for _, p := range path {
		address = join(address, p.field)
		if p.keyed {
			address += Key(p.key)
		}
	}
	return address
}

// single is a block of which there is one.
func (m *merger) single(f reflect.Value, path []part) reflect.Value {
	if f.Kind() == reflect.Slice {
		if f.Len() == 0 {
			m.created[addressOf(path)] = true
			f.Set(reflect.Append(f, newElem(f.Type().Elem())))
		}
		f = f.Index(0)
	}
	if f.Kind() == reflect.Pointer {
		if f.IsNil() {
			m.created[addressOf(path)] = true
			f.Set(reflect.New(f.Type().Elem()))
		}
		f = f.Elem()
	}
	return f
}

// keyed is the block of that name.
func (m *merger) keyed(f reflect.Value, path []part) reflect.Value {
	key := path[len(path)-1].key
	if f.Kind() == reflect.Map {
		k := reflect.ValueOf(key)
		if f.IsNil() {
			f.Set(reflect.MakeMap(f.Type()))
		}
		if e := f.MapIndex(k); e.IsValid() && !e.IsNil() {
			return e.Elem()
		}
		m.created[addressOf(path)] = true
		e := newElem(f.Type().Elem())
		setKey(e, key)
		f.SetMapIndex(k, e)
		return e.Elem()
	}
	for i := range f.Len() {
		if e := reflect.Indirect(f.Index(i)); e.IsValid() && keyOf(e) == key {
			return e
		}
	}
	m.created[addressOf(path)] = true
	e := newElem(f.Type().Elem())
	setKey(e, key)
	f.Set(reflect.Append(f, e))
	return reflect.Indirect(f.Index(f.Len() - 1))
}

// newElem is an empty block, a pointer to one where the list holds pointers.
func newElem(t reflect.Type) reflect.Value {
	if t.Kind() == reflect.Pointer {
		return reflect.New(t.Elem())
	}
	return reflect.New(t).Elem()
}
