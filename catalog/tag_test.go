package catalog

import (
	"strings"
	"testing"
)

func TestATagTellsWhetherItMoves(t *testing.T) {
	for _, tag := range strings.Fields(`latest stable edge nightly main master release develop dev beta rolling lts latest-alpine stable-slim
		alpine fpm-alpine omnibus release-openvino bookworm lts-alpine apache`) {
		if word, bare := Moves(tag); word == "" || bare {
			t.Errorf("%s: %q, %v", tag, word, bare)
		}
	}
	for _, tag := range strings.Fields(`17 v3 8-fpm 17-alpine 8-jdk 11-bookworm v12-slim`) {
		if word, bare := Moves(tag); word == "" || !bare {
			t.Errorf("%s: %q, %v", tag, word, bare)
		}
	}
	for _, tag := range strings.Fields(`17.2 17.2-alpine v1.2.3 2024.11 2024-11-01 1.2.3-beta v2.0.0-beta.1 20241122 4521 RELEASE.2024-11-07T00-52-20Z
		version-1.0 3.4.2-lts ubuntu-22.04 1_2 b0df8c2d1 sha-b0df8c2 10.11.4ubu2204-ls12 release-1.4 r2024`) {
		if word, bare := Moves(tag); word != "" || bare {
			t.Errorf("%s: %q, %v", tag, word, bare)
		}
	}
}
