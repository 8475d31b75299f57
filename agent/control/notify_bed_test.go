package control

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

// webhook listens for activities.
func webhook(t *testing.T) (address string, told <-chan agent.Activity) {
	c := make(chan agent.Activity, 64)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var a agent.Activity
		if err := json.NewDecoder(r.Body).Decode(&a); err != nil {
			t.Errorf("a webhook got something else than an activity: %v", err)
		}
		c <- a
	}))
	t.Cleanup(s.Close)
	return s.URL, c
}
