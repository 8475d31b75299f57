package control

import (
	"net/url"
	"strings"
	"testing"

	consul "github.com/hashicorp/consul/api"

	"github.com/dentropy/dcloud/agent"
)

func TestANewCloudHasANameAndAColour(t *testing.T) {
	got := settingsRecord{}.told("d")
	if got.Name != "Your cloud" || got.Accent != agent.Accents()[0] || got.Domain != "d" || got.Notify != (agent.Notify{}) {
		t.Errorf("%+v", got)
	}
	got = settingsRecord{Name: "Ada's", Accent: "mauve", Notify: agent.Notify{SMTPPassword: "p", HasPassword: true}}.told("d")
	if got.Name != "Ada's" || got.Accent != agent.Accents()[0] || got.Notify.SMTPPassword != "" || !got.Notify.HasPassword {
		t.Errorf("%+v", got)
	}
}

func TestSettingsThatMakeNoSenseAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	p := func(s string) *string { return &s }
	mail := func(change func(*agent.Notify)) *agent.Notify {
		n := agent.Notify{Email: "ada@example.org", SMTP: "smtp://ada@mail.example.org:587"}
		change(&n)
		return &n
	}
	for words, c := range map[string]agent.SettingsChange{
		"1 to 60 characters":    {Name: p("  ")},
		"has 1 to 60":           {Name: p(strings.Repeat("x", 61))},
		"cannot be seen":        {Name: p("a\u202eb")},
		"no colour called":      {Accent: p("mauve")},
		"only one part":         {Domain: p("cloud")},
		"is an address":         {Domain: p("192.0.2.1")},
		"its part \"\"":         {Domain: p("a..example.org")},
		"not in ASCII":          {Domain: p("bücher.example")},
		"last part is a number": {Domain: p("example.123")},
		"is no domain name":     {Domain: p("x`) || Host(`evil.org")},
		"189 leave room":        {Domain: p(strings.Repeat("abcdefghi.", 20) + "org")},
		"a webhook":             {Notify: &agent.Notify{Webhook: "ftp://example.org"}},
		"address of a webhook":  {Notify: &agent.Notify{Webhook: "https://"}},
		"a ntfy topic":          {Notify: &agent.Notify{Ntfy: "ntfy.sh/x"}},
		"names no topic":        {Notify: &agent.Notify{Ntfy: "https://ntfy.sh/"}},
		"needs a server":        {Notify: &agent.Notify{Email: "ada@example.org"}},
		"mail could go to":      {Notify: mail(func(n *agent.Notify) { n.Email = "ada" })},
		"no address that mail":  {Notify: mail(func(n *agent.Notify) { n.Email = "a@b.org, c@d.org" })},
		"of a mail server":      {Notify: mail(func(n *agent.Notify) { n.SMTP = "https://mail.example.org" })},
		"does not belong":       {Notify: mail(func(n *agent.Notify) { n.SMTP = "smtp://ada:hunter2@mail.example.org" })},
		"port \"0\" is none":    {Notify: mail(func(n *agent.Notify) { n.SMTP = "smtp://mail.example.org:0" })},
		"at most 500":           {Notify: mail(func(n *agent.Notify) { n.SMTPPassword = strings.Repeat("x", 501) })},
	} {
		_, err := soundSettings(c)
		e := agent.AsError(err)
		if e == nil || e.Code != agent.CodeInvalid || e.Hint == "" || !strings.Contains(e.Message, words) || strings.Contains(e.Message, "hunter2") {
			t.Errorf("%s: %+v", words, e)
		}
	}
	got, err := soundSettings(agent.SettingsChange{
		Name: p(" Ada’s   cloud "), Accent: p("rose"), Domain: p("Cloud.Example.ORG."),
		Notify: mail(func(n *agent.Notify) {
			n.Webhook, n.Ntfy, n.SMTPPassword = " https://hooks.example/x ", "https://ntfy.sh/t", " p "
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := agent.Notify{Webhook: "https://hooks.example/x", Ntfy: "https://ntfy.sh/t", Email: "ada@example.org", SMTP: "smtp://ada@mail.example.org:587", SMTPPassword: " p "}
	if *got.Name != "Ada’s cloud" || *got.Domain != "cloud.example.org" || *got.Notify != want {
		t.Errorf("%q %q %+v", *got.Name, *got.Domain, *got.Notify)
	}
}

func TestAChangeOfSettingsSaysWhatItChanged(t *testing.T) {
	p := func(s string) *string { return &s }
	r := settingsRecord{Name: "a", Accent: "blue", Notify: agent.Notify{SMTP: "smtp://h", Email: "e@h", HasPassword: true}}
	same := agent.Notify{SMTP: "smtp://h", Email: "e@h"}
	for want, c := range map[string]agent.SettingsChange{
		"":                        {Name: p("a"), Accent: p("blue"), Notify: &same},
		"name, colour":            {Name: p("b"), Accent: p("rose")},
		"where failures are told": {Notify: &agent.Notify{Webhook: "https://h"}},
	} {
		next, what := changedSettings(r, c)
		if got := strings.Join(what, ", "); got != want || next.Notify.SMTPPassword != "" {
			t.Errorf("%q, want %q", got, want)
		}
	}
	secret := same
	secret.SMTPPassword = "new"
	if next, what := changedSettings(r, agent.SettingsChange{Notify: &secret}); len(what) != 1 || next.Notify.SMTPPassword != "" {
		t.Errorf("a new password alone: %q, %+v", what, next)
	}
}

func TestDamagedSettingsAreThoseOfANewCloudUntilTheNextChange(t *testing.T) {
	r, err := decodeSettings(&consul.KVPair{Value: []byte("{"), ModifyIndex: 7})
	if err == nil || r.index != 7 || r.told("d").Name != defaultName {
		t.Errorf("%+v, %v", r, err)
	}
}

func FuzzWhatIsTakenAsAPlaceToTellFailuresIsOne(f *testing.F) {
	f.Add("https://h/x", "https://ntfy.sh/t", "a@b.org", "smtp://u@h:587")
	f.Add("", "", "", "smtps://[::1]:465")
	f.Fuzz(func(t *testing.T, hook, topic, email, smtp string) {
		n, err := soundNotify(agent.Notify{Webhook: hook, Ntfy: topic, Email: email, SMTP: smtp})
		if err != nil {
			return
		}
		for _, a := range []string{n.Webhook, n.Ntfy, n.SMTP} {
			if u, err := url.Parse(a); a != "" && (err != nil || u.Hostname() == "") {
				t.Errorf("%q: %v", a, err)
			}
		}
		if strings.ContainsAny(n.Email+n.SMTP+n.Webhook+n.Ntfy, "\r\n\x00") {
			t.Errorf("%+v", n)
		}
	})
}

func FuzzWhatPassesAsADomainIsOne(f *testing.F) {
	f.Add("cloud.example.org")
	f.Fuzz(func(t *testing.T, domain string) {
		if checkDomain(domain) == nil && (strings.ContainsAny(domain, " `/\\\"'()\n:") || !strings.Contains(domain, ".") || len(domain) > 189) {
			t.Errorf("%q", domain)
		}
	})
}
