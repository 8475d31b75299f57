package api

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestNamesBelowLocalhostLeadToThisMachine(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, _, _ := net.SplitHostPort(r.Host); name != "panel.dcloud.localhost" {
			t.Errorf("asked for %s", r.Host)
		}
		w.Write([]byte("[]"))
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	c, err := Dial("http://panel.dcloud.localhost:"+port, "token")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Apps(t.Context()); err != nil {
		t.Error(err)
	}
}
