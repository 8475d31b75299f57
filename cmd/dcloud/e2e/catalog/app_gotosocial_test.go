package catalog

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// GoToSocial: a server of the federated social network.
var _ = add(app{
	entry: "gotosocial", images: []string{"gotosocial"},
	use: func(t *testing.T, a running) {
		p := signInAtGoToSocial(t, a)
		p.api(http.MethodPost, "/api/v1/statuses", map[string]string{"status": "The sage is in bloom.", "visibility": "public"}, nil)
		federates(t, a)
	},
	again: func(t *testing.T, a running) {
		p := signInAtGoToSocial(t, a)
		var me struct{ ID, Username string }
		p.api(http.MethodGet, "/api/v1/accounts/verify_credentials", nil, &me)
		var posts []struct{ Content string }
		p.api(http.MethodGet, "/api/v1/accounts/"+me.ID+"/statuses", nil, &posts)
		if len(posts) != 1 || !strings.Contains(posts[0].Content, "The sage is in bloom.") {
			t.Errorf("what was written is gone: %+v", posts)
		}
		federates(t, a)
	},
})

// signInAtGoToSocial does what an app on a phone does: it makes itself known, sends the
// person to sign in and to agree, and takes the code that comes back for a token.
func signInAtGoToSocial(t *testing.T, a running) *person {
	const here = "urn:ietf:wg:oauth:2.0:oob"
	p := visit(t, a)
	p.Header.Set("Accept", "application/json")
	var known struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	p.api(http.MethodPost, "/api/v1/apps", map[string]string{"client_name": "test", "redirect_uris": here, "scopes": "read write"}, &known)
	p.Header.Set("Accept", "text/html")
	p.follow("/oauth/authorize?" + url.Values{"response_type": {"code"}, "client_id": {known.ID}, "redirect_uri": {here}, "scope": {"read write"}}.Encode())
	if in := p.submit("/auth/sign_in", url.Values{"username": {"me@" + a.host}, "password": {a.secrets["owner_password"]}}); in.status != http.StatusFound {
		t.Fatalf("signing in is answered with %d: %.300s", in.status, in.body)
	}
	p.get("/oauth/authorize")
	agreed := p.submit("/oauth/authorize", nil)
	code, err := url.Parse(agreed.header.Get("Location"))
	if err != nil || code.Query().Get("code") == "" {
		t.Fatalf("agreeing is answered with %d to %q (%v): %.300s", agreed.status, agreed.header.Get("Location"), err, agreed.body)
	}
	p.Header.Set("Accept", "application/json")
	var in struct {
		Token string `json:"access_token"`
	}
	p.api(http.MethodPost, "/oauth/token", map[string]string{
		"grant_type": "authorization_code", "code": code.Query().Get("code"), "client_id": known.ID, "client_secret": known.Secret, "redirect_uri": here,
	}, &in)
	p.Header.Set("Authorization", "Bearer "+in.Token)
	return p
}

// federates asks as another server does that looks for the account.
func federates(t *testing.T, a running) {
	var found struct{ Subject string }
	p := visit(t, a)
	p.api(http.MethodGet, "/.well-known/webfinger?resource=acct:me@"+a.host, nil, &found)
	if found.Subject != "acct:me@"+a.host {
		t.Errorf("other servers find %+v", found)
	}
}
