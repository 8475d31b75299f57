package control

import (
	"testing"

	"github.com/dentropy/dcloud/catalog"
)

func TestNoAppIsPlacedOnThePortsOfTheFrontDoor(t *testing.T) {
	s := storeOf(t, bigCatalog(t, 1), nomadNode("pi1", nil))
	s.Pool.HTTPPort, s.Pool.HTTPSPort = 8080, 443
	for port, free := range map[int]bool{8080: false, 8081: true} {
		entry := &catalog.App{Name: "x", Services: []catalog.Service{{Name: "web", Ports: []catalog.Port{{Name: "p", Port: 80, Host: port}}}}}
		nodes, fits := s.fitsOf(entry)
		if (len(fits) == 1) != free {
			t.Errorf("port %d: it fits %v: %+v", port, fits, nodes)
		}
	}
}
