package web

import "testing"

func TestWhoMovesSignsInAtTheSamePortOfTheNewName(t *testing.T) {
	for _, c := range []struct{ origin, before, domain, want string }{
		{"https://panel.ada.xyz", "ada.xyz", "ada.org", "https://panel.ada.org/sign-in"},
		{"http://panel.dcloud.localhost:8080", "dcloud.localhost", "ada.org", "http://panel.ada.org:8080/sign-in"},
		{"https://cloud.ada.xyz", "ada.xyz", "ada.org", "https://cloud.ada.org/sign-in"},
		{"http://127.0.0.1:8080", "ada.xyz", "ada.org", "http://panel.ada.org:8080/sign-in"},
		{"http://localhost", "", "ada.org", "http://panel.ada.org/sign-in"},
	} {
		if got := movedTo(c.origin, c.before, c.domain); got != c.want {
			t.Errorf("from %s under %q to %s: %s, want %s", c.origin, c.before, c.domain, got, c.want)
		}
	}
}
