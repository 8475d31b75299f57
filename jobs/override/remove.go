package override

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/nomad/api"
)

// hintRemove is where the addresses of an app's job are shown.
const hintRemove = "the addresses are those that dcloud app plan shows"

// remove carries one removal out. What is not there is a warning, since the entry
// may have dropped it by itself; what could not be there is an error.
func (m *merger) remove(r removal) *Problem {
	m.places[r.text] = r.at
	canonical, problem := m.removeAt(reflect.ValueOf(m.job).Elem(), "", r.steps, r.at)
	if problem == nil {
		m.places[canonical] = r.at
	}
	return problem
}

func missing(at place, what, name string, known []string) *Problem {
	p := at.problem(didYouMean(name, known), "nothing to remove: there is no %s %s", what, name)
	p.Warning = true
	return &p
}

func wrong(at place, hint, format string, args ...any) *Problem {
	p := at.problem(hint, format, args...)
	return &p
}

// removeAt removes what steps lead to from the block v, and gives its address.
func (m *merger) removeAt(v reflect.Value, address string, steps []step, at place) (string, *Problem) {
	st, rest := steps[0], steps[1:]
	s := structureOf(v.Type())
	f := s.byName[st.name]
	if f == nil || st.isIndex || st.isQuoted {
		return "", wrong(at, didYouMean(st.name, s.names()), "no job has %s", join(address, st.name))
	}
	address = join(address, f.name)
	target := v.Field(f.index)
	switch f.shape {
	case scalar:
		return m.removeScalar(target, address, rest, at)
	case texts:
		task, _ := v.Addr().Interface().(*api.Task)
		return removeText(task, f.name, target, address, rest, at)
	case options:
		config, _ := target.Interface().(map[string]any)
		if len(rest) == 0 {
			target.SetZero()
			return address, nil
		}
		return removeOption(config, address, rest, at)
	case loose:
		return removeLoose(target, address, rest, at)
	case block:
		if target.Kind() == reflect.Slice && target.Len() == 0 || target.Kind() != reflect.Slice && target.IsZero() {
			return "", missing(at, "block", address, nil)
		}
		if len(rest) == 0 {
			target.SetZero()
			return address, nil
		}
		if target.Kind() == reflect.Slice {
			target = target.Index(0)
		}
		return m.removeAt(reflect.Indirect(target), address, rest, at)
	case keyed:
		return m.removeKeyed(f, target, address, rest, at)
	}
	return "", wrong(at, hintRemove, "%s cannot be removed", address)
}

func (m *merger) removeScalar(target reflect.Value, address string, rest []step, at place) (string, *Problem) {
	if len(rest) == 0 {
		if target.IsZero() {
			return "", missing(at, "field", address, nil)
		}
		target.SetZero()
		return address, nil
	}
	list, ok := target.Interface().([]string)
	if !ok || len(rest) > 1 {
		return "", wrong(at, hintRemove, "there is nothing below %s", address)
	}
	list, problem := removeFromList(list, address, rest[0], at)
	if problem == nil {
		target.Set(reflect.ValueOf(list))
	}
	return address, problem
}

// removeFromList removes one text from a list, by its position or by itself.
func removeFromList(list []string, address string, st step, at place) ([]string, *Problem) {
	switch {
	case st.isIndex && st.index < len(list):
		return slices.Delete(slices.Clone(list), st.index, st.index+1), nil
	case st.isIndex:
		return nil, missing(at, "element", fmt.Sprintf("%s[%d]", address, st.index), nil)
	case slices.Contains(list, st.name):
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == st.name }), nil
	}
	return nil, missing(at, "element", address+Key(st.name), nil)
}

func removeText(task *api.Task, name string, target reflect.Value, address string, rest []step, at place) (string, *Problem) {
	switch {
	case len(rest) == 0:
		if target.Len() == 0 {
			return "", missing(at, "block", address, nil)
		}
		target.SetZero()
		return address, nil
	case len(rest) > 1 || rest[0].isIndex:
		return "", wrong(at, hintRemove, "%s has keys, and nothing below them", address)
	}
	key := rest[0].name
	k := reflect.ValueOf(key)
	if target.Len() > 0 && target.MapIndex(k).IsValid() {
		target.SetMapIndex(k, reflect.Value{})
		if target.Len() == 0 {
			target.SetZero()
		}
		return address + Key(key), nil
	}
	if task != nil && name == "env" && dropEnvLine(task, key) {
		return address + Key(key), nil
	}
	known := sortedKeys(target)
	if task != nil && name == "env" {
		known = append(known, templatedEnv(task)...)
	}
	return "", missing(at, address, key, known)
}

func removeLoose(target reflect.Value, address string, rest []step, at place) (string, *Problem) {
	switch {
	case len(rest) == 0 && target.Len() == 0:
		return "", missing(at, "block", address, nil)
	case len(rest) == 0:
		target.SetZero()
		return address, nil
	case len(rest) > 1 || !rest[0].isIndex:
		return "", wrong(at, fmt.Sprintf("write %s[0] for the first, or %s for all of them", address, address), "%s blocks have no names", address)
	case rest[0].index >= target.Len():
		return "", missing(at, "block", fmt.Sprintf("%s[%d]", address, rest[0].index), nil)
	}
	deleteIndex(target, rest[0].index)
	return fmt.Sprintf("%s[%d]", address, rest[0].index), nil
}

// deleteIndex removes one element of a list; the list of none is nil.
func deleteIndex(list reflect.Value, i int) {
	out := reflect.MakeSlice(list.Type(), 0, list.Len())
	for j := range list.Len() {
		if j != i {
			out = reflect.Append(out, list.Index(j))
		}
	}
	if out.Len() == 0 {
		out = reflect.Zero(list.Type())
	}
	list.Set(out)
}

func (m *merger) removeKeyed(f *field, target reflect.Value, address string, rest []step, at place) (string, *Problem) {
	if len(rest) == 0 {
		if f.elem == groupType || f.elem == taskType {
			return "", wrong(at, "write "+address+".NAME", "say which %s is to be removed", f.name)
		}
		if target.Len() == 0 {
			return "", missing(at, "block", address, nil)
		}
		target.SetZero()
		return address, nil
	}
	if rest[0].isIndex {
		return "", wrong(at, "write "+address+".NAME", "%s blocks have names", address)
	}
	key := rest[0].name
	address += Key(key)
	if target.Kind() == reflect.Map {
		e := reflect.Value{}
		if target.Len() > 0 {
			e = target.MapIndex(reflect.ValueOf(key))
		}
		switch {
		case !e.IsValid():
			return "", missing(at, f.name, key, sortedKeys(target))
		case len(rest) == 1:
			target.SetMapIndex(reflect.ValueOf(key), reflect.Value{})
			if target.Len() == 0 {
				target.SetZero()
			}
			return address, nil
		}
		return m.removeAt(reflect.Indirect(e), address, rest[1:], at)
	}
	var known []string
	for i := range target.Len() {
		e := reflect.Indirect(target.Index(i))
		if !e.IsValid() {
			continue
		}
		if keyOf(e) != key {
			known = append(known, keyOf(e))
			continue
		}
		if len(rest) == 1 {
			deleteIndex(target, i)
			return address, nil
		}
		return m.removeAt(e, address, rest[1:], at)
	}
	return "", missing(at, f.name, key, known)
}

// removeOption removes from a driver's config, in place.
func removeOption(config map[string]any, address string, steps []step, at place) (string, *Problem) {
	st, rest := steps[0], steps[1:]
	if st.isIndex {
		return "", wrong(at, hintRemove, "%s has keys", address)
	}
	value, there := config[st.name]
	if !there {
		return "", missing(at, address, st.name, slices.Collect(maps.Keys(config)))
	}
	address += Key(st.name)
	if len(rest) == 0 {
		delete(config, st.name)
		return address, nil
	}
	if known := optionShapes[st.name]; known.shape == optBlocks {
		return removeOptionBlock(config, st.name, address, rest, at)
	}
	if list, ok := tidyOption(value).([]string); ok && len(rest) == 1 {
		list, problem := removeFromList(list, address, rest[0], at)
		if problem == nil {
			config[st.name] = list
		}
		return address, problem
	}
	inner := maps.Clone(asMap(value))
	if inner == nil {
		return "", wrong(at, hintRemove, "there is nothing below %s", address)
	}
	address, problem := removeOption(inner, address, rest, at)
	switch {
	case problem != nil:
	case len(inner) == 0:
		delete(config, st.name)
	default:
		config[st.name] = []map[string]any{inner}
	}
	return address, problem
}

func removeOptionBlock(config map[string]any, option, address string, rest []step, at place) (string, *Problem) {
	if len(rest) > 1 || rest[0].isIndex {
		return "", wrong(at, `write `+address+`["KEY"]`, "%s is removed as a whole, by its %s", address, optionShapes[option].key)
	}
	list := asMaps(config[option])
	kept := slices.DeleteFunc(slices.Clone(list), func(m map[string]any) bool { return blockKey(option, m) == rest[0].name })
	if len(kept) == len(list) {
		var known []string
		for _, m := range list {
			known = append(known, blockKey(option, m))
		}
		return "", missing(at, option, rest[0].name, known)
	}
	config[option] = kept
	if len(kept) == 0 {
		delete(config, option)
	}
	return address + Key(rest[0].name), nil
}
