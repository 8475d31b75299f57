package diff

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// valueOf is a leaf of a value that is no block.
func valueOf(v reflect.Value, name string) *place {
	p := &place{kind: leaf, value: written(v)}
	if v.Kind() == reflect.String && strings.Contains(v.String(), "\n") {
		p.kind, p.value = text, v.String()
	}
	switch v.Kind() {
	case reflect.String:
		p.secret = secretIn(name, v.String())
	case reflect.Slice:
		for k := range v.Len() {
			if e := inner(v.Index(k)); e.Kind() == reflect.String && p.secret == "" {
				p.secret = secretArgument(e.String())
			}
		}
	}
	return p
}

// mapOf is the block of a map: of env and meta, of a driver's config and what is nested
// in it. Values of nil are not there.
func mapOf(v reflect.Value) *place {
	p := &place{}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	for _, k := range keys {
		key, e := fmt.Sprint(k), v.MapIndex(k)
		for e.Kind() == reflect.Interface || e.Kind() == reflect.Pointer {
			if e.IsNil() {
				break
			}
			e = e.Elem()
		}
		switch {
		case (e.Kind() == reflect.Interface || e.Kind() == reflect.Pointer) && e.IsNil():
		case e.Kind() == reflect.Struct:
			p.put(key, whole(e))
		case e.Kind() == reflect.Map:
			p.put(key, mapOf(e))
		case isMaps(e) && e.Len() == 1:
			p.put(key, mapOf(inner(e.Index(0)))) // how a block in a driver's config is kept
		case isMaps(e):
			l := &place{kind: list}
			for k := range e.Len() {
				b := mapOf(inner(e.Index(k)))
				l.list = append(l.list, &place{kind: leaf, value: line(b), secret: b.hidden()})
			}
			p.put(key, l)
		default:
			p.put(key, valueOf(e, key))
		}
	}
	return p
}

// isMaps tells whether a value is a list of nothing but maps.
func isMaps(v reflect.Value) bool {
	if v.Kind() != reflect.Slice || v.Len() == 0 {
		return false
	}
	for k := range v.Len() {
		if inner(v.Index(k)).Kind() != reflect.Map {
			return false
		}
	}
	return true
}

func inner(v reflect.Value) reflect.Value {
	for (v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer) && !v.IsNil() {
		v = v.Elem()
	}
	return v
}

// written is a value as Nomad's language writes it. Numbers of the same size are
// written alike whatever type they came in: what JSON was read from has no integers.
func written(v reflect.Value) string {
	v = inner(v)
	if !v.IsValid() {
		return "null"
	}
	if d, ok := v.Interface().(time.Duration); ok {
		return quote(duration(d))
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String())
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(v.Uint(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.Slice, reflect.Array:
		var parts []string
		for k := range v.Len() {
			parts = append(parts, written(v.Index(k)))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		return "{ " + line(mapOf(v)) + " }"
	case reflect.Interface, reflect.Pointer:
		return "null"
	case reflect.Struct:
		return "{ " + line(structOf(v)) + " }"
	}
	return fmt.Sprint(v)
}

// quote is a string in quotes. Nomad's own references, ${…}, stay readable.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default: // nothing that a terminal would obey
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	b.WriteByte('"')
	return b.String()
}

// duration is 90s as 1m30s, and 60s as 1m rather than 1m0s.
func duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// line is a block in one line: attribute = "x", value = "y".
func line(p *place) string {
	var parts []string
	for _, key := range p.order {
		c := p.parts[key]
		shown := key
		if !plain.MatchString(key) {
			shown = quote(key)
		}
		switch c.kind {
		case leaf:
			parts = append(parts, shown+" = "+c.value)
		case text:
			parts = append(parts, shown+" = "+quote(c.value))
		case list:
			for _, e := range c.list {
				parts = append(parts, shown+" { "+e.value+" }")
			}
		default:
			parts = append(parts, shown+" { "+line(c)+" }")
		}
	}
	return strings.Join(parts, ", ")
}
