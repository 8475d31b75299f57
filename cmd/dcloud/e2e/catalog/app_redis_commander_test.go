package catalog

import (
	"net/http"
	"net/url"
	"testing"
)

// Redis Commander: a program in Node.js, with Redis.
var _ = add(app{
	entry: "redis-commander", images: []string{"redis-commander", "redis"},
	use: func(t *testing.T, a running) {
		p := signInAtRedisCommander(t, a)
		saved := p.submit("/apiv1/key/R:127.0.0.1:6379:0/garden", url.Values{"keyType": {"string"}, "stringValue": {"Sage"}})
		if saved.status != http.StatusOK {
			t.Errorf("saving a key is answered with %d: %s", saved.status, saved.body)
		}
	},
	again: func(t *testing.T, a running) {
		var key struct{ Value string }
		if signInAtRedisCommander(t, a).api(http.MethodGet, "/apiv1/key/R:127.0.0.1:6379:0/garden", nil, &key); key.Value != "Sage" {
			t.Errorf("the key is gone: %+v", key)
		}
	},
})

func signInAtRedisCommander(t *testing.T, a running) *person {
	p := visit(t, a)
	var in struct {
		OK          bool
		BearerToken string
	}
	p.api(http.MethodPost, "/signin", map[string]string{"username": "admin", "password": "wrong"}, &in)
	if in.OK {
		t.Fatal("a wrong password signs in")
	}
	p.api(http.MethodPost, "/signin", map[string]string{"username": "admin", "password": a.secrets["password"]}, &in)
	if !in.OK {
		t.Fatal("the password does not sign in")
	}
	p.Header.Set("Authorization", "Bearer "+in.BearerToken)
	return p
}
