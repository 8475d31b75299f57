package control

import (
	"slices"
	"testing"

	"github.com/dentropy/dcloud/agent/pool"
)

func TestWherePeopleSaidThatAServerIsMetOutlivesItsRestart(t *testing.T) {
	self := pool.Member{ID: "a", Name: "attic", Role: pool.RoleServer, Endpoints: []string{"192.168.1.2:51820"}}
	n, _ := selfRecord(&roster{}, self, someDay)
	n.Outside = []string{"home.example.org:51820"}
	n.Endpoints = metAt(n.Outside, self)
	r := &roster{nodes: []*nodeRecord{n}}
	self.Endpoints = []string{"192.168.1.3:51820"} // another lease
	got, fits := selfRecord(r, self, someDay)
	want := []string{"home.example.org:51820", "192.168.1.3:51820"}
	if fits || !slices.Equal(got.Endpoints, want) {
		t.Errorf("it is met at %v, %v expected", got.Endpoints, want)
	}
	if again, fits := selfRecord(&roster{nodes: []*nodeRecord{got}}, self, someDay); !fits {
		t.Errorf("it is not as it should be: %v", again)
	}
}
