package override

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/nomad/api"
)

// Change is one field in which two jobs differ.
type Change struct {
	Address string // "group.miniflux.task.web.env.PATH"
	Old     any    // nil if it was not there
	New     any    // nil if it is not there any more
}

// Changes lists the fields in which two jobs differ, by the addresses that remove
// takes, in the order of the new job. A block that comes or goes is listed by its
// fields; one that has no name or no fields, by itself. Values are those of the jobs, secrets' places
// included: it is the caller who knows what may be shown.
func Changes(old, new *api.Job) []Change {
	var list []Change
	all := compare(old, new)
	for i, c := range all {
		alone := i+1 == len(all) || !strings.HasPrefix(all[i+1].address, c.address)
		if !c.within && (!c.block || c.whole || alone) {
			list = append(list, Change{Address: c.address, Old: c.old, New: c.new})
		}
	}
	return list
}

// change is a Change with what the rules are told by.
type change struct {
	address  string
	key      string // "Task.User", or "docker.privileged"
	old, new any
	mapKey   string // where the address ends in the key of a map, or of a block in a driver's config
	block    bool   // a block as such came or went
	whole    bool   // and it has no name, so that it came or went as one
	within   bool   // a field of such a block
	scope
}

// scope is where in the new job a change is; nil for what is not there any more.
type scope struct {
	group   *api.TaskGroup
	task    *api.Task
	service *api.Service
	removed bool     // a block that this is in is not there any more
	before  struct { // the same in the old job
		group   *api.TaskGroup
		task    *api.Task
		service *api.Service
	}
}

type comparison struct {
	list  []change
	loose int // how many blocks without names this is in
}

// compare lists the differences of two jobs with joined ports, or of any two.
func compare(old, new *api.Job) []change {
	c := &comparison{}
	c.fields(reflect.ValueOf(joined(old)).Elem(), reflect.ValueOf(joined(new)).Elem(), "", scope{})
	return c.list
}

func (c *comparison) emit(ch change) {
	ch.within = c.loose > 0
	c.list = append(c.list, ch)
}

// fields compares two structs of one type. One of them may be its zero value.
func (c *comparison) fields(old, new reflect.Value, address string, in scope) {
	s := structureOf(new.Type())
	for i := range s.fields {
		f := &s.fields[i]
		o, n := old.Field(f.index), new.Field(f.index)
		addr, key := join(address, f.name), s.typ.Name()+"."+f.goName
		switch f.shape {
		case scalar:
			if slices.Contains(keyFields[s.typ], f.goName) {
				continue // in the address already
			}
			if !sameValue(o, n) {
				c.emit(change{address: addr, key: key, old: present(o), new: present(n), scope: in})
			}
		case texts:
			c.texts(o, n, addr, key, in)
		case options:
			c.options(o, n, addr, key, in)
		case block:
			if f.elem == networkType && o.Kind() == reflect.Slice {
				o, n = first(o), first(n)
			}
			c.block(f, o, n, addr, key, in)
		case keyed:
			c.keyed(f, o, n, addr, key, in)
		case loose:
			c.unnamed(f, o, n, addr, key, in)
		}
	}
}

// present is a value, nil if the field is not set.
func present(v reflect.Value) any {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		return v.Elem().Interface()
	}
	if v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
		return nil
	}
	return v.Interface()
}

func first(list reflect.Value) reflect.Value {
	if list.Len() == 0 {
		return reflect.Zero(list.Type().Elem())
	}
	return list.Index(0)
}

func (c *comparison) texts(o, n reflect.Value, address, key string, in scope) {
	keys := sortedKeys(n)
	for _, k := range sortedKeys(o) {
		if !n.MapIndex(reflect.ValueOf(k)).IsValid() {
			keys = append(keys, k)
		}
	}
	for _, k := range keys {
		if a, b := mapValue(o, k), mapValue(n, k); !same(a, b) || (a == nil) != (b == nil) {
			c.emit(change{address: address + Key(k), key: key, old: a, new: b, mapKey: k, scope: in})
		}
	}
}

func mapValue(m reflect.Value, key string) any {
	if v := m.MapIndex(reflect.ValueOf(key)); v.IsValid() {
		return v.Interface()
	}
	return nil
}

// block compares a block of which there is one.
func (c *comparison) block(f *field, o, n reflect.Value, address, key string, in scope) {
	o, n = reflect.Indirect(o), reflect.Indirect(n)
	if !o.IsValid() && !n.IsValid() {
		return
	}
	c.presence(f, o, n, address, key, in)
	in.removed = in.removed || !n.IsValid()
	c.fields(orZero(o, f), orZero(n, f), address, in)
}

// presence notes that a block came or went. One without any field is noted as a
// change by itself.
func (c *comparison) presence(f *field, o, n reflect.Value, address, key string, in scope) {
	if o.IsValid() == n.IsValid() {
		return
	}
	ch := change{address: address, key: key, block: true, scope: in}
	var one reflect.Value
	if n.IsValid() {
		ch.new, one = f.name, n
	} else {
		ch.old, one = f.name, o
	}
	ch.block = !one.IsZero()
	c.emit(ch)
}

func orZero(v reflect.Value, f *field) reflect.Value {
	if v.IsValid() {
		return v
	}
	return reflect.Zero(f.elem)
}

// keyed compares blocks by their keys, the new ones in their order first.
func (c *comparison) keyed(f *field, o, n reflect.Value, address, key string, in scope) {
	olds, _ := elements(o)
	news, order := elements(n)
	_, gone := elements(o)
	for _, k := range gone {
		if !news[k].IsValid() {
			order = append(order, k)
		}
	}
	for _, k := range order {
		addr := address + Key(k)
		a, b := olds[k], news[k]
		inner := in.enter(a, b)
		c.presence(f, a, b, addr, key, inner)
		inner.removed = in.removed || !b.IsValid()
		c.fields(orZero(a, f), orZero(b, f), addr, inner)
	}
}

// elements are the blocks of a list or map by their keys, and the keys in order. A
// key that comes a second time has its number behind it.
func elements(list reflect.Value) (map[string]reflect.Value, []string) {
	if list.Kind() == reflect.Map {
		keys := sortedKeys(list)
		m := make(map[string]reflect.Value, len(keys))
		for _, k := range keys {
			m[k] = reflect.Indirect(list.MapIndex(reflect.ValueOf(k)))
		}
		return m, keys
	}
	m := make(map[string]reflect.Value, list.Len())
	var keys []string
	for i := range list.Len() {
		e := reflect.Indirect(list.Index(i))
		if !e.IsValid() {
			continue
		}
		k := keyOf(e)
		for again := 2; m[k].IsValid(); again++ {
			k = fmt.Sprintf("%s#%d", keyOf(e), again)
		}
		m[k] = e
		keys = append(keys, k)
	}
	return m, keys
}

// enter is the scope within a block.
func (s scope) enter(old, new reflect.Value) scope {
	at := func(v reflect.Value) any {
		if !v.IsValid() || !v.CanAddr() {
			return nil
		}
		return v.Addr().Interface()
	}
	switch b := at(old).(type) {
	case *api.TaskGroup:
		s.before.group = b
	case *api.Task:
		s.before.task = b
	case *api.Service:
		s.before.service = b
	}
	switch b := at(new).(type) {
	case *api.TaskGroup:
		s.group = b
	case *api.Task:
		s.task = b
	case *api.Service:
		s.service = b
	}
	return s
}

// unnamed compares blocks without names: those that only one of the jobs has.
func (c *comparison) unnamed(f *field, o, n reflect.Value, address, key string, in scope) {
	matched := make([]bool, o.Len())
	for i := range n.Len() {
		found := false
		for j := range o.Len() {
			if !matched[j] && sameValue(o.Index(j), n.Index(i)) {
				matched[j], found = true, true
				break
			}
		}
		if e := reflect.Indirect(n.Index(i)); !found && e.IsValid() {
			addr := fmt.Sprintf("%s[%d]", address, i)
			c.emit(change{address: addr, key: key, new: e.Interface(), block: true, whole: true, scope: in})
			c.loose++
			c.fields(reflect.Zero(f.elem), e, addr, in)
			c.loose--
		}
	}
	for j := range o.Len() {
		if e := reflect.Indirect(o.Index(j)); !matched[j] && e.IsValid() {
			addr := fmt.Sprintf("%s[%d]", address, j)
			c.emit(change{address: addr, key: key, old: e.Interface(), block: true, whole: true, scope: in})
			gone := in
			gone.removed = true
			c.loose++
			c.fields(e, reflect.Zero(f.elem), addr, gone)
			c.loose--
		}
	}
}

// options compares drivers' configs, Docker's by what its options mean.
func (c *comparison) options(o, n reflect.Value, address, key string, in scope) {
	a, _ := o.Interface().(map[string]any)
	b, _ := n.Interface().(map[string]any)
	docker := key == "Task.Config" && usesDocker(in.task) && usesDocker(in.before.task)
	for _, k := range slices.Sorted(maps.Keys(union(a, b))) {
		addr := address + Key(k)
		if !docker {
			c.option(addr, key, k, a[k], b[k], in)
			continue
		}
		known := optionShapes[k]
		switch known.shape {
		case optBlocks:
			x, y := blocksByKey(k, a[k]), blocksByKey(k, b[k])
			for _, bk := range slices.Sorted(maps.Keys(union(x, y))) {
				c.option(addr+Key(bk), "docker."+k, bk, x[bk], y[bk], in)
			}
		case optMap, optBlock:
			c.maps(addr, "docker."+k, asMap(a[k]), asMap(b[k]), known.inner, in)
		default:
			c.option(addr, "docker."+k, k, a[k], b[k], in)
		}
	}
}

func (c *comparison) maps(address, key string, a, b map[string]any, inner string, in scope) {
	for _, k := range slices.Sorted(maps.Keys(union(a, b))) {
		if inner != "" && k == inner {
			c.maps(address+Key(k), key, asMap(a[k]), asMap(b[k]), "", in)
			continue
		}
		c.option(address+Key(k), key, k, a[k], b[k], in)
	}
}

func (c *comparison) option(address, key, mapKey string, a, b any, in scope) {
	if !same(a, b) {
		c.emit(change{address: address, key: key, old: a, new: b, mapKey: mapKey, scope: in})
	}
}

func usesDocker(t *api.Task) bool { return t == nil || t.Driver == "docker" || t.Driver == "" }

func blocksByKey(option string, v any) map[string]any {
	m := map[string]any{}
	for _, one := range asMaps(v) {
		m[blockKey(option, one)] = one
	}
	return m
}

func union(a, b map[string]any) map[string]any {
	m := make(map[string]any, len(a)+len(b))
	maps.Copy(m, a)
	maps.Copy(m, b)
	return m
}
