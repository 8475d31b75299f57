package override

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// attributesInOrder are the fields of a block as they stand in the text.
func attributesInOrder(b *hclsyntax.Body) []*hclsyntax.Attribute {
	list := make([]*hclsyntax.Attribute, 0, len(b.Attributes))
	for _, a := range b.Attributes {
		list = append(list, a)
	}
	slices.SortFunc(list, func(x, y *hclsyntax.Attribute) int {
		return cmp.Compare(x.SrcRange.Start.Byte, y.SrcRange.Start.Byte)
	})
	return list
}

// sortedKeys are the keys of a map whose keys are texts.
func sortedKeys(m reflect.Value) []string {
	keys := make([]string, 0, m.Len())
	for it := m.MapRange(); it.Next(); {
		keys = append(keys, it.Key().String())
	}
	slices.Sort(keys)
	return keys
}

func isText(v cty.Value) bool { return v.IsWhollyKnown() && !v.IsNull() && v.Type() == cty.String }

// join puts a field behind the address of its block.
func join(address, name string) string {
	if address == "" {
		return name
	}
	return address + "." + name
}
