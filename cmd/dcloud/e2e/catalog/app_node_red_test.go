package catalog

import (
	"fmt"
	"net/http"
	"testing"

	. "github.com/dentropy/dcloud/cmd/dcloud/e2e/cloudtest"
)

// Node-RED: a program in Node.js.
var _ = add(app{
	entry: "node-red", images: []string{"node-red"},
	use: func(t *testing.T, a running) {
		p := visit(t, a)
		p.Header.Set("Node-RED-API-Version", "v1")
		p.api(http.MethodPost, "/flows", []map[string]any{
			{"id": "tab1", "type": "tab", "label": "Garden"},
			{"id": "in1", "type": "http in", "z": "tab1", "url": "/sage", "method": "get", "wires": [][]string{{"out1"}}},
			{"id": "out1", "type": "http response", "z": "tab1", "wires": [][]string{}},
		}, nil)
		flows(t, a)
	},
	again: flows,
})

// flows asks the flow that was drawn, which begins a moment after it was sent.
func flows(t *testing.T, a running) {
	Await(t, "the flow answers", HealTime, func() error {
		if out := visit(t, a).do(http.MethodGet, "/sage", "", nil); out.status != http.StatusOK {
			return fmt.Errorf("it answers %d: %s", out.status, Clip(out.body))
		}
		return nil
	})
}
