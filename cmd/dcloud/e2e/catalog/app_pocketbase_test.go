package catalog

import (
	"net/http"
	"testing"
)

// PocketBase: a program in Go with SQLite in it.
var _ = add(app{
	entry: "pocketbase", images: []string{"pocketbase"}, set: map[string]string{"admin_email": "ada@example.org"},
	use: func(t *testing.T, a running) {
		p := signInAtPocketBase(t, a)
		p.api(http.MethodPost, "/api/collections", map[string]any{
			"name": "plants", "type": "base", "listRule": "", "fields": []map[string]string{{"name": "title", "type": "text"}},
		}, nil)
		p.api(http.MethodPost, "/api/collections/plants/records", map[string]string{"title": "Sage"}, nil)
	},
	again: func(t *testing.T, a running) {
		var list struct{ Items []struct{ Title string } }
		visit(t, a).api(http.MethodGet, "/api/collections/plants/records", nil, &list)
		if len(list.Items) != 1 || list.Items[0].Title != "Sage" {
			t.Errorf("the record is gone: %+v", list)
		}
		signInAtPocketBase(t, a)
	},
})

func signInAtPocketBase(t *testing.T, a running) *person {
	p := visit(t, a)
	var in struct{ Token string }
	p.api(http.MethodPost, "/api/collections/_superusers/auth-with-password",
		map[string]string{"identity": "ada@example.org", "password": a.secrets["admin_password"]}, &in)
	p.Header.Set("Authorization", in.Token)
	return p
}
