package join

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
)

func TestAnAddressWithoutAWayHidesNoStrangers(t *testing.T) {
	noWay := fmt.Errorf("dial: %w", syscall.ENETUNREACH)
	for _, c := range []struct {
		errs      []error
		strangers bool
	}{
		{[]error{errForeign, errNoCloud}, true},
		{[]error{errForeign, noWay}, true},
		{[]error{noWay}, false},
		{[]error{errForeign, errors.New("timeout")}, false},
		{nil, false},
	} {
		if got := allStrangers(c.errs); got != c.strangers {
			t.Errorf("%v: %v, want %v", c.errs, got, c.strangers)
		}
	}
}
