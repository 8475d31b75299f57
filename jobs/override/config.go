package override

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// optionShape is how an option of Docker's driver merges.
type optionShape int

const (
	optValue  optionShape = iota // replaced
	optMap                       // a map of texts: merged key by key
	optBlock                     // a block that stands once: merged field by field
	optBlocks                    // blocks with a name among their fields: replaced by name
)

// optionShapes are the options that are not simply replaced
// (nomad/drivers/docker/config.go, taskConfigSpec).
var optionShapes = map[string]struct {
	shape optionShape
	key   string // the field that tells blocks apart
	inner string // a field of the block that is a map itself
}{
	"auth":         {shape: optBlock},
	"devices":      {shape: optBlocks, key: "container_path"},
	"healthchecks": {shape: optBlock},
	"labels":       {shape: optMap},
	"logging":      {shape: optBlock, inner: "config"},
	"mount":        {shape: optBlocks, key: "target"},
	"port_map":     {shape: optMap},
	"storage_opt":  {shape: optMap},
	"sysctl":       {shape: optMap},
	"ulimit":       {shape: optMap},
}

// config reads the config block of a task. Nomad gives a block as a list of maps,
// and a map as a list of one.
func (r *reader) config(b *hclsyntax.Block, config map[string]any, docker bool, path []part, addr string) {
	type spot struct {
		key string
		at  place
		all []place
	}
	spots := map[string]*spot{}
	var order []*spot
	note := func(key string, at place) {
		if spots[key] == nil {
			spots[key] = &spot{key: key, at: at}
			order = append(order, spots[key])
		}
		spots[key].all = append(spots[key].all, at)
	}
	for _, a := range attributesInOrder(b.Body) {
		note(a.Name, placeOf(a.NameRange))
	}
	for _, child := range b.Body.Blocks {
		note(child.Type, placeOf(child.DefRange()))
	}
	put := func(at place, value any, option ...string) {
		value = tidyOption(value)
		address := addr
		for _, o := range option {
			address += Key(o)
		}
		r.writes = append(r.writes, write{kind: setOption, path: path, option: option, value: reflect.ValueOf(&value).Elem(), address: address, at: at})
	}
	for _, s := range order {
		value, there := config[s.key]
		if !there || value == nil {
			continue // null is as if it were not written
		}
		known := optionShapes[s.key]
		if docker && known.shape != optValue && asMaps(value) == nil {
			r.fail(s.at, fmt.Sprintf("write %s { … }", s.key), "%s is a block of fields", s.key)
			continue
		}
		switch {
		case !docker || known.shape == optValue:
			put(s.at, value, s.key)
		case known.shape == optBlocks:
			for i, m := range asMaps(value) {
				put(s.all[min(i, len(s.all)-1)], m, s.key, blockKey(s.key, m))
			}
		default:
			m := asMap(value)
			for _, k := range slices.Sorted(maps.Keys(m)) {
				if inner := asMap(m[k]); known.inner == k && inner != nil {
					for _, k2 := range slices.Sorted(maps.Keys(inner)) {
						put(s.at, inner[k2], s.key, k, k2)
					}
					continue
				}
				put(s.at, m[k], s.key, k)
			}
		}
	}
}

// blockKey is the name of one of several blocks of an option.
func blockKey(option string, m map[string]any) string {
	name, _ := m[optionShapes[option].key].(string)
	if option == "devices" && name == "" {
		name, _ = m["host_path"].(string)
	}
	return name
}

// putOption sets one option in a config, and gives the config back.
func putOption(config map[string]any, option []string, value any) map[string]any {
	if config == nil {
		config = map[string]any{}
	}
	key := option[0]
	known := optionShapes[key]
	if len(option) == 1 {
		config[key] = value
		return config
	}
	if known.shape == optBlocks {
		list := slices.Clone(asMaps(config[key]))
		m, _ := value.(map[string]any)
		if i := slices.IndexFunc(list, func(old map[string]any) bool { return blockKey(key, old) == option[1] }); i >= 0 {
			list[i] = m
		} else {
			list = append(list, m)
		}
		config[key] = list
		return config
	}
	config[key] = []map[string]any{putOption(maps.Clone(asMap(config[key])), option[1:], value)}
	return config
}

// asMap reads an option that is one map: a map, or a list of one.
func asMap(v any) map[string]any {
	switch v := v.(type) {
	case map[string]any:
		return v
	case map[string]string:
		m := make(map[string]any, len(v))
		for k, s := range v {
			m[k] = s
		}
		return m
	}
	list := asMaps(v)
	if list == nil {
		return nil
	}
	m := map[string]any{}
	for _, one := range list {
		maps.Copy(m, one)
	}
	return m
}

// asMaps reads an option that is a list of maps.
func asMaps(v any) []map[string]any {
	var list []map[string]any
	switch v := v.(type) {
	case []map[string]any:
		list = v
	case []map[string]string:
		for _, m := range v {
			list = append(list, asMap(m))
		}
	case []any:
		for _, e := range v {
			switch e.(type) {
			case map[string]any, map[string]string:
				list = append(list, asMap(e))
			default:
				return nil
			}
		}
	case map[string]any:
		list = []map[string]any{v}
	}
	return list
}

// tidyOption gives what came as JSON the types that a generated job has: whole
// numbers are ints, and a list of texts is []string.
func tidyOption(v any) any {
	switch v := v.(type) {
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int(v)
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = tidyOption(e)
		}
		return out
	case []any:
		return tidyList(v)
	}
	return v
}

func tidyList(list []any) any {
	texts := make([]string, 0, len(list))
	maps := make([]map[string]any, 0, len(list))
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = tidyOption(e)
		if s, ok := e.(string); ok {
			texts = append(texts, s)
		}
		if m, ok := out[i].(map[string]any); ok {
			maps = append(maps, m)
		}
	}
	switch {
	case len(texts) == len(list):
		return texts
	case len(maps) == len(list):
		return maps
	}
	return out
}
