package export

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/nomad/api"
)

// printer collects the lines. Their layout is hclwrite's.
type printer struct{ text bytes.Buffer }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

// structure writes the fields of a block, then the blocks in it. skip tells fields
// that are written elsewhere, by their Go names.
func (p *printer) structure(v reflect.Value, skip func(string) bool) error {
	type tagged struct {
		name  string
		value reflect.Value
		field reflect.StructField
	}
	var blocks []tagged
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		name, kind, _ := strings.Cut(sf.Tag.Get("hcl"), ",")
		if name == "" || kind == "label" || skip != nil && skip(sf.Name) {
			continue
		}
		if f := v.Field(i); kind == "block" || f.Type() == mapOfTexts {
			blocks = append(blocks, tagged{name, f, sf})
			continue
		}
		if err := p.attribute(name, v.Field(i), kind == ""); err != nil {
			return err
		}
	}
	for _, b := range blocks {
		if err := p.blocks(b.name, b.value, b.field, v); err != nil {
			return err
		}
	}
	if t, ok := v.Addr().Interface().(*api.Task); ok && t.Identity != nil {
		// Nomad's parser puts the block without a name here (nomad/jobspec2/parse_job.go).
		return p.block("identity", "", reflect.ValueOf(t.Identity).Elem())
	}
	return nil
}

var (
	mapOfTexts = reflect.TypeFor[map[string]string]()
	mapOfLists = reflect.TypeFor[map[string][]string]()
	anything   = reflect.TypeFor[map[string]any]()
	duration   = reflect.TypeFor[time.Duration]()
)

// takesMaps are the structs whose env and meta Nomad also reads as maps.
var takesMaps = map[reflect.Type]bool{
	reflect.TypeFor[api.Job](): true, reflect.TypeFor[api.TaskGroup](): true, reflect.TypeFor[api.Task](): true,
}

// attribute writes one field, unless it is not set.
func (p *printer) attribute(name string, v reflect.Value, required bool) error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	} else if !required && (v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0) {
		return nil
	}
	if v.Kind() == reflect.String && name == "data" {
		p.line("%s = %s", name, longText(v.String()))
		return nil
	}
	text, err := scalar(v)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	p.line("%s = %s", name, text)
	return nil
}

// scalar is the expression of a number, text, truth, duration, or list of these.
func scalar(v reflect.Value) (string, error) {
	if v.Type() == duration {
		return quote(time.Duration(v.Int()).String()), nil
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String()), nil
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprint(v.Interface()), nil
	case reflect.Slice:
		list := make([]string, v.Len())
		for i := range list {
			s, err := scalar(v.Index(i))
			if err != nil {
				return "", err
			}
			list[i] = s
		}
		return "[" + strings.Join(list, ", ") + "]", nil
	}
	return "", fmt.Errorf("HCL has no words for %s", v.Type())
}

// blocks writes a field that holds blocks: one, many, or a map.
func (p *printer) blocks(name string, v reflect.Value, field reflect.StructField, parent reflect.Value) error {
	if v.Kind() != reflect.Struct && (v.IsZero() || v.Kind() != reflect.Pointer && v.Len() == 0) {
		return nil
	}
	switch {
	case v.Type() == mapOfTexts:
		return p.texts(name, v, takesMaps[parent.Type()])
	case v.Type() == mapOfLists:
		return p.texts(name, v, false)
	case v.Type() == anything:
		p.line("%s {", name)
		if err := p.options(v.Interface().(map[string]any)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		p.line("}")
		return nil
	case field.Name == "ScalingPolicies" || field.Name == "ReservedPorts":
		if field.Name == "ReservedPorts" {
			name = "port"
			break
		}
		return fmt.Errorf("%s of a task cannot be written", name)
	}
	switch v.Kind() {
	case reflect.Pointer:
		return p.block(name, labelOf(v.Elem()), v.Elem())
	case reflect.Slice:
		for i := range v.Len() {
			e := reflect.Indirect(v.Index(i))
			if !e.IsValid() {
				continue
			}
			if err := p.block(name, labelOf(e), e); err != nil {
				return err
			}
		}
		return nil
	case reflect.Map:
		keys := make([]string, 0, v.Len())
		for it := v.MapRange(); it.Next(); {
			keys = append(keys, it.Key().String())
		}
		slices.Sort(keys)
		for _, k := range keys {
			e := reflect.Indirect(v.MapIndex(reflect.ValueOf(k)))
			if !e.IsValid() {
				continue
			}
			if err := p.block(name, " "+quote(k), e); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("%s: HCL has no words for %s", name, v.Type())
}

func (p *printer) block(name, label string, v reflect.Value) error {
	p.line("%s%s {", name, label)
	if !v.CanAddr() {
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		v = c
	}
	err := p.structure(v, func(f string) bool {
		// "=" is what a constraint compares by unless it says otherwise.
		return f == "Operand" && v.FieldByName(f).String() == "="
	})
	if err != nil {
		return fmt.Errorf("%s%s: %w", name, label, err)
	}
	p.line("}")
	return nil
}

// labelOf is the label of a block, with a space before it, "" if it has none.
func labelOf(v reflect.Value) string {
	for i := range v.NumField() {
		if _, kind, _ := strings.Cut(v.Type().Field(i).Tag.Get("hcl"), ","); kind == "label" {
			if f := reflect.Indirect(v.Field(i)); f.IsValid() {
				return " " + quote(f.String())
			}
		}
	}
	return ""
}

// texts writes a map of texts, as a block where its keys are names. Others only a
// map can hold, which Nomad takes in a few places.
func (p *printer) texts(name string, v reflect.Value, mayBeMap bool) error {
	keys := make([]string, 0, v.Len())
	plain := true
	for it := v.MapRange(); it.Next(); {
		keys = append(keys, it.Key().String())
		plain = plain && hclsyntax.ValidIdentifier(it.Key().String())
	}
	slices.Sort(keys)
	if !plain && !mayBeMap {
		return fmt.Errorf("%s: HCL cannot write keys there that are no names", name)
	}
	if plain {
		p.line("%s {", name)
	} else {
		p.line("%s = {", name)
	}
	for _, k := range keys {
		value, err := scalar(v.MapIndex(reflect.ValueOf(k)))
		if err != nil {
			return err
		}
		if !plain {
			k = quote(k)
		}
		p.line("%s = %s", k, value)
	}
	p.line("}")
	return nil
}

// options writes a driver's config. Nomad's parser makes a list of one of each block
// and of each map in braces, which is how generated jobs hold them.
func (p *printer) options(m map[string]any) error {
	keys := slices.Sorted(maps.Keys(m))
	for _, k := range keys {
		if _, blocks := mapsIn(m[k]); m[k] == nil || blocks {
			continue
		}
		text, err := anyValue(m[k])
		if err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
		if !hclsyntax.ValidIdentifier(k) {
			return fmt.Errorf("%q cannot be the name of an option", k)
		}
		p.line("%s = %s", k, text)
	}
	for _, k := range keys {
		list, ok := mapsIn(m[k])
		if !ok {
			continue
		}
		if !hclsyntax.ValidIdentifier(k) {
			return fmt.Errorf("%q cannot be the name of an option", k)
		}
		if err := p.optionBlocks(k, list); err != nil {
			return fmt.Errorf("%s: %w", k, err)
		}
	}
	return nil
}

func (p *printer) optionBlocks(name string, list []map[string]any) error {
	names := true
	for _, m := range list {
		for k := range m {
			names = names && hclsyntax.ValidIdentifier(k)
		}
	}
	if !names {
		if len(list) > 1 {
			texts := make([]string, len(list))
			for i, m := range list {
				text, err := anyValue(m)
				if err != nil {
					return err
				}
				texts[i] = text
			}
			p.line("%s = [%s]", name, strings.Join(texts, ", "))
			return nil
		}
		text, err := mapText(list[0])
		if err != nil {
			return err
		}
		p.line("%s = %s", name, text)
		return nil
	}
	for _, m := range list {
		p.line("%s {", name)
		if err := p.options(m); err != nil {
			return err
		}
		p.line("}")
	}
	return nil
}
