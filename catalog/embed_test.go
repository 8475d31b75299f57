package catalog

import "testing"

func TestEveryEntryThatComesWithTheBinaryIsFreeOfProblems(t *testing.T) {
	c, problems := Embedded()
	if len(problems) > 0 {
		t.Fatalf("the embedded catalog has problems:\n%v", problems)
	}
	for _, name := range []string{"whoami", "welcome", "miniflux"} {
		if _, ok := c.Get(name); !ok {
			t.Errorf("the embedded catalog has no %s", name)
		}
	}
}
