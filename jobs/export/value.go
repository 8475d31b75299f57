package export

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// reference is a text that names one thing which Nomad fills in, such as
// ${attr.cpu.arch}. Nomad's parser leaves it as it is, so it needs no escape. (It does
// so to more, but not to all: what follows a reference may be doubled.)
var reference = regexp.MustCompile(`^\$\{(attr|meta|node|env|device)(\.[A-Za-z0-9_-]+)+\}$|^\$\{NOMAD_[A-Za-z0-9_]+\}$`)

// quote is a text in quotes that HCL reads back as it is.
func quote(s string) string {
	if reference.MatchString(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			if i > 0 && s[i-1] == byte(r) {
				fmt.Fprintf(&b, `\u%04x`, r) // "$$${" would be read as something else
			} else {
				b.WriteRune(r)
				b.WriteRune(r)
			}
		case r > 0xffff && !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// endOfText ends a long text.
const endOfText = "EOT"

// longText is a text over several lines, where it can be written so; it is much
// easier to read.
func longText(s string) string {
	if !strings.Contains(s, "\n") || !utf8.ValidString(s) {
		return quote(s)
	}
	for _, r := range s {
		if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
			return quote(s)
		}
	}
	for _, bad := range []string{"$${", "%%{"} { // cannot be told from the escape
		if strings.Contains(s, bad) {
			return quote(s)
		}
	}
	for line := range strings.SplitSeq(s, "\n") {
		if strings.TrimSpace(line) == endOfText {
			return quote(s)
		}
	}
	body := strings.NewReplacer("${", "$${", "%{", "%%{").Replace(s)
	if strings.HasSuffix(s, "\n") {
		return "<<" + endOfText + "\n" + body + endOfText
	}
	return "chomp(<<" + endOfText + "\n" + body + "\n" + endOfText + "\n)"
}

// anyValue is the expression of a value in a driver's config.
func anyValue(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return quote(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return "", fmt.Errorf("%v is no number in HCL", v)
		}
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	case map[string]any:
		text, err := mapText(v)
		return "(" + text + ")", err // in parentheses it stays a map, and becomes no list
	case nil:
		return "null", nil
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Slice:
		list := make([]string, rv.Len())
		for i := range list {
			s, err := anyValue(rv.Index(i).Interface())
			if err != nil {
				return "", err
			}
			list[i] = s
		}
		return "[" + strings.Join(list, ", ") + "]", nil
	case reflect.Map:
		m := map[string]any{}
		for it := rv.MapRange(); it.Next(); {
			m[it.Key().String()] = it.Value().Interface()
		}
		return anyValue(m)
	}
	return scalar(rv)
}

func mapText(m map[string]any) (string, error) {
	var b strings.Builder
	b.WriteString("{\n")
	for _, k := range slices.Sorted(maps.Keys(m)) {
		text, err := anyValue(m[k])
		if err != nil {
			return "", err
		}
		b.WriteString(quote(k) + " = " + text + "\n")
	}
	b.WriteString("}")
	return b.String(), nil
}

// mapsIn reads a value that is a list of maps, and of nothing else.
func mapsIn(v any) ([]map[string]any, bool) {
	switch v := v.(type) {
	case []map[string]any:
		return v, len(v) > 0
	case []any:
		var list []map[string]any
		for _, e := range v {
			m, ok := e.(map[string]any)
			if !ok {
				return nil, false
			}
			list = append(list, m)
		}
		return list, len(list) > 0
	}
	return nil, false
}
