package control

import (
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dentropy/dcloud/agent"
)

// soundSettings checks a change and brings it into the form in which it is kept.
func soundSettings(c agent.SettingsChange) (agent.SettingsChange, error) {
	if c.Name != nil {
		name := strings.Join(strings.Fields(*c.Name), " ")
		if err := checkCloudName(name); err != nil {
			return c, err
		}
		c.Name = &name
	}
	if c.Accent != nil && !slices.Contains(agent.Accents(), *c.Accent) {
		return c, agent.Errorf(agent.CodeInvalid, "there is no colour called %q", clip(*c.Accent, 40)).
			WithHint("choose one of: %s", strings.Join(agent.Accents(), ", "))
	}
	if c.Domain != nil {
		domain := strings.ToLower(strings.TrimSuffix(strings.TrimSpace(*c.Domain), "."))
		if err := checkDomain(domain); err != nil {
			return c, err
		}
		c.Domain = &domain
	}
	if c.Notify != nil {
		n, err := soundNotify(*c.Notify)
		if err != nil {
			return c, err
		}
		c.Notify = &n
	}
	return c, nil
}

func checkCloudName(name string) error {
	if n := utf8.RuneCountInString(name); n == 0 || n > 60 || !utf8.ValidString(name) {
		return agent.Errorf(agent.CodeInvalid, "a cloud's name has 1 to 60 characters").WithHint("call it something like: Ada's cloud")
	}
	if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return agent.Errorf(agent.CodeInvalid, "the name has a character in it that cannot be seen").WithHint("type it anew")
	}
	return nil
}

var domainLabel = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkDomain says whether apps can have names beneath a domain.
func checkDomain(domain string) error {
	refuse := func(format string, args ...any) error {
		return agent.Errorf(agent.CodeInvalid, format, args...).WithHint("use a name of your own such as cloud.example.org")
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return refuse("%s is an address; apps need names of their own beneath a domain", domain)
	}
	labels := strings.Split(domain, ".")
	for _, l := range labels {
		if !domainLabel.MatchString(l) {
			if strings.ContainsFunc(l, func(r rune) bool { return r > unicode.MaxASCII }) {
				return refuse("the domain %q is not in ASCII: give the form that begins with xn--", clip(domain, 80))
			}
			return refuse("%q is no domain name: its part %q is not made of a-z, 0-9 and inner hyphens, at most 63", clip(domain, 80), clip(l, 80))
		}
	}
	if len(labels) < 2 {
		return refuse("the domain %q has only one part; certificates and cookies need two", domain)
	}
	if _, err := strconv.Atoi(labels[len(labels)-1]); err == nil {
		return refuse("%q is no domain name: its last part is a number", clip(domain, 80))
	}
	// RFC 1035 allows 253; an app's own label with its dot comes before it.
	if len(domain) > 253-64 {
		return refuse("the domain has %d characters; 189 leave room for an app's name", len(domain))
	}
	return nil
}

// soundNotify checks where failures are to be told.
func soundNotify(n agent.Notify) (agent.Notify, error) {
	n.Webhook, n.Ntfy, n.Email, n.SMTP = strings.TrimSpace(n.Webhook), strings.TrimSpace(n.Ntfy), strings.TrimSpace(n.Email), strings.TrimSpace(n.SMTP)
	for _, to := range [][2]string{{"webhook", n.Webhook}, {"ntfy topic", n.Ntfy}} {
		what, address := to[0], to[1]
		if address == "" {
			continue
		}
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || len(address) > 1000 {
			return n, agent.Errorf(agent.CodeInvalid, "%q cannot be the address of a %s", clip(address, 80), what).
				WithHint("it begins with https:// or http:// and names a host")
		}
		if what == "ntfy topic" && strings.Trim(u.Path, "/") == "" {
			return n, agent.Errorf(agent.CodeInvalid, "the address %q names no topic", clip(address, 80)).
				WithHint("add it at the end, as in https://ntfy.sh/a-name-that-nobody-guesses")
		}
	}
	if n.Email == "" && n.SMTP == "" && n.SMTPPassword == "" {
		return n, nil
	}
	if n.SMTP == "" {
		return n, agent.Errorf(agent.CodeInvalid, "mail needs a server to go through").
			WithHint("give it as smtp://USER@HOST:587 or smtps://USER@HOST:465")
	}
	if err := checkSMTP(n.SMTP); err != nil {
		return n, err
	}
	a, err := mail.ParseAddress(n.Email)
	if err != nil || a.Address != n.Email && a.String() != n.Email || len(n.Email) > 254 {
		return n, agent.Errorf(agent.CodeInvalid, "%q is no address that mail could go to", clip(n.Email, 80)).
			WithHint("it looks like ada@example.org")
	}
	n.Email = a.Address
	if len(n.SMTPPassword) > 500 {
		return n, agent.Errorf(agent.CodeInvalid, "the password has %d characters; at most 500 are taken", len(n.SMTPPassword)).WithHint("is it the right one?")
	}
	return n, nil
}

// checkSMTP says whether mail can go through an address. A password in it would lie
// open in the settings.
func checkSMTP(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || len(address) > 500 || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return agent.Errorf(agent.CodeInvalid, "that cannot be the address of a mail server").
			WithHint("give it as smtp://USER@HOST:587 or smtps://USER@HOST:465")
	}
	if _, has := u.User.Password(); has {
		return agent.Errorf(agent.CodeInvalid, "the mail server's password does not belong in its address").
			WithHint("give it apart from the address: there it is kept as a secret")
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 {
			return agent.Errorf(agent.CodeInvalid, "the mail server's port %q is none", clip(p, 20)).WithHint("mail servers listen on 587 (smtp) or 465 (smtps)")
		}
	}
	return nil
}
