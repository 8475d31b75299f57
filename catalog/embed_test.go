package catalog

import "testing"

func TestEveryEntryThatComesWithTheBinaryIsFreeOfErrors(t *testing.T) {
	c, problems := Embedded()
	if err := problems.Err(); err != nil {
		t.Fatalf("the embedded catalog has errors:\n%v", err)
	}
	for _, name := range []string{"whoami", "welcome", "miniflux"} {
		if _, ok := c.Get(name); !ok {
			t.Errorf("the embedded catalog has no %s", name)
		}
	}
}
