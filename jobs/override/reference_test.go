package override

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// Whoever is refused a field finds it in the reference.
func TestTheReferenceNamesWhatIsNotAllowed(t *testing.T) {
	page, err := os.ReadFile("../../docs/overrides-reference.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(string(page), func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}) {
		words[w] = true
	}
	name := map[string]string{}
	seen := map[reflect.Type]bool{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for _, f := range structureOf(typ).fields {
			name[typ.Name()+"."+f.goName] = f.name
			if f.elem != nil && !seen[f.elem] {
				seen[f.elem] = true
				walk(f.elem)
			}
		}
	}
	walk(jobType)
	for key, r := range rules {
		option, isDocker := strings.CutPrefix(key, "docker.")
		if !isDocker {
			option = name[key]
		}
		if (r.class != allowed || r.check != nil) && !words[option] {
			t.Errorf("the reference does not name %s (%s)", option, key)
		}
	}
}
