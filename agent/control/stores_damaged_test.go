package control

import (
	"fmt"
	"testing"

	consul "github.com/hashicorp/consul/api"
)

func TestARecordOfAStoreWithImpossibleNumbersIsDamaged(t *testing.T) {
	for numbers, damaged := range map[string]bool{
		`"size": 10, "pieces": 1`: false, `"size": -1, "pieces": 1`: true, `"size": 1099511627776, "pieces": 1`: true,
		`"size": 1, "pieces": -1`: true, `"size": 1, "pieces": 100000`: true,
	} {
		r, err := decodeStore(&consul.KVPair{Key: prefixStores + "x", Value: fmt.Appendf(nil, `{"name": "x", "generation": "1-a", %s}`, numbers)})
		if (err != nil) != damaged || damaged && r.Size != 0 {
			t.Errorf("%s: %+v, %v", numbers, r, err)
		}
	}
}
