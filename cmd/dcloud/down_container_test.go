package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/docker/docker/client"
)

// removingDocker answers as Docker does while a container is being removed, and once it is gone.
func removingDocker(t *testing.T, wait func(w http.ResponseWriter)) *client.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, `{"message":"removal of container c1 is already in progress"}`)
		case strings.HasSuffix(r.URL.Path, "/containers/c1/wait") && r.URL.Query().Get("condition") == "removed":
			wait(w)
		default:
			t.Errorf("%s %s", r.Method, r.URL)
		}
	}))
	t.Cleanup(server.Close)
	c, err := client.NewClientWithOpts(client.WithHost("tcp://"+server.Listener.Addr().String()), client.WithVersion("1.41"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestARemovalThatIsUnderWayIsWaitedFor(t *testing.T) {
	for name, wait := range map[string]func(w http.ResponseWriter){
		"it ends":      func(w http.ResponseWriter) { fmt.Fprint(w, `{"StatusCode":0}`) },
		"it has ended": func(w http.ResponseWriter) { http.Error(w, `{"message":"No such container: c1"}`, http.StatusNotFound) },
	} {
		t.Run(name, func(t *testing.T) {
			if err := removeContainer(t.Context(), removingDocker(t, wait), "c1"); err != nil {
				t.Error(err)
			}
		})
	}
	broken := removingDocker(t, func(w http.ResponseWriter) {
		http.Error(w, `{"message":"driver overlay2 failed"}`, http.StatusInternalServerError)
	})
	if err := removeContainer(t.Context(), broken, "c1"); err == nil || !strings.Contains(err.Error(), "overlay2") {
		t.Errorf("a removal that failed: %v", err)
	}
}
