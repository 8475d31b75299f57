package store

import (
	"encoding/base64"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/dentropy/dcloud/catalog"
)

// What names of secrets say of where they come from. Whether a name asks for a
// secret at all, catalog says (AsksForSecret, LooksSecret).
var (
	// foreign are secrets that come from elsewhere: making one up would be of no use.
	foreign = regexp.MustCompile(`SMTP|MAIL|OPENAI|ANTHROPIC|GOOGLE|GEMINI|MISTRAL|GROQ|DEEPSEEK|OPENROUTER|AZURE|AWS|S3|R2_|CLIENT_SECRET|OAUTH|OIDC|GITHUB|GITLAB|DISCORD|SLACK|TELEGRAM|TWILIO|STRIPE|CLOUDFLARE|CF_|TUNNEL|LICENSE|RECAPTCHA|CAPTCHA|LDAP|SENDGRID|MAILGUN|RESEND|NOTION|UNSPLASH|TMDB|PLEX_CLAIM|_API_KEY$|^API_KEY$|APIKEY|BOT_TOKEN|ACCESS_TOKEN|VAPID|DSN|WEBHOOK|NEWT|NETBIRD|TAILSCALE|TS_AUTHKEY|SETUP_KEY|RUNNER|REGISTRATION_TOKEN|APP_PASSWORD$|EMAIL_PASS|IMAP|BARK|PUSHOVER|NTFY|FIREBASE|SENTRY|POSTHOG|MAPBOX|GIPHY|HUGGING|HF_|COHERE|TAVILY|SERP|BRAVE|EXA_|FIRECRAWL|JDOWNLOADER`)
	// fromElsewhere are the clearest of them: whatever their default, it is of no use.
	fromElsewhere = regexp.MustCompile(`SMTP|MAILER|OPENAI|ANTHROPIC|GEMINI|OAUTH|OIDC|CLIENT_SECRET|GITHUB|TELEGRAM|STRIPE|LDAP|BOT_TOKEN|CAPTCHA|TURNSTILE`)
	// made are those that any random text does for.
	made     = regexp.MustCompile(`(^|_)(SECRET_?KEY(_BASE)?|JWT(_SECRET|_KEY)?|ENCRYPTION_?KEY|APP_?KEY|APP_SECRET|SALT|PEPPER|SESSION_?(SECRET|KEY)|COOKIE_?(SECRET|KEY)|AUTH_SECRET|NEXTAUTH_SECRET|KEY_BASE|SIGNING_?KEY|MASTER_?KEY|(DB|DATABASE|POSTGRES|PG|POSTGRESQL|MYSQL|MARIADB|MONGO|MONGODB|REDIS|RABBITMQ|MINIO|CLICKHOUSE|ROOT|ADMIN|INIT|INITIAL|MYSQL_ROOT)_?([A-Z]+_)?(PASSWORD|PASS|PASSWD))$|^(SECRET|PASSWORD)$`)
	switches = regexp.MustCompile(`(?i)^(true|false|yes|no|on|off|none|null|enabled?|disabled?|auto|default|optional|required|[0-9]{1,3}|[0-9]+(s|m|h|d|min|days?|hours?))$`)
)

// isSwitch tells a value that is no secret, whatever its name.
func isSwitch(value string) bool { return switches.MatchString(strings.TrimSpace(value)) }

func isForeign(name string) bool { return foreign.MatchString(name) }
func isMade(name string) bool    { return made.MatchString(name) && !isForeign(name) }

// isPlaceholder tells a value that says "put yours here", or nothing at all, from one
// that works as it is and may be replaced by a secret.
func isPlaceholder(value string) bool {
	v := strings.ToLower(value)
	for _, word := range []string{"your", "sk-", "here", "xxx", "<", "replace"} {
		if strings.Contains(v, word) {
			return true
		}
	}
	return strings.TrimSpace(value) == ""
}

var (
	hexText    = regexp.MustCompile(`^[0-9a-f]{16,}$`)
	uuidText   = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	base64Text = regexp.MustCompile(`^[A-Za-z0-9+/]{16,}={0,2}$`)
)

// secretLike is the secret that stands where a value stood: of its form, if that
// is one which programs insist on.
func (im *importer) secretLike(key, name, value string) *secret {
	if s := im.secrets[key]; s != nil {
		return s
	}
	s := &secret{name: im.valueName(name), title: titleOf(name), length: 32}
	if rest, ok := strings.CutPrefix(value, "base64:"); ok { // as Laravel writes its key
		s.before, value = "base64:", rest
	}
	raw, err := base64.StdEncoding.DecodeString(value)
	switch {
	case uuidText.MatchString(value):
		s.charset, s.length = "uuid", 0
	case hexText.MatchString(value) && len(value)%2 == 0:
		s.charset, s.length, s.bytes = "hex", 0, len(value)/2
	case base64Text.MatchString(value) && err == nil && len(raw) >= 16 && (strings.ContainsAny(value, "+/=") || s.before != ""):
		s.charset, s.length, s.bytes = "base64", 0, len(raw)
	case len(value) > 32 && len(value) <= 256 && !strings.Contains(value, " "):
		s.length = len(value)
	}
	if s.before != "" && s.bytes == 0 {
		s.charset, s.length, s.bytes = "base64", 0, 32
	}
	im.secrets[key] = s
	im.app.secrets = append(im.app.secrets, s)
	return s
}

// secretFor is the secret in place of a literal. The same literal is the same
// secret wherever it stands, since two services share it.
func (im *importer) secretFor(name, value string) *secret {
	if s := im.secrets["value "+value]; s != nil {
		return s
	}
	return im.secretLike("value "+value, settingName(name), value)
}

var (
	// inAddress is a password in a URL. Names that are expressions are not in it.
	inAddress = regexp.MustCompile(`(://[^:/@\s"'${}]*:)([^@/\s"'${}<>\[\]]+)(@)`)
	// inWords is a password in a list of words: "host=db password=x".
	inWords = regexp.MustCompile(`(?i)((?:^|[\s;?&,])(?:password|passwd|pwd)=)([^\s;&"'${},]+)()`)
	// inLine is a line of a file that gives a name a value: a = b, "a": "b".
	inLine = regexp.MustCompile(`(?m)^([\s{\[,*-]*(?:export\s+|set\s+|define\(\s*|\$)?["']?)([A-Za-z_][A-Za-z0-9_.-]*)(["']?\]?\s*(?:=>|:=|=|:|,)\s*["']?)([^"'\n#]+?)(["']?[,;)\]}]*[ \t]*)$`)
	// inFlag is an argument with its value.
	inFlag = regexp.MustCompile(`((?:^|\s)--?)([A-Za-z][A-Za-z0-9_.-]*)((?:=|\s+)["']?)([^\s"'=;|&$][^\s"';|&]*)(["']?)`)
)

// hideNamed replaces, in the literals of a text, the values that stand under a
// name which asks for a secret.
func (im *importer) hideNamed(service, where string, t text, pattern *regexp.Regexp) text {
	return t.each(func(s string) text {
		var out text
		last := 0
		for _, m := range pattern.FindAllStringSubmatchIndex(s, -1) {
			name, value := s[m[4]:m[5]], s[m[8]:m[9]]
			if trimmed := strings.TrimSpace(value); strings.HasPrefix(trimmed, "-") && pattern == inFlag || !catalog.LooksSecret(name, trimmed) {
				continue
			}
			im.note(Changed, service, "the secret "+short(name)+" in "+where, "everybody who has the manifest knows it: it is made at the install")
			out = join(out, literal(s[last:m[8]]), im.secretFor(name, strings.TrimSpace(value)).use())
			last = m[9]
		}
		return join(out, literal(s[last:]))
	})
}

// hide replaces what a pattern finds in the literals of a text.
func (im *importer) hide(service, where string, t text, pattern *regexp.Regexp, name string, encode bool) text {
	return t.each(func(s string) text {
		var out text
		for {
			m := pattern.FindStringSubmatchIndex(s)
			if m == nil {
				return join(out, literal(s))
			}
			value := s[m[4]:m[5]]
			if isSwitch(value) && !encode || value == "" {
				out, s = join(out, literal(s[:m[5]])), s[m[5]:]
				continue
			}
			use := im.secretFor(name, value).use()
			if encode {
				for i := range use {
					if use[i].hidden {
						use[i].ref = "urlencode(" + use[i].ref + ")"
					}
				}
			}
			im.note(Changed, service, "the password in "+where, "everybody who has the manifest knows it: it is a secret that is made at the install")
			out, s = join(out, literal(s[:m[4]]), use), s[m[5]:]
		}
	})
}

// encodeInAddresses writes a secret in a URL so that any of its characters may
// stand there.
func encodeInAddresses(t text) text {
	for i := 1; i+1 < len(t); i++ {
		before, after := t[i-1], t[i+1]
		if t[i].hidden && !strings.HasPrefix(t[i].ref, "urlencode(") && before.ref == "" && after.ref == "" &&
			strings.HasPrefix(after.lit, "@") && inUserInfo.MatchString(before.lit) {
			t[i].ref = "urlencode(" + t[i].ref + ")"
		}
	}
	return t
}

var inUserInfo = regexp.MustCompile(`(://[^/@\s]*|^[^/@\s]*):$`)

// lonelySecrets warns of passwords that only a database was told: who signs in
// there has them built in, or takes them from where the manifest does not say.
func (im *importer) lonelySecrets() {
	for _, key := range slices.Sorted(maps.Keys(im.secrets)) {
		sec := im.secrets[key]
		if !strings.HasPrefix(key, "value ") || !sec.used || len(im.app.services) < 2 {
			continue
		}
		var users []*service
		for _, s := range im.app.services {
			here := false
			s.texts(func(t text) text {
				here = here || slices.ContainsFunc(t, func(p piece) bool { return strings.Contains(p.ref, "secret."+sec.name) })
				return t
			})
			if here {
				users = append(users, s)
			}
		}
		if len(users) == 1 && users[0].is(inside...) && !strings.Contains(strings.ToUpper(sec.name), "ROOT") {
			im.note(Risky, users[0].name, "secret "+sec.name, "no other service is told of it: one that signs in there may have the old password built in, and would be turned away")
		}
	}
}
