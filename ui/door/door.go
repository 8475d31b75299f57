// Package door is how people come in: the first run, invitations, signing in, and
// proving once more who they are.
//
// It depends on ui/web and on the words in agent. Start reading at Routes.
package door

import (
	"embed"
	"net/http"

	"github.com/dentropy/dcloud/agent"
	"github.com/dentropy/dcloud/ui/web"
)

//go:embed pages/*.html
var files embed.FS

var pages = web.MustParse(web.Within(files, "pages"))

// Routes are the pages of this package.
func Routes() []web.Route {
	get, post := http.MethodGet, http.MethodPost
	return []web.Route{
		{Method: get, Path: "/welcome", Action: web.Open, Handle: welcome},
		{Method: get, Path: "/welcome/:key", Action: web.Open, Handle: keepKey("/welcome")},
		{Method: post, Path: "/welcome", Action: web.Open, Handle: begin},
		{Method: get, Path: "/join", Action: web.Open, Handle: join},
		{Method: get, Path: "/join/:key", Action: web.Open, Handle: keepKey("/join")},
		{Method: post, Path: "/join", Action: web.Open, Handle: takeUp},
		{Method: post, Path: "/strength", Action: web.Open, Handle: strength},

		{Method: get, Path: "/sign-in", Action: web.Open, Handle: signIn},
		{Method: post, Path: "/sign-in", Action: web.Open, Handle: withPassword},
		{Method: get, Path: "/sign-in/code", Action: web.Open, Handle: code},
		{Method: post, Path: "/sign-in/code", Action: web.Open, Handle: withCode},
		{Method: post, Path: "/sign-in/passkey", Action: web.Open, Handle: passkeyBegin},
		{Method: post, Path: "/sign-in/passkey/finish", Action: web.Open, Handle: passkeyFinish},
		{Method: post, Path: "/sign-out", Action: web.Open, Handle: signOut},

		{Method: get, Path: "/sudo", Action: agent.ActOwnAccount, Handle: sudo},
		{Method: post, Path: "/sudo", Action: agent.ActOwnAccount, Handle: prove},
		{Method: post, Path: "/sudo/passkey", Action: agent.ActOwnAccount, Handle: sudoBegin},
		{Method: post, Path: "/sudo/passkey/finish", Action: agent.ActOwnAccount, Handle: sudoFinish},
	}
}
