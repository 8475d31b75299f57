package app

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/dentropy/dcloud/agent"
)

func TestAPasswordThatIsGivenStaysUntilAnotherIsTypedOrItIsTakenAway(t *testing.T) {
	b := newBed(t)
	b.config = agent.Config{Name: "wiki", Settings: []agent.ConfigSetting{
		{Name: "smtp_password", Title: "Mail password", Type: "password", Given: true, Value: "hunter2"},
		{Name: "key", Title: "A key", Type: "password"}, {Name: "must", Title: "Needed", Type: "password", Given: true, Required: true}}}
	page := b.page("admin", "/apps/wiki/settings")
	b.holds(page, `type="password"`, `autocomplete="new-password"`, "Leave this empty to keep it", "Take it away: Mail password", `name="none-smtp_password"`)
	b.lacks(page, "hunter2", `name="none-key"`, `name="none-must"`)
	for _, c := range []struct {
		form url.Values
		want map[string]string
	}{
		{url.Values{"set-smtp_password": {""}, "set-key": {""}, "set-must": {""}}, nil},
		{url.Values{"set-smtp_password": {"hunter3"}, "set-key": {""}}, map[string]string{"smtp_password": "hunter3"}},
		{url.Values{"set-smtp_password": {"hunter3"}, "none-smtp_password": {"true"}}, map[string]string{"smtp_password": "hunter3"}},
		{url.Values{"set-smtp_password": {""}, "none-smtp_password": {"true"}}, map[string]string{"smtp_password": agent.Unset}},
		{url.Values{"none-smtp_password": {"false"}}, nil},
	} {
		b.set = nil
		status, _, _ := b.do("admin", http.MethodPost, "/apps/wiki/settings", c.form)
		if status != http.StatusSeeOther || fmt.Sprint(b.set) != fmt.Sprint(c.want) {
			t.Errorf("%v: %d, set %q, want %q", c.form, status, b.set, c.want)
		}
	}
}

func TestARefusedPasswordIsAskedForAgainAndNotSentBack(t *testing.T) {
	b := newBed(t)
	b.config = agent.Config{Settings: []agent.ConfigSetting{{Name: "base_url", Title: "Address", Type: "url"}, {Name: "pw", Title: "Password", Type: "password"}}}
	b.refuse = agent.Errorf(agent.CodeInvalid, "a setting is not right: base_url: must be a URL")
	status, page, _ := b.do("admin", http.MethodPost, "/apps/wiki/settings", url.Values{"set-base_url": {"x"}, "set-pw": {"hunter3"}})
	if status != http.StatusUnprocessableEntity {
		t.Errorf("status is %d", status)
	}
	b.holds(page, "Type it once more", `value="x"`)
	b.lacks(page, "hunter3")
}
