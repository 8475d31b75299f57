package engine

import (
	"os"
	"testing"
)

func TestOnlyUnchangedPagesOfFilesAreLetGo(t *testing.T) {
	for line, want := range map[string]bool{
		"00400000-0bd2e000 r-xp 00000000 fe:00 1234 /var/cache/dcloud/nomad": true,
		"0bd2e000-0bd2f000 r--p 0b92e000 fe:00 1234 /var/cache/dcloud/nomad": true,
		"0bd2f000-0be00000 rw-p 0b92f000 fe:00 1234 /var/cache/dcloud/nomad": false,
		"c000000000-c000400000 rw-p 00000000 00:00 0":                        false,
		"7ffd0000-7ffd1000 r-xp 00000000 00:00 0 [vdso]":                     false,
		"2-1 r-xp 0 fe:00 1 /x": false,
		"zz r-xp 0 fe:00 1 /x":  false,
		"":                      false,
	} {
		if start, length, ok := programPages(line); ok != want || ok && (start == 0 || length <= 0) {
			t.Errorf("%q: %x, %d, %v", line, start, length, ok)
		}
	}
}

func TestAProcessGoesOnAfterItWasSlimmed(t *testing.T) {
	if n, err := slim(os.Getpid()); err != nil {
		t.Logf("this kernel cannot: %v", err)
	} else if n == 0 {
		t.Error("nothing was looked at, though a test's program is larger than a MiB")
	}
}
