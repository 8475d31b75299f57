package catalog

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// WordPress: PHP, with MariaDB.
var _ = add(app{
	entry: "wordpress", images: []string{"wordpress", "mariadb"},
	use: func(t *testing.T, a running) {
		p := visit(t, a)
		p.submit("/wp-admin/install.php?step=2", url.Values{
			"weblog_title": {"Garden of Ada"}, "user_name": {"ada"}, "admin_password": {"not-so-secret-1815"}, "admin_password2": {"not-so-secret-1815"},
			"pw_weak": {"on"}, "admin_email": {"ada@example.org"}, "blog_public": {"0"},
		})
		signInAtWordPress(t, a)
	},
	again: func(t *testing.T, a running) {
		if home := visit(t, a).get("/"); !strings.Contains(home, "Garden of Ada") {
			t.Errorf("the site has lost its name: %.300s", home)
		}
		signInAtWordPress(t, a)
	},
})

func signInAtWordPress(t *testing.T, a running) {
	p := visit(t, a)
	p.get("/wp-login.php")
	in := p.submit("/wp-login.php", url.Values{"log": {"ada"}, "pwd": {"not-so-secret-1815"}, "testcookie": {"1"}, "redirect_to": {a.url + "/wp-admin/"}})
	if in.status != http.StatusFound {
		t.Fatalf("signing in is answered with %d", in.status)
	}
	// Not the dashboard: that asks wordpress.org for news, which the lab cannot reach.
	if page := p.get("/"); !strings.Contains(page, "wp-admin-bar-my-account") {
		t.Errorf("the site knows nobody: %.300s", page)
	}
}
